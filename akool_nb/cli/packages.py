"""The doctor's look at the installed packages: what akool_nb requires, and which OpenCV there is."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

from akool_nb.cli.finding import Finding
from akool_nb.errors import AkoolError

if TYPE_CHECKING:
    from packaging.requirements import Requirement

OPENCV = "opencv-python-headless"
EXTRAS = {"": "every command", "sandbox": "the sandbox", "lab": "the lessons"}
"""The extras of akool_nb, and what their packages are for."""


def check_packages() -> Iterator[Finding]:
    """One finding for the packages that are always required, and one for those of each extra."""
    for extra, user in EXTRAS.items():
        requirements = list(required(extra))
        missing = [one for one in requirements if not _is_met(one)]
        name = f"packages [{extra}]" if extra else "packages"
        found = ", ".join(map(_described, requirements))
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
    """What akool_nb requires for an extra, "" for what it always requires."""
    from packaging.requirements import Requirement  # imported here, because the doctor must also run without it

    for one in map(Requirement, importlib.metadata.requires("akool_nb") or []):
        is_always = one.marker is None or one.marker.evaluate({"extra": ""})
        is_asked = one.marker is None or one.marker.evaluate({"extra": extra})
        if is_asked and is_always == (extra == ""):
            yield one


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


def _is_met(required: Requirement) -> bool:
    version = _version(required)
    return bool(version) and required.specifier.contains(version, prereleases=True)


def _described(required: Requirement) -> str:
    version = _version(required)
    if version and not _is_met(required):
        return f"{required.name} {version} (needed: {required.specifier})"
    return f"{required.name} {version or 'missing'}"


def _version(required: Requirement) -> str:
    """The installed version; any build of OpenCV will do."""
    return opencv_version() if required.name == OPENCV else version_of(required.name)


def _install(extra: str, missing: list[Requirement]) -> str:
    """The command that installs what is missing, and no second OpenCV beside another build."""
    is_other_opencv = opencv_owners() not in ([], [OPENCV]) or (not opencv_owners() and find_spec("cv2") is not None)
    if extra and not is_other_opencv:
        return f"pip install 'akool_nb[{extra}]'"
    return f"pip install {' '.join(map(_argument, missing))}"


def _argument(missing: Requirement) -> str:
    """What `pip install` takes in a shell."""
    return f'"{missing.name}{missing.specifier}"' if missing.specifier else missing.name
