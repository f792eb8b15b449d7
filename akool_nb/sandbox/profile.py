"""What a probe found out about a service: values for the sandbox's switches, and what was measured."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from akool_nb.errors import SandboxError
from akool_nb.sandbox import switches

VERSION = 1
MOST_BYTES = 100_000


@dataclass
class Profile:
    """The answers of a service to the open questions. It holds no secret, no picture and no address.

    Attributes:
        switches: names and values of the sandbox's switches; what was not asked is missing.
        facts: what was measured, such as times in seconds and counts.
        notes: for each question without an answer the reason, as one sentence.
        left_open: ids of sessions that the probe opened and could not close; not written to the file.
    """

    switches: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    left_open: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, profile: Profile | str | os.PathLike[str]) -> Profile:
        """The profile itself, or the one in a file."""
        return profile if isinstance(profile, Profile) else cls.load(profile)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Profile:
        """The profile in a file; SandboxError when the file is none."""
        try:
            raw = Path(path).expanduser().read_bytes()[:MOST_BYTES]
            return cls.from_json(json.loads(raw))
        except OSError as error:
            raise SandboxError(f"The profile {path} cannot be read: {error.strerror}. Check the path.") from None
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            reason = str(error).rstrip(".")
            raise SandboxError(
                f"{path} is not a profile: {reason}. Make one with: akool-nb doctor --live --save FILE"
            ) from None

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Profile:
        """The profile of a JSON object; ValueError for an unknown version, an unknown switch or an impossible value."""
        if values.get("version") != VERSION:
            raise ValueError(f"its version is {values.get('version')!r}, and this package reads {VERSION}")
        checked = {name: switches.check(name, value) for name, value in values["switches"].items()}
        return cls(checked, dict(values["facts"]), dict(values["notes"]))

    def to_json(self) -> dict[str, Any]:
        values = asdict(self)
        del values["left_open"]
        return {"version": VERSION, **values}

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the profile to a JSON file and return its path."""
        file = Path(path).expanduser()
        file.write_text(json.dumps(self.to_json(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        return file
