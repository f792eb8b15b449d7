"""The page at `/`: what this is, how to call it, and what goes on right now."""

from __future__ import annotations

import html
import secrets
from pathlib import Path

from akool_nb.sandbox.base import Handler
from akool_nb.sandbox.files import sample_names

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
        self.finish(render(self.service.url, sample_names(), nonce))


def render(url: str, photos: list[str], nonce: str) -> str:
    """The page's HTML."""
    names = [html.escape(name) for name in photos]
    links = ", ".join(f'<a href="samples/{name}">{name}</a>' for name in names)
    page = FILE.read_text(encoding="utf-8")
    for name, value in (("url", url), ("samples", links), ("nonce", nonce)):
        page = page.replace(f"{{{{{name}}}}}", value)
    return page
