"""The switches of a sandbox: every point that AKOOL's pages leave open, and every kind of trouble on demand.

`SwitchTable` is the one list of them. `Switches` keeps their values in the sandbox's process; `akool_nb.Sandbox` has
the same attributes and sends each change to that process.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Mapping
from typing import Any, Generic, TypeVar, overload

from traitlets import Bool, Enum, Float, Int, TraitError, TraitType

from akool_nb.terminal import wrapped

UNKNOWN = "unknown about the service"
LIMIT = "lifetimes and limits"
TROUBLE = "trouble on demand"
ACCESS = "allowed callers and addresses"
GROUPS = (UNKNOWN, LIMIT, TROUBLE, ACCESS)

MOST = 1e12
CREDITS = Float(min=0, max=1e9)
"""The credits that an account may have."""

Value = TypeVar("Value")


class Origins(TraitType[tuple[str, ...], Any]):
    """A list of values of the Origin header, which have a scheme and no path; or `*`."""

    info_text = "a list of origins such as https://hub.example.org, or `*`"

    def validate(self, obj: Any, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list | tuple) or not all(map(_is_origin, value)):
            self.error(obj, value)
        return tuple(value)

    def from_string(self, s: str) -> tuple[str, ...]:
        """The origins of a text with commas between them."""
        return tuple(filter(None, s.split(",")))


class Switch(Generic[Value]):
    """One switch as an attribute: its group, its help, and the trait that checks its values."""

    def __init__(self, group: str, trait: TraitType[Value, Any], text: str) -> None:
        self.name = ""
        self.group = group
        self.help = text
        self._trait: Any = trait
        self.default: Value = trait.default_value

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, holder: None, kind: type) -> Switch[Value]: ...
    @overload
    def __get__(self, holder: SwitchTable, kind: type) -> Value: ...
    def __get__(self, holder: SwitchTable | None, kind: type) -> Switch[Value] | Value:
        if holder is None:
            return self
        value: Value = holder._read_switch(self.name)
        return value

    def __set__(self, holder: SwitchTable, value: Value) -> None:
        holder._write_switches({self.name: self.check(value)})

    @property
    def choices(self) -> tuple[Any, ...]:
        """The possible values where these are few."""
        return _choices(self._trait)

    def check(self, value: Any) -> Value:
        """The value in the switch's own type; ValueError with the possible values for any other."""
        checked: Value = check_value(self.name, self._trait, value)
        return checked

    def parse(self, text: str) -> Value:
        """The value that a text on the command line names; ValueError with the possible values for any other."""
        named: dict[str, Value] = {str(choice).lower(): choice for choice in self.choices}
        if text.lower() in named:
            return named[text.lower()]
        try:
            value = self._trait.from_string(text)
        except (ValueError, TraitError):
            value = text
        return self.check(value)


