"""What a browser sees: the page at `/`, its live state, the OpenAPI description, the pictures, and 404 for the rest."""

from __future__ import annotations

import html
import json
import secrets
from pathlib import Path
from typing import Any

from akool_nb.sandbox.service.endpoint import Handler
from akool_nb.sandbox.service.files import content_type, sample_names
from akool_nb.sandbox.service.service import Service
from akool_nb.sandbox.switches import GROUPS, TABLE

PAGE = Path(__file__).with_name("page.html")
OPENAPI = Path(__file__).with_name("openapi.json")
STATE_PATH = "/state.json"


class Page(Handler):
    """One page without any third-party asset; it shows no credential, because every program here can read it."""

    allow = "GET"

    def get(self) -> None:
        nonce = secrets.token_urlsafe(16)
        policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-{nonce}'; connect-src 'self'"
        self.set_header("Content-Security-Policy", f"{policy}; base-uri 'none'; form-action 'none'")
        self.set_header("Content-Type", "text/html; charset=utf-8")
        parts = {"url": self.service.url, "nonce": nonce, "samples": _samples(), "switches": _switches(self.service)}
        self.finish(render(parts))


class State(Handler):
    """The live figures of the page; nothing in them opens a session."""

    allow = "GET"

    def get(self) -> None:
        self.service.tick()
        self.answer(200, self.service.state())


class OpenApi(Handler):
    """The description of all paths, for tools and people."""

    allow = "GET"

    def get(self) -> None:
        self.answer(200, description(self.service.url))


class Picture(Handler):
    """Hosted crops and sample photos."""

    allow = "GET"

    def get(self) -> None:
        content = self.service.files.get(self.request.path)
        if content is None:
            self.send_error(404)
            return
        self.set_header("Content-Type", content_type(self.request.path))
        self.finish(content)


class Unknown(Handler):
    """Any other path: 404 in JSON, whatever the method."""

    async def prepare(self) -> None:
        await super().prepare()
        self.send_error(404)


def description(url: str) -> dict[str, Any]:
    """The description (OpenAPI 3.1) of the sandbox at `url`."""
    values: dict[str, Any] = json.loads(OPENAPI.read_text(encoding="utf-8").replace("{url}", url))
    return {**values, "servers": [{"url": url}]}


def render(parts: dict[str, str]) -> str:
    """The page's HTML, each part at the place that names it."""
    page = PAGE.read_text(encoding="utf-8")
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
    switches = [each for each in TABLE.values() if each.group == group]
    return "".join(_row(each.name, each.help, getattr(service.switches, each.name)) for each in switches)


def _row(name: str, help_text: str, value: object) -> str:
    pieces = html.escape(help_text).split("`")
    # Every second piece was between backquotes.
    text = "".join(f"<code>{piece}</code>" if at % 2 else piece for at, piece in enumerate(pieces))
    shown = f"{value:g}" if isinstance(value, float) else html.escape(repr(value))
    return f"<tr><td><code>{name}</code><td><code>{shown}</code><td>{text}"
