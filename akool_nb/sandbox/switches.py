"""Everything that can be set on a running sandbox: what nobody knows about the real service, and what can go wrong.

One table serves the constructor's keywords, the live attributes, the panel and the documentation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

UNKNOWN = "unknown about the service"
LIMIT = "lifetimes and limits"
TROUBLE = "trouble on demand"
ACCESS = "who may talk to it"


def _switch(
    default: Any,
    group: str,
    text: str,
    *choices: Any,
    minimum: float = 0.0,
    maximum: float = 1e12,
    or_zero: bool = False,
) -> Any:
    limits = {"minimum": minimum, "maximum": maximum, "or_zero": or_zero}
    return field(default=default, metadata={"group": group, "help": text, "choices": choices, **limits})


@dataclass
class Switches:
    """The sandbox's switches with the values it starts with; times are seconds."""

    token_shape: str = _switch(
        "top", UNKNOWN, "`getToken` answers the token at top level, or inside `data`", "top", "data"
    )
    error_status: str = _switch("200", UNKNOWN, "HTTP status when `code` is not 1000", "200", "4xx")
    single_face_required: bool = _switch(
        False, UNKNOWN, "`/detect` without `single_face` means all faces, or is refused"
    )
    single_face_form: str = _switch(
        "list",
        UNKNOWN,
        "`/detect` with `single_face`: lists as documented, `landmarks_str` as bare string, or all one level flatter",
        "list",
        "string",
        "flat",
    )
    no_face: str = _switch(
        "error", UNKNOWN, "a picture without faces: an error, success with no object, or success with empty lists",
        "error", "empty_object", "empty_lists",
    )  # fmt: skip
    fourth_point: str = _switch(
        "documented", UNKNOWN, "fourth landmark: as each endpoint documents it, or the same on both",
        "documented", "corner", "centre",
    )  # fmt: skip
    info_known: bool = _switch(True, UNKNOWN, "`live/info` answers, or is an unknown path")
    app_id_given: bool = _switch(
        False, UNKNOWN, "`app_id` of `create` is filled, or empty as in the documented example"
    )
    crop_accepted: bool = _switch(True, UNKNOWN, "`create` takes a hosted crop as `path`, or refuses it with 1003")
    several_sources: str = _switch(
        "first", UNKNOWN, "several `sourceImage` entries: the first one is used, or 1003", "first", "refuse"
    )
    metering: str = _switch(
        "create", UNKNOWN, "credits run down from `create`, or from the first frame", "create", "first_frame"
    )
    unknown_session_code: int = _switch(1003, UNKNOWN, "code for an unknown or closed `_id`", 1003, 1014)
    parallel_sessions: int = _switch(0, UNKNOWN, "open sessions an account may have; 0 for any number")
    idle_seconds: float = _switch(0.0, UNKNOWN, "a session nobody joins is ended after this long; 0 for never")
    end_with_token: bool = _switch(True, UNKNOWN, "the session ends with its RTC token, or goes on")
    rate_limit: float = _switch(
        0.0, UNKNOWN, "calls per second before 429 with Retry-After; 0 for no limit", minimum=0.001, or_zero=True
    )

    queue_seconds: float = _switch(0.5, LIMIT, "how long a new session queues (status 1) before it processes (2)")
    session_seconds: float = _switch(3600.0, LIMIT, "life of a session and of its RTC token", minimum=1.0, maximum=4e7)
    token_seconds: float = _switch(400 * 86400.0, LIMIT, "life of an API token", minimum=1.0)
    hosting_days: float = _switch(7.0, LIMIT, "how long a cropped face stays hosted, in days")
    credits_per_second: float = _switch(1 / 3, LIMIT, "what a second of an open session costs, in credits")
    max_image_bytes: int = _switch(10_000_000, LIMIT, "largest picture taken, in bytes", maximum=20_000_000)
    time_speed: float = _switch(
        1.0, LIMIT, "how fast time passes for sessions, credits and hosting", minimum=0.01, maximum=1e6
    )

    latency: float = _switch(0.0, TROUBLE, "each call waits this long before its answer", maximum=600.0)
    jitter: float = _switch(0.0, TROUBLE, "each call waits up to this much longer, at random", maximum=600.0)
    frame_latency: float = _switch(0.0, TROUBLE, "each live frame comes back this much later", maximum=60.0)
    frame_jitter: float = _switch(0.0, TROUBLE, "each live frame comes up to this much later, at random", maximum=60.0)
    frame_loss: float = _switch(0.0, TROUBLE, "share of live frames that get lost, 0 to 1", maximum=1.0)
    after_queue: str = _switch(
        "process", TROUBLE, "a queued session processes (2), stays stuck (1), or fails (4)", "process", "stuck", "fail"
    )

    allow_local_urls: bool = _switch(False, ACCESS, "pictures may be fetched by http and from loopback addresses")
    allow_origins: tuple[str, ...] = _switch(
        (), ACCESS, "web pages beyond loopback that may call, as origins such as https://hub.example.org; `*` for any"
    )

    def update(self, values: Mapping[str, Any]) -> None:
        """Set several switches at once, all or none.

        Raises:
            ValueError: a name that is no switch, or a value it cannot take; the sentence says which are possible.
        """
        checked = {name: check(name, value) for name, value in values.items()}
        for name, value in checked.items():
            setattr(self, name, value)

    def reset(self) -> None:
        """Back to the values the sandbox starts with."""
        for each in fields(self):
            setattr(self, each.name, each.default)

    def to_json(self) -> dict[str, Any]:
        """All switches with their values."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


NAMES = tuple(each.name for each in fields(Switches))
"""The switches' names, in the order of the table."""