class SwitchTable:
    """Every switch as an attribute; a subclass says where the values are kept. Times are seconds."""

    __slots__ = ()

    token_shape = Switch(
        UNKNOWN, Enum(("top", "data"), "top"), "`getToken` answers the token at top level, or inside `data`"
    )
    error_status = Switch(UNKNOWN, Enum(("200", "4xx"), "200"), "HTTP status when `code` is not 1000")
    legacy_detector = Switch(UNKNOWN, Bool(True), "`/detect` answers, or is an unknown path")
    single_face_required = Switch(
        UNKNOWN, Bool(False), "`/detect` without `single_face` means all faces, or is refused"
    )
    single_face_form = Switch(
        UNKNOWN,
        Enum(("list", "string", "flat"), "list"),
        "`/detect` with `single_face`: lists as documented, `landmarks_str` as bare string, or all one level flatter",
    )
    no_face = Switch(
        UNKNOWN,
        Enum(("error", "empty_object", "empty_lists"), "error"),
        "a picture without faces: an error, success with no object, or success with empty lists",
    )
    fourth_point = Switch(
        UNKNOWN,
        Enum(("documented", "corner", "centre"), "documented"),
        "fourth landmark: as each endpoint documents it, or the same on both",
    )
    landmark_points = Switch(
        UNKNOWN, Enum((4, 5, 6), 4), "points in the texts `landmarks_str` and `crop_landmarks` of `detect_faces`"
    )
    crop_text = Switch(
        UNKNOWN, Enum(("points", "unreadable"), "points"), "`crop_landmarks` holds points, or texts that name none"
    )
    info_known = Switch(UNKNOWN, Bool(True), "`live/info` answers, or is an unknown path")
    app_id_given = Switch(UNKNOWN, Bool(False), "`app_id` of `create` is filled, or empty as in the documented example")
    crop_accepted = Switch(UNKNOWN, Bool(True), "`create` takes a hosted crop as `path`, or refuses it with 1003")
    several_sources = Switch(
        UNKNOWN, Enum(("first", "refuse"), "first"), "several `sourceImage` entries: the first one is used, or 1003"
    )
    metering = Switch(
        UNKNOWN, Enum(("create", "first_frame"), "create"), "credits run down from `create`, or from the first frame"
    )
    pre_charge = Switch(
        UNKNOWN, Bool(False), "`create` holds the credits of a whole session; the end gives back what was not used"
    )
    unknown_session_code = Switch(UNKNOWN, Enum((1003, 1014), 1003), "code for an unknown or closed `_id`")
    parallel_sessions = Switch(
        UNKNOWN, Int(0, min=0, max=10**12), "open sessions an account may have; 0 for any number"
    )
    idle_seconds = Switch(
        UNKNOWN, Float(0.0, min=0, max=MOST), "a session that no user joins is ended after this long; 0 for never"
    )
    end_with_token = Switch(UNKNOWN, Bool(True), "the session ends with its RTC token, or goes on")
    rate_limit = Switch(UNKNOWN, Float(0.0, min=0, max=MOST), "calls per second before code 1005; 0 for no limit")
    rate_limit_status = Switch(
        UNKNOWN, Enum(("429", "200"), "429"), "code 1005 comes as HTTP 429 with Retry-After, or in a 200 answer"
    )

    queue_seconds = Switch(
        LIMIT, Float(0.5, min=0, max=MOST), "how long a new session queues (status 1) before it processes (2)"
    )
    session_seconds = Switch(LIMIT, Float(3600.0, min=1, max=4e7), "life of a session and of its RTC token")
    token_seconds = Switch(LIMIT, Float(400 * 86400.0, min=1, max=MOST), "life of an API token")
    hosting_days = Switch(LIMIT, Float(7.0, min=0, max=MOST), "how long a cropped face stays hosted, in days")
    credits_per_second = Switch(
        LIMIT, Float(1 / 3, min=0, max=MOST), "what a second of an open session costs, in credits"
    )
    max_image_bytes = Switch(LIMIT, Int(10_000_000, min=0, max=20_000_000), "largest picture taken, in bytes")
    time_speed = Switch(LIMIT, Float(1.0, min=0.01, max=1e6), "how fast time passes for sessions, credits and hosting")

    latency = Switch(TROUBLE, Float(0.0, min=0, max=600), "each call waits this long before its answer")
    jitter = Switch(TROUBLE, Float(0.0, min=0, max=600), "each call waits up to this much longer, at random")
    frame_latency = Switch(TROUBLE, Float(0.0, min=0, max=60), "each live frame comes back this much later")
    frame_jitter = Switch(TROUBLE, Float(0.0, min=0, max=60), "each live frame comes up to this much later, at random")
    frame_loss = Switch(TROUBLE, Float(0.0, min=0, max=1), "share of live frames that get lost, 0 to 1")
    after_queue = Switch(
        TROUBLE,
        Enum(("process", "stuck", "fail"), "process"),
        "a queued session processes (2), stays stuck (1), or fails (4)",
    )

    allow_local_urls = Switch(ACCESS, Bool(False), "pictures may be fetched by http and from loopback addresses")
    allow_origins = Switch(
        ACCESS,
        Origins(()),
        "web pages beyond loopback that may call, as origins such as https://hub.example.org; `*` for any",
    )

    def _read_switch(self, name: str) -> Any:
        raise NotImplementedError

    def _write_switches(self, values: dict[str, Any]) -> None:
        raise NotImplementedError


