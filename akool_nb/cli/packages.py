"""The doctor's look at the installed packages: what akool_nb requires, and which OpenCV there is."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec

from akool_nb.cli.finding import Finding
from akool_nb.errors import AkoolError

OPENCV = "opencv-python-headless"
EXTRAS = {"": "every command", "sandbox": "the sandbox", "lab": "the lessons"}
"""The extras of akool_nb, and what their packages are for."""

_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)(?:\[.*?\])?\s*(?:.*?>=\s*([0-9.]+))?")


@dataclass(frozen=True)
class Requirement:
    """A package that akool_nb requires, and the oldest version that will do ("" for any)."""

    name: str
    oldest: str

    @cached_property
    def version(self) -> str:
        """The installed version; "" without one."""
        if self.name == OPENCV:
            return opencv_version()
        return version_of(self.name)

    @property
    def is_met(self) -> bool:
        return bool(self.version) and _release(self.version) >= _release(self.oldest)

    @property
    def argument(self) -> str:
        """What `pip install` takes in a shell."""
        if not self.oldest:
            return self.name
        return f'"{self.name}>={self.oldest}"'

    def __str__(self) -> str:
        if self.version and not self.is_met:
            return f"{self.name} {self.version} (needed: {self.oldest})"
        return f"{self.name} {self.version or 'missing'}"


def check_packages() -> Iterator[Finding]:
    """One finding for the packages that are always required, and one for those of each extra."""
    for extra, user in EXTRAS.items():
        requirements = list(required(extra))
        missing = [one for one in requirements if not one.is_met]
        name = f"packages [{extra}]" if extra else "packages"
        found = ", ".join(map(str, requirements))
        if missing:
            yield Finding(name, "fail", found, f"for {user}: {_install(extra, missing)}")
        else:
            yield Finding(name, "ok", found)


def check_opencv() -> Iterator[Finding]:
    """All builds of OpenCV are installed into the same folder, so two of them break each other."""
    owners = opencv_owners()
    if len(owners) > 1:
        advice = f"keep one: pip uninstall -y {' '.join(owners)}, then pip install {OPENCV}"
        yield Finding("OpenCV", "fail", f"several packages own cv2: {', '.join(owners)}", advice)
        return
    try:
        from akool_nb.sandbox.engine.opencv import cv2
    except AkoolError as error:
        yield Finding("OpenCV", "fail", error.text)
    else:
        yield Finding("OpenCV", "ok", f"{cv2.__version__} from {', '.join(owners) or 'outside of pip'}")


def required(extra: str) -> Iterator[Requirement]:
    """What akool_nb requires for an extra, "" for what it always requires; akool_nb itself is left out."""
    for line in importlib.metadata.requires("akool_nb") or []:
        text, _, condition = line.partition(";")
        is_asked = f"extra == '{extra}'" in condition.replace('"', "'") if extra else "extra" not in condition
        match = _REQUIREMENT.match(text.strip())
        if is_asked and match and match[1] not in ("akool_nb", "akool-nb"):
            yield Requirement(match[1], match[2] or "")


def version_of(name: str) -> str:
    """The installed version of a package; "" without one."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def opencv_owners() -> list[str]:
    """The installed packages that hold the module cv2; conda's is known to no package index."""
    return sorted(set(importlib.metadata.packages_distributions().get("cv2", [])))


def opencv_version() -> str:
    """The version of whichever OpenCV is installed; "" without one."""
    for owner in opencv_owners():
        return version_of(owner)
    try:
        from akool_nb.sandbox.engine.opencv import cv2
    except (AkoolError, ImportError):
        return ""
    return str(cv2.__version__)


def _install(extra: str, missing: list[Requirement]) -> str:
    """The command that installs what is missing, and no second OpenCV beside another build."""
    is_other_opencv = opencv_owners() not in ([], [OPENCV]) or (not opencv_owners() and find_spec("cv2") is not None)
    if extra and not is_other_opencv:
        return f"pip install 'akool_nb[{extra}]'"
    return f"pip install {' '.join(one.argument for one in missing)}"


def _release(version: str) -> tuple[int, ...]:
    """The numbers at the start of a version."""
    numbers = re.match(r"[0-9.]*", version)
    return tuple(int(part) for part in (numbers[0] if numbers else "").split(".") if part)
