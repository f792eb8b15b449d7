"""The page at `/`: what this is, how to call it, and what goes on right now."""

from __future__ import annotations

import html
import secrets
from pathlib import Path

from akool_nb.sandbox.service.endpoint import Handler
from akool_nb.sandbox.service.files import sample_names
from akool_nb.sandbox.service.service import Service
from akool_nb.sandbox.switches import GROUPS, NAMES, group_of, help_of

FILE = Path(__file__).with_name("page.html")


class Page(Handler):
    """One page without any third-party asset; it shows no credential, since every program here can read it."""

    allow = "GET"

    def get(self) -> None:
        """The page with this sandbox's own address in its examples."""
        nonce = secrets.token_urlsafe(16)
        policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-{nonce}'; connect-src 'self'"
        self.set_header("Content-Security-Policy", f"{policy}; base-uri 'none'; form-action 'none'")
        self.set_header("Content-Type", "text/html; charset=utf-8")
        parts = {"url": self.service.url, "nonce": nonce, "samples": _samples(), "switches": _switches(self.service)}
        self.finish(render(parts))


def render(parts: dict[str, str]) -> str:
    """The page's HTML, each part in the place that names it."""
    page = FILE.read_text(encoding="utf-8")
    for name, value in parts.items():
        page = page.replace(f"{{{{{name}}}}}", value)
    return page


def _samples() -> str:
    names = [html.escape(name) for name in sample_names()]
    return ", ".join(f'<a href="samples/{name}">{name}</a>' for name in names)


def _switches(service: Service) -> str:
    return "".join(
        f"<details><summary>{group}</summary><table>{_rows(service, group)}</table></details>" for group in GROUPS
    )


def _rows(service: Service, group: str) -> str:
    names = [name for name in NAMES if group_of(name) == group]
    return "".join(_row(name, getattr(service.switches, name)) for name in names)


def _row(name: str, value: object) -> str:
    said = html.escape(help_of(name)).split("`")
    # Every second piece stood between backquotes.
    text = "".join(f"<code>{piece}</code>" if at % 2 else piece for at, piece in enumerate(said))
    shown = f"{value:g}" if isinstance(value, float) else html.escape(repr(value))
    return f"<tr><td><code>{name}</code><td><code>{shown}</code><td>{text}"
