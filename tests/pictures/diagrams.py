"""The diagrams of the lessons, as SVG text.

Each diagram is a white card with dark text, so that it is readable on a light and on a dark page.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import NamedTuple

INK = "#1f2937"
QUIET = "#4b5563"
BLUE = "#dbeafe"
GREEN = "#dcfce7"
YELLOW = "#fef3c7"
RED = "#fee2e2"
GREY = "#f3f4f6"
LINE_HEIGHT = 18


class Box(NamedTuple):
    """A rectangle with a title and lines below it; the arrows use its edges."""

    x: float
    y: float
    width: float
    height: float

    @property
    def left(self) -> tuple[float, float]:
        return self.x, self.y + self.height / 2

    @property
    def right(self) -> tuple[float, float]:
        return self.x + self.width, self.y + self.height / 2

    @property
    def top(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y

    @property
    def bottom(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height


class Diagram:
    """An SVG drawing of boxes, arrows and text on a white card."""

    def __init__(self, width: int, height: int, title: str) -> None:
        self.width = width
        self.height = height
        self.title = title
        self._parts: list[str] = []

    def box(self, place: tuple[float, float], size: tuple[float, float], title: str, *lines: str, fill: str) -> Box:
        x, y = place
        width, height = size
        self._parts.append(
            f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="8" fill="{fill}" stroke="{INK}"/>'
        )
        first = y + height / 2 - LINE_HEIGHT * len(lines) / 2 + 5
        self.text(x + width / 2, first, title, weight="bold")
        for number, line in enumerate(lines, 1):
            self.text(x + width / 2, first + number * LINE_HEIGHT, line, size=12, colour=QUIET)
        return Box(x, y, width, height)

    def frame(self, place: tuple[float, float], size: tuple[float, float], title: str) -> None:
        x, y = place
        width, height = size
        self._parts.append(
            f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="12" fill="none" stroke="{QUIET}" '
            f'stroke-dasharray="6 4"/>'
        )
        self.text(x + 12, y + 20, title, size=12, colour=QUIET, anchor="start")

    def arrow(self, start: tuple[float, float], end: tuple[float, float], label: str = "", *, above: float = 8) -> None:
        self._parts.append(
            f'<line x1="{start[0]}" y1="{start[1]}" x2="{end[0]}" y2="{end[1]}" stroke="{INK}" stroke-width="1.6" '
            f'marker-end="url(#head)"/>'
        )
        if label:
            middle = (start[0] + end[0]) / 2
            self.text(middle, (start[1] + end[1]) / 2 - above, label, size=12)

    def text(self, x: float, y: float, text: str, **style: object) -> None:
        size = style.get("size", 14)
        colour = style.get("colour", INK)
        weight = style.get("weight", "normal")
        anchor = style.get("anchor", "middle")
        self._parts.append(
            f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}" font-weight="{weight}" '
            f'text-anchor="{anchor}">{escape(text)}</text>'
        )

    def shape(self, svg: str) -> None:
        self._parts.append(svg)

    def to_svg(self) -> str:
        head = '<path d="M0 0 L10 5 L0 10 z" fill="' + INK + '"/>'
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
                f'width="{self.width}" height="{self.height}" role="img" '
                f'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif">',
                f"<title>{escape(self.title)}</title>",
                f'<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
                f'orient="auto-start-reverse">{head}</marker></defs>',
                f'<rect width="{self.width}" height="{self.height}" rx="14" fill="#ffffff"/>',
                *self._parts,
                "</svg>\n",
            ]
        )


def photo() -> Diagram:
    """The steps from a photo to a session."""
    diagram = Diagram(
        860, 210, "A photo is prepared, the detector finds faces, one face becomes the source of a session"
    )
    size = (142, 84)
    steps = [
        ("your photo", "file, address,", "bytes, upload", GREY),
        ("Photo", "upright, smaller,", "no metadata", BLUE),
        ("Detection", "one Face for", "each face found", BLUE),
        ("SourceImage", "path: an address", "opts: four points", YELLOW),
        ("LiveSession", "a channel, a token,", "a state", GREEN),
    ]
    calls = ["Photo.open", "detect", "face.source", "create"]
    boxes = [
        diagram.box((20 + 170 * number, 62), size, title, first, second, fill=fill)
        for number, (title, first, second, fill) in enumerate(steps)
    ]
    for number, call in enumerate(calls):
        start = boxes[number]
        end = boxes[number + 1]
        diagram.arrow(start.right, end.left)
        diagram.text((start.right[0] + end.left[0]) / 2, 48, call, size=12, weight="bold")
    diagram.text(
        430, 186, "Only the pair (path, opts) reaches create: the address of a picture and four points in it.", size=13
    )
    return diagram


def states() -> Diagram:
    """The states of a session."""
    diagram = Diagram(860, 270, "A session goes from queuing to processing to success, or to failed; close ends it")
    queuing = diagram.box((150, 50), (130, 66), "queuing", "status 1", fill=YELLOW)
    processing = diagram.box((380, 50), (140, 66), "processing", "status 2", fill=GREEN)
    success = diagram.box((650, 50), (130, 66), "success", "status 3", fill=BLUE)
    failed = diagram.box((380, 182), (140, 66), "failed", "status 4", fill=RED)
    diagram.arrow((30, 83), queuing.left, "create()")
    diagram.arrow(queuing.right, processing.left, "ready")
    diagram.arrow(processing.right, success.left, "finished")
    diagram.arrow((queuing.x + 90, 116), failed.left)
    diagram.text(250, 172, "cannot start", size=12)
    diagram.arrow(processing.bottom, failed.top)
    diagram.text(450, 30, "The browser can join the channel. update() changes the face.", size=12, colour=QUIET)
    diagram.text(690, 182, "close(), the end of a with block, the end of the", size=12, colour=QUIET, anchor="middle")
    diagram.text(690, 200, "kernel, or one hour: the session is closed and", size=12, colour=QUIET)
    diagram.text(690, 218, "costs nothing more, whatever its state was.", size=12, colour=QUIET)
    return diagram


def places() -> Diagram:
    """The parts of the system, and the machine on which each runs."""
    diagram = Diagram(860, 340, "The kernel talks to the API over HTTP; the browser sends and receives the video")
    diagram.frame((16, 16), (330, 308), "your machine")
    diagram.frame((500, 16), (344, 308), "AKOOL and Agora, or the sandbox on your machine")
    kernel = diagram.box((36, 56), (290, 92), "kernel (Python)", "runs your cells, holds the credentials", fill=BLUE)
    browser = diagram.box((36, 206), (290, 92), "browser", "shows the widgets, opens the camera", fill=GREEN)
    api = diagram.box((520, 56), (304, 92), "HTTP API", "sign in, detect, create, update, close", fill=YELLOW)
    video = diagram.box((520, 206), (304, 92), "video service", "Agora's channel, or a WebSocket", fill=YELLOW)
    diagram.arrow(kernel.right, api.left, "HTTP requests")
    diagram.arrow((326, 238), (520, 238), "camera picture")
    diagram.arrow((520, 268), (326, 268))
    diagram.text(423, 288, "swapped picture", size=12)
    diagram.arrow((150, 148), (150, browser.y))
    diagram.arrow((200, browser.y), (200, 148))
    diagram.text(264, 182, "widget messages", size=12)
    diagram.arrow(api.bottom, video.top)
    diagram.text(734, 182, "starts the swap", size=12)
    return diagram


def token() -> Diagram:
    """The parts of an Agora token."""
    diagram = Diagram(
        860, 250, "An Agora token holds a version, a signature, the app id, the end, the channel and the privileges"
    )
    parts = [
        ("007", "version", GREY, 70),
        ("signature", "made with a key that", RED, 150),
        ("app id", "32 hex digits", BLUE, 130),
        ("issued + lifetime", "when the token ends", YELLOW, 150),
        ("channel, user id", "where it is valid", GREEN, 150),
        ("privileges", "join, send", GREEN, 120),
    ]
    x = 22.0
    for title, line, fill, width in parts:
        diagram.box((x, 40), (width, 84), title, line, fill=fill)
        x += width + 9
    diagram.text(176, 142, "only AKOOL has", size=12, colour=QUIET)
    diagram.arrow((101, 172), (838, 172))
    diagram.arrow((838, 172), (101, 172))
    diagram.text(
        470, 194, "packed (zlib, base64), not encrypted: everybody can read it; a changed token is refused", size=13
    )
    diagram.text(
        430,
        228,
        "A person who has the token can join the channel. Never print it, save it or send it.",
        size=13,
        weight="bold",
    )
    return diagram


def opts() -> Diagram:
    """The four points of `opts` on a face."""
    diagram = Diagram(860, 330, "opts holds four points of a face: left eye, right eye, nose tip, mouth")
    diagram.shape(f'<ellipse cx="180" cy="152" rx="108" ry="132" fill="#fde7d3" stroke="{INK}"/>')
    for x in (135, 225):
        diagram.shape(f'<ellipse cx="{x}" cy="130" rx="22" ry="11" fill="#ffffff" stroke="{INK}"/>')
        diagram.shape(f'<circle cx="{x}" cy="130" r="8" fill="#7c5a3a"/>')
    diagram.shape(f'<path d="M180 135 L168 192 Q180 200 192 192" fill="none" stroke="{INK}" stroke-width="1.6"/>')
    diagram.shape(f'<path d="M135 235 Q180 268 225 235 Q180 244 135 235" fill="#e58b88" stroke="{INK}"/>')
    points = [(135, 130, "1"), (225, 130, "2"), (180, 194, "3"), (180, 246, "4")]
    for x, y, name in points:
        diagram.shape(f'<circle cx="{x}" cy="{y}" r="11" fill="#1d4ed8" stroke="#ffffff" stroke-width="2"/>')
        diagram.text(x, y + 5, name, size=13, colour="#ffffff", weight="bold")
    diagram.shape('<circle cx="135" cy="235" r="8" fill="none" stroke="#b91c1c" stroke-width="2.5"/>')
    diagram.text(40, 312, "red ring: fourth point of the older detector", size=12, colour="#b91c1c", anchor="start")
    diagram.text(370, 70, 'opts = "135,130:225,130:180,194:180,246"', size=18, weight="bold", anchor="start")
    rows = [
        "1   left eye: the eye on the left side of the picture",
        "2   right eye",
        "3   tip of the nose",
        "4   mouth: its centre, or its left corner (older detector)",
        "x counts pixels from the left edge, y from the top edge.",
        "x and y are separated by a comma, points by a colon.",
    ]
    for number, row in enumerate(rows):
        diagram.text(370, 118 + 30 * number, row, size=14, anchor="start")
    return diagram


DIAGRAMS: dict[str, Callable[[], Diagram]] = {
    "photo_flow": photo,
    "session_states": states,
    "what_runs_where": places,
    "token_parts": token,
    "opts_on_a_face": opts,
}