TABLE: dict[str, Switch[Any]] = {name: each for name, each in vars(SwitchTable).items() if isinstance(each, Switch)}
"""Every switch by its name, in the order of the documentation."""

NAMES = tuple(TABLE)


class Switches(SwitchTable):
    """The values of all switches, kept here."""

    def __init__(self) -> None:
        self._values = {name: each.default for name, each in TABLE.items()}

    def update(self, values: Mapping[str, Any]) -> None:
        """Set several switches at once, all or none.

        Raises:
            ValueError: an unknown name, or an impossible value; the message lists what is possible.
        """
        self._write_switches({name: check(name, value) for name, value in values.items()})

    def reset(self) -> None:
        self._values = {name: each.default for name, each in TABLE.items()}

    def to_json(self) -> dict[str, Any]:
        return dict(self._values)

    def _read_switch(self, name: str) -> Any:
        return self._values[name]

    def _write_switches(self, values: dict[str, Any]) -> None:
        self._values.update(values)


def check(name: str, value: Any) -> Any:
    """The value in the switch's own type; ValueError for an unknown name or an impossible value."""
    return _switch(name).check(value)


def parse(assignment: str) -> tuple[str, Any]:
    """A switch as it is written on the command line: "latency=0.5", "no_face=empty_lists", "info_known=false"."""
    name, _, text = assignment.partition("=")
    return name, _switch(name).parse(text)


def check_value(name: str, trait: Any, value: Any) -> Any:
    """The value as its trait takes it; ValueError with the possible values for any other, also for NaN."""
    is_bool = isinstance(value, bool)
    is_finite = not isinstance(value, float) or math.isfinite(value)
    with contextlib.suppress(TraitError):
        # To a number's trait True is 1.
        if is_finite and is_bool == isinstance(trait, Bool):
            return trait.validate(None, value)
    raise ValueError(f"{name} takes {_wanted(trait)}, not {value!r}.")


def unknown(name: str) -> str:
    """The message about a name that is not a switch."""
    return f"{name!r} is not a switch of the sandbox. There are: {', '.join(NAMES)}."


def listing() -> str:
    """All switches: name, default and other values, and below them what the switch does, in at most 80 columns."""
    return "\n".join(map(_entry, TABLE.values()))


def _switch(name: str) -> Switch[Any]:
    if name not in TABLE:
        raise ValueError(unknown(name))
    return TABLE[name]


def _choices(trait: Any) -> tuple[Any, ...]:
    if isinstance(trait, Bool):
        return (False, True)
    return tuple(trait.values or ()) if isinstance(trait, Enum) else ()


def _wanted(trait: Any) -> str:
    if choices := _choices(trait):
        return f"one of {', '.join(map(repr, choices))}"
    if isinstance(trait, Float | Int):
        kind = "a number" if isinstance(trait, Float) else "a whole number"
        return f"{kind} from {trait.min:g} to {trait.max:g}"
    return str(trait.info())


def _entry(switch: Switch[Any]) -> str:
    default = switch.default
    others = [f" or {choice!r}" for choice in switch.choices if choice != default]
    shown = f"{round(default, 3):.10g}" if isinstance(default, float) else repr(default)
    explained = wrapped(f"    {switch.help.replace('`', '')}", indent="    ")
    return f"{switch.name} = {shown}{''.join(others)}\n{explained}"


def _is_origin(value: Any) -> bool:
    return isinstance(value, str) and (value == "*" or re.fullmatch(r"https?://[^\s/?#@\\]+", value) is not None)
