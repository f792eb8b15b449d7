"""What works on this machine, and what to do about the rest.

Each check answers with a `Finding`; none of them raises, sends a picture, or says the value of a credential.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import os
import platform
import re
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from akool_nb import __version__, samples
from akool_nb.cli.browser import BROWSERS
from akool_nb.cli.finding import Finding
from akool_nb.errors import AkoolError

CREDENTIALS = ("AKOOL_API_KEY", "AKOOL_CLIENT_ID", "AKOOL_CLIENT_SECRET")
_PAIR = set(CREDENTIALS[1:])
HOSTS = ("openapi.akool.com", "sg3.akool.com")
NOTEBOOK_HOSTS = ("jupyterlab", "notebook", "voila", "marimo")
_PACKAGE = Path(__file__).resolve().parents[1]


def examine() -> Iterator[Finding]:
    """Look at everything that can be looked at without an account; findings come as they are made."""
    for check in _CHECKS:
        yield from check()


def examine_live() -> Iterator[Finding]:
    """Walk the real service's road with the credentials of the environment. It costs a few credits."""
    # Imported here: the doctor must also speak where what that needs is missing.
    from akool_nb.cli.live_checkup import LiveCheckup

    yield from LiveCheckup().findings()


def to_json(findings: Iterable[Finding]) -> list[dict[str, str]]:
    """The findings as plain values."""
    return [asdict(finding) for finding in findings]


def _python() -> Iterator[Finding]:
    place = "in a virtual environment" if sys.prefix != sys.base_prefix else "outside of any environment"
    yield Finding("Python", "ok", f"{platform.python_version()} {place}, {platform.system()} {platform.machine()}")


def _packages() -> Iterator[Finding]:
    """What the package asks for, in the installed versions."""
    yield Finding("akool_nb", "ok", __version__)
    for extra, need in (("", "everything"), ("sandbox", "the sandbox"), ("lab", "the lessons")):
        names = list(_required(extra))
        missing = [name for name in names if _version(name) is None]
        advice = f"{need} needs it: pip install {' '.join(missing)}" if missing else ""
        found = ", ".join(f"{name} {_version(name) or 'missing'}" for name in names)
        yield Finding(f"packages{f' [{extra}]' if extra else ''}", "fail" if missing else "ok", found, advice)


def _required(extra: str) -> Iterator[str]:
    for line in importlib.metadata.requires("akool_nb") or []:
        name, _, condition = line.partition(";")
        bare = re.split(r"[\s<>=!~\[(]", name.strip())[0]
        if bare not in {"akool_nb", "akool-nb"} and (
            f"'{extra}'" in condition.replace('"', "'") if extra else not condition
        ):
            yield bare


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _opencv() -> Iterator[Finding]:
    """All builds of OpenCV write into the same folder, so two of them break each other."""
    owners = sorted(set(importlib.metadata.packages_distributions().get("cv2", [])))
    if len(owners) > 1:
        advice = f"keep one: pip uninstall -y {' '.join(owners)}, then pip install opencv-python-headless"
        yield Finding("OpenCV", "fail", f"several packages own cv2: {', '.join(owners)}", advice)
        return
    try:
        from akool_nb.sandbox.engine.opencv import cv2
    except (AkoolError, ImportError) as error:
        yield Finding("OpenCV", "fail", str(error), "the sandbox needs it")
    else:
        yield Finding("OpenCV", "ok", f"{cv2.__version__} from {', '.join(owners) or 'outside of pip'}")


def _models() -> Iterator[Finding]:
    """The shipped networks, byte for byte what NOTICE says."""
    folder = _PACKAGE / "sandbox" / "models"
    notice = folder / "NOTICE"
    text = notice.read_text(encoding="utf-8") if notice.is_file() else ""
    told = dict(re.findall(r"(\S+\.(?:tflite|npz)).*?\b([0-9a-f]{64})\b", text, re.DOTALL))
    broken = [name for name, digest in told.items() if _sha256(folder / name) != digest]
    if broken or not told:
        yield Finding(
            "model files",
            "fail",
            f"missing or changed: {', '.join(broken) or 'NOTICE'}",
            _restore("akool_nb/sandbox/models"),
        )
    else:
        yield Finding("model files", "ok", f"{len(told)} files as shipped")


