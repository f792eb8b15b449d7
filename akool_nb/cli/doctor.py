"""What works on this machine, and what to do about the rest.

Each check returns its `Finding`s. It never raises an error, sends a picture or prints the value of a credential.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from akool_nb import __version__, samples
from akool_nb.cli.finding import Finding
from akool_nb.cli.packages import check_opencv, check_packages, version_of
from akool_nb.cli.reach import proxy_host, seconds_to
from akool_nb.errors import AkoolError

if TYPE_CHECKING:
    from akool_nb.api.client import Client

CREDENTIALS = ("AKOOL_API_KEY", "AKOOL_CLIENT_ID", "AKOOL_CLIENT_SECRET")
HOSTS = ("openapi.akool.com", "sg3.akool.com")
HOST_SECONDS = 4.0
NOTEBOOK_HOSTS = ("jupyterlab", "notebook", "voila", "marimo")
_PACKAGE = Path(__file__).resolve().parents[1]
_SET_CREDENTIALS = "set AKOOL_CLIENT_ID and AKOOL_CLIENT_SECRET, or AKOOL_API_KEY alone, before Jupyter starts"


def examine() -> Iterator[Finding]:
    """Check everything that can be checked without an account; each finding comes as soon as it is made."""
    for name, check in _CHECKS.items():
        try:
            yield from check()
        except ImportError as error:
            yield Finding(name, "fail", str(error), "see the line 'packages'")


def examine_live() -> Iterator[Finding]:
    """Make every call of the real service with the credentials of the environment. It costs a few credits."""
    # Imported here, because `examine()` must also run where the packages that this needs are missing.
    from akool_nb.cli.live_checkup import LiveCheckup

    yield from LiveCheckup().findings()


def save_profile(
    file: Path, client: Client | None = None, confirm: Callable[[str], bool] | bool | None = None
) -> Iterator[Finding]:
    """Probe a service, by default AKOOL's, and write its profile; one finding for each answer."""
    from akool_nb.cli.live_checkup import real_client
    from akool_nb.explore import probe

    profile = probe(client or real_client(), confirm=confirm)
    for name, value in profile.switches.items():
        yield Finding(name, "ok", repr(value))
    for name, reason in profile.notes.items():
        yield Finding(name, "note", reason)
    for session in profile.left_open:
        yield Finding("open session", "fail", session, "close it: akool-nb sessions --close")
    yield Finding("profile", "ok", f"written to {profile.save(file)}; it holds no secret, no picture and no address")


def to_json(findings: Iterable[Finding]) -> list[dict[str, str]]:
    """The findings as plain values."""
    return [asdict(finding) for finding in findings]


def _python() -> Iterator[Finding]:
    place = "in a virtual environment" if sys.prefix != sys.base_prefix else "outside a virtual environment"
    yield Finding("Python", "ok", f"{platform.python_version()} {place}, {platform.system()} {platform.machine()}")


def _akool_nb() -> Iterator[Finding]:
    yield Finding("akool_nb", "ok", __version__)


def _lessons() -> Iterator[Finding]:
    count = len(list(samples.lessons().glob("[0-9][0-9]_*.ipynb")))
    if count:
        yield Finding("lessons", "ok", f"{count} notebooks, {len(samples.photos())} photos")
    else:
        yield Finding(
            "lessons",
            "fail",
            "there are none",
            "restore them: git checkout -- notebooks in the clone, or install akool_nb again",
        )


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
    versions = {name: version_of(name) for name in NOTEBOOK_HOSTS}
    found = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    if found:
        yield Finding("notebook hosts", "ok", found)
    else:
        yield Finding("notebook hosts", "fail", "none", "install JupyterLab: pip install jupyterlab")


def _credentials() -> Iterator[Finding]:
    """Which credentials `connect()` would use; never their values."""
    from akool_nb.wire.answers import fits_a_header
    from akool_nb.wire.credentials import Credentials, clean

    found = Credentials.found(None, None, None, None)
    values = (found.api_key, found.client_id, found.client_secret)
    used = [name for name, value in zip(CREDENTIALS, values, strict=True) if value]
    blank = [name for name in CREDENTIALS if os.environ.get(name) and not clean(os.environ[name])]
    if blank and not used:
        text = f"{' and '.join(blank)} set, but blank: connect() uses the sandbox"
        yield Finding("credentials", "fail", text, "copy the value again, or remove the variable")
    elif not used:
        advice = "to use AKOOL: set AKOOL_API_KEY before Jupyter starts"
        yield Finding("credentials", "note", "none: connect() uses the sandbox", advice)
    elif found.missing_half:
        yield Finding("credentials", "fail", f"{found.missing_half} is missing", _SET_CREDENTIALS)
    elif not all(map(fits_a_header, found.secrets())):
        yield Finding("credentials", "fail", "a value contains characters that no key has", _SET_CREDENTIALS)
    else:
        yield Finding("credentials", "ok", f"connect() uses {' and '.join(used)}, and calls AKOOL")


def _sandbox() -> Iterator[Finding]:
    """Start a sandbox, and let it find the face in the portrait."""
    started = time.perf_counter()
    try:
        from akool_nb.sandbox import Sandbox

        with Sandbox() as sandbox:
            ready = time.perf_counter() - started
            faces = sandbox.client().detect(samples.photo("astronaut"))
            yield Finding("sandbox", "ok", f"ready after {ready:.1f} s, {len(faces)} face found in the portrait")
    except AkoolError as error:
        yield Finding("sandbox", "fail", error.text)


def _network() -> Iterator[Finding]:
    """Whether AKOOL's hosts can be reached, through the proxy if there is one; the sandbox needs neither."""
    for host in HOSTS:
        try:
            seconds = seconds_to(host, timeout=HOST_SECONDS)
            proxy = proxy_host(host)
            found = f"reached in {1000 * seconds:.0f} ms"
            if proxy:
                found += f" through the proxy {proxy}"
            yield Finding(host, "ok", found)
        except AkoolError as error:
            advice = "AKOOL needs the network; the sandbox does not"
            yield Finding(host, "note", f"not reached: {error.text}", advice)


_CHECKS: dict[str, Callable[[], Iterator[Finding]]] = {
    "Python": _python,
    "akool_nb": _akool_nb,
    "packages": check_packages,
    "OpenCV": check_opencv,
    "lessons": _lessons,
    "widgets": _front_end,
    "notebook hosts": _hosts,
    "credentials": _credentials,
    "sandbox": _sandbox,
    "network": _network,
}