GROUPS = (UNKNOWN, LIMIT, TROUBLE, ACCESS)
"""What the switches are about, in the order of the table."""

_FIELDS = {each.name: each for each in fields(Switches)}


def group_of(name: str) -> str:
    """What a switch is about: one of `GROUPS`."""
    return str(_FIELDS[name].metadata["group"])


def help_of(name: str) -> str:
    """What a switch does, in one line."""
    return str(_FIELDS[name].metadata["help"])


def check(name: str, value: Any) -> Any:
    """The value in the switch's own type; ValueError when the switch cannot take it."""
    if name not in _FIELDS:
        raise ValueError(f"{name!r} is no switch of the sandbox. There are: {', '.join(NAMES)}.")
    choices = _FIELDS[name].metadata["choices"]
    if choices and value not in choices:
        raise ValueError(f"{name} takes one of {', '.join(map(repr, choices))}, not {value!r}.")
    return _convert(name, value)


def _convert(name: str, value: Any) -> Any:
    default = _FIELDS[name].default
    if isinstance(default, bool):
        return _expect(name, value, isinstance(value, bool), "True or False")
    if isinstance(default, tuple):
        is_origins = isinstance(value, list | tuple) and all(map(_is_origin, value))
        return tuple(_expect(name, value, is_origins, "a list of origins such as https://hub.example.org, or `*`"))
    if isinstance(default, str):
        return value
    return _number(name, value, type(default))


def _number(name: str, value: Any, kind: type) -> Any:
    limits = _FIELDS[name].metadata
    low, high, or_zero = limits["minimum"], limits["maximum"], limits["or_zero"]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    fits = is_number and (low <= value <= high or (or_zero and value == 0)) and kind(value) == value
    what = "a number" if kind is float else "a whole number"
    return kind(_expect(name, value, fits, f"{what} from {low:g} to {high:g}{', or 0' if or_zero else ''}"))


def _is_origin(value: Any) -> bool:
    """Whether a text has the form of an Origin header, which has a scheme and no path; or is `*`."""
    return isinstance(value, str) and (value == "*" or re.fullmatch(r"https?://[^\s/?#@\\]+", value) is not None)


def _expect(name: str, value: Any, fits: bool, wanted: str) -> Any:
    if not fits:
        raise ValueError(f"{name} takes {wanted}, not {value!r}.")
    return value


def parse(assignment: str) -> tuple[str, Any]:
    """A switch written on the command line: "latency=0.5", "no_face=empty_lists", "info_known=false"."""
    name, _, text = assignment.partition("=")
    default = _FIELDS[name].default if name in _FIELDS else text
    return name, check(name, _read(text, default))


def _read(text: str, default: Any) -> Any:
    if isinstance(default, bool):
        return {"true": True, "false": False}.get(text.lower(), text)
    if isinstance(default, tuple):
        return tuple(filter(None, text.split(",")))
    if isinstance(default, int | float):
        try:
            return float(text) if isinstance(default, float) else int(text)
        except ValueError:
            return text
    return text


def table() -> str:
    """The switches as a Markdown table for the documentation."""
    rows = ["| switch | default | other values | what it does |", "|---|---|---|---|"]
    return "\n".join(rows + [_row(name) for name in NAMES])


def _row(name: str) -> str:
    default, details = _FIELDS[name].default, _FIELDS[name].metadata
    others = ", ".join(f"`{choice!r}`" for choice in details["choices"] if choice != default)
    if isinstance(default, bool):
        others = f"`{not default}`"
    shown = f"{round(default, 3):.10g}" if isinstance(default, float) else repr(default)
    return f"| `{name}` | `{shown}` | {others} | {details['help']} |"