def _restore(folder: str) -> str:
    return f"bring them back: git checkout -- {folder} in the clone, or install again from where it came"


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _lessons() -> Iterator[Finding]:
    count = len(list(samples.lessons().glob("[0-9][0-9]_*.ipynb")))
    advice = "" if count else _restore("notebooks")
    yield Finding("lessons", "ok" if count else "fail", f"{count} notebooks, {len(samples.photos())} photos", advice)


def _front_end() -> Iterator[Finding]:
    """The widgets' scripts, and Agora's SDK where the Jupyter server can serve it."""
    scripts = sorted(path.name for path in (_PACKAGE / "static").glob("*.js"))
    if not scripts:
        yield Finding("widgets", "fail", "their scripts are missing", "build them: pip install -e . in the clone")
        return
    yield Finding("widgets", "ok", f"{len(scripts)} scripts")
    served = Path(sys.prefix, "share", "jupyter", "labextensions", "akool-nb", "static", "agora.js")
    if served.is_file():
        yield Finding("Agora's SDK", "ok", "served by the Jupyter server")
    else:
        yield Finding("Agora's SDK", "note", "not among the server's files; each page gets it from the kernel instead")


def _hosts() -> Iterator[Finding]:
    versions = {name: _version(name) for name in NOTEBOOK_HOSTS}
    found = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    if found:
        yield Finding("notebook hosts", "ok", found)
    else:
        yield Finding("notebook hosts", "fail", "none", "install JupyterLab: pip install jupyterlab")


def _browser() -> Iterator[Finding]:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    advice = "" if found else "any recent browser on your own computer will do; only the tests need Chromium here"
    yield Finding("browser", "ok" if found else "note", found or "no Chromium or Chrome on this machine", advice)


def _port() -> Iterator[Finding]:
    try:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
    except OSError as error:
        yield Finding("local ports", "fail", f"127.0.0.1 gives none: {error}", "allow programs to listen on loopback")
    else:
        yield Finding("local ports", "ok", "127.0.0.1 gives them")


def _credentials() -> Iterator[Finding]:
    """Which credentials the environment holds; never what they are."""
    there = [name for name in CREDENTIALS if os.environ.get(name)]
    if not there:
        yield Finding(
            "credentials", "note", "none: the sandbox answers", "AKOOL: set AKOOL_API_KEY before Jupyter starts"
        )
    elif len(there) == 1 and there[0] in _PAIR:
        (missing,) = _PAIR - {*there}
        yield Finding(
            "credentials", "fail", f"{there[0]} without {missing}", f"set {missing} too, or AKOOL_API_KEY alone"
        )
    else:
        yield Finding("credentials", "ok", f"{', '.join(there)} set: AKOOL answers")


def _sandbox() -> Iterator[Finding]:
    """Start one, and let it find the face in the portrait."""
    started = time.perf_counter()
    try:
        from akool_nb.sandbox import Sandbox

        with Sandbox() as sandbox:
            ready = time.perf_counter() - started
            faces = sandbox.client().detect(samples.photo("astronaut"))
            yield Finding("sandbox", "ok", f"ready after {ready:.1f} s, {len(faces)} face found in the portrait")
    except (AkoolError, ImportError) as error:
        yield Finding("sandbox", "fail", str(error))


def _network() -> Iterator[Finding]:
    """Whether AKOOL's hosts can be reached at all; without an account that is no failure."""
    for host in HOSTS:
        started = time.perf_counter()
        try:
            with contextlib.closing(socket.create_connection((host, 443), timeout=4)):
                yield Finding(host, "ok", f"reached in {1000 * (time.perf_counter() - started):.0f} ms")
        except OSError as error:
            advice = "the sandbox needs no network; AKOOL does: check proxy and firewall"
            yield Finding(host, "note", f"not reached: {error}", advice)


_CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    _python,
    _packages,
    _opencv,
    _models,
    _lessons,
    _front_end,
    _hosts,
    _browser,
    _port,
    _credentials,
    _sandbox,
    _network,
)
