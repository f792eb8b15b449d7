"""The user's pip settings, which say where packages come from, as pip and uv read them.

Settings that say where packages go are left out, because we install into an environment of our own.
pip's settings: https://pip.pypa.io/en/stable/topics/configuration/
uv's variables: https://docs.astral.sh/uv/reference/environment/
"""

from __future__ import annotations

import ast
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from akool_nb.cli.machine import Unprepared

# A later section overrides an earlier one.
_SECTIONS = ("global", "install", ":env:")
_PLACES = {
    "abi",
    "break-system-packages",
    "config-file",
    "dry-run",
    "editable",
    "ignore-installed",
    "implementation",
    "isolated",
    "no-deps",
    "no-user",
    "platform",
    "prefix",
    "python",
    "python-version",
    "report",
    "requirement",
    "require-virtualenv",
    "root",
    "target",
    "user",
}
_UV_VARIABLES = {
    "index-url": ["UV_DEFAULT_INDEX"],
    "extra-index-url": ["UV_INDEX"],
    "find-links": ["UV_FIND_LINKS"],
    "constraint": ["UV_CONSTRAINT"],
    "build-constraint": ["UV_BUILD_CONSTRAINT"],
    "trusted-host": ["UV_INSECURE_HOST"],
    "cert": ["SSL_CERT_FILE"],
    "client-cert": ["SSL_CLIENT_CERT"],
    "proxy": ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"],
    "timeout": ["UV_HTTP_TIMEOUT"],
    "default-timeout": ["UV_HTTP_TIMEOUT"],
}
# uv needs no counterpart of these.
_UV_IGNORES = {
    "cache-dir",
    "compile",
    "disable-pip-version-check",
    "log",
    "no-cache-dir",
    "no-color",
    "no-compile",
    "no-input",
    "no-python-version-warning",
    "no-warn-script-location",
    "progress-bar",
    "quiet",
    "retries",
    "root-user-action",
    "upgrade",
    "upgrade-strategy",
    "verbose",
}


class PipSettings:
    """The values of the settings by their names, such as `index-url`."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = {name: value for name, value in values.items() if value and name not in _PLACES}

    @classmethod
    def read(cls, python: Path) -> PipSettings:
        """Ask this Python's pip for the settings in its files and in the environment; `Unprepared` if it fails."""
        command = [str(python), "-I", "-m", "pip", "config", "list"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            reason = (done.stderr.strip() or "no reason given").splitlines()[-1]
            raise Unprepared(f"pip cannot read its settings ({reason}): correct the file and try again.")
        return cls(_merged(done.stdout))

    def for_pip(self) -> dict[str, str]:
        """Environment variables for pip, which then reads no file of settings."""
        names = {name: value for name, value in os.environ.items() if not name.upper().startswith("PIP_")}
        own = {f"PIP_{name.replace('-', '_').upper()}": value for name, value in self._values.items()}
        return {**names, **own, "PIP_CONFIG_FILE": os.devnull}

    def for_uv(self) -> dict[str, str] | None:
        """Environment variables for uv; None if uv has no counterpart of a setting."""
        if self._values.keys() - _UV_VARIABLES.keys() - _UV_IGNORES:
            return None
        own = {
            variable: " ".join(self._values[name].split())
            for name, variables in _UV_VARIABLES.items()
            if name in self._values
            for variable in variables
        }
        if "UV_FIND_LINKS" in own:
            own["UV_FIND_LINKS"] = own["UV_FIND_LINKS"].replace(" ", ",")
        return {**_defaults_of_pip(), **os.environ, **own}


def _merged(listed: str) -> dict[str, str]:
    """The lines `section.name='value'` of `pip config list` as name and value."""
    found: dict[tuple[str, str], str] = {}
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        section, _, name = key.rpartition(".")
        found[section, name] = str(ast.literal_eval(value))
    ordered = sorted((key for key in found if key[0] in _SECTIONS), key=lambda key: _SECTIONS.index(key[0]))
    return {name: found[section, name] for section, name in ordered}


def _defaults_of_pip() -> dict[str, str]:
    """What pip does without being asked and uv does not: compare all indexes, trust the system's certificates."""
    defaults = {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_NATIVE_TLS": "true", "UV_SYSTEM_CERTS": "true"}
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        if os.environ.get(variable):
            defaults.setdefault("SSL_CERT_FILE", os.environ[variable])
    return defaults
