"""The picture of the folders in the README, with the paths of a photo and of a frame through them, as SVG text."""

from __future__ import annotations

from html import escape
from typing import NamedTuple

WIDTH = 1030
HEIGHT = 520
# The picture has its own background, so that it is readable on a light and on a dark page.
STYLE = """
  .card { fill: #ffffff; stroke: #c9d1d9; }
  .area { fill: #f3f5f8; stroke: #c9d1d9; }
  .box { fill: #ffffff; stroke: #8b949e; }
  text { font: 13px system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; }
  .folder { font: 600 13px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; }
  .small { font-size: 12px; fill: #505a66; }
  .path { fill: none; stroke-width: 2.5; }
  .number { font-size: 11px; font-weight: 700; fill: #ffffff; text-anchor: middle; }
  .photo { stroke: #0a58ca; } .photo-fill { fill: #0a58ca; }
  .frame { stroke: #b3440a; } .frame-fill { fill: #b3440a; }
  @media (prefers-color-scheme: dark) {
    .card { fill: #0d1117; stroke: #3d444d; }
    .area { fill: #161b22; stroke: #3d444d; }
    .box { fill: #21262d; stroke: #6e7681; }
    text { fill: #f0f3f6; }
    .small { fill: #b1bac4; }
    .photo { stroke: #6cb0ff; } .photo-fill { fill: #6cb0ff; }
    .frame { stroke: #ff9d5c; } .frame-fill { fill: #ff9d5c; }
    .number { fill: #0d1117; }
  }
"""
ALTERNATIVE = (
    "Three areas: the browser with web, the kernel with widgets, api, wire, guard and others, and the sandbox with "
    "service, engine and pictures. A photo goes from the browser through widgets, api and wire to the sandbox, and "
    "its faces come back to the picker. A frame goes from the camera straight to the sandbox and back."
)


class Box(NamedTuple):
    """A folder, its contents, and its place in the picture."""

    folder: str
    text: str
    x: int
    y: int
    height: int = 50


AREAS = [
    ("In the browser", 20, 90, 220, 410),
    ("In the kernel (Python)", 280, 90, 470, 410),
    ("In the sandbox's process", 790, 90, 220, 410),
]
BOXES = [
    Box("web/src/uploader", "choose a photo", 35, 130),
    Box("web/src/picker", "show and choose faces", 35, 220),
    Box("web/src/live", "camera, call, picture", 35, 310),
    Box("widgets/", "one file, one widget", 295, 155),
    Box("explore/, check/", "many photos, exercises", 295, 235),
    Box("cli/", "the commands", 295, 360),
    Box("connect.py", "AKOOL or sandbox", 295, 430),
    Box("api/", "Client, Photo, LiveSession", 545, 155),
    Box("wire/", "requests and responses", 545, 235),
    Box("guard/", "closes lost sessions", 545, 360),
    Box("agora.py, pictures", "tokens, picture files", 545, 430),
    Box("sandbox/service", "HTTP and WebSocket", 805, 235, 115),
    Box("sandbox/engine", "detects and swaps", 805, 400),
    Box("sandbox/pictures", "reads and writes JPEG", 805, 130),
]
BOX_WIDTH = 190
# The corners of each step of a path.
PHOTO = [
    [(225, 136), (390, 136), (390, 155)],
    [(485, 170), (545, 170)],
    [(640, 205), (640, 235)],
    [(735, 248), (805, 248)],
    [(840, 350), (840, 400)],
    [(805, 272), (735, 272)],
    [(545, 192), (485, 192)],
    [(295, 192), (260, 192), (260, 245), (225, 245)],
]
FRAME = [
    [(225, 320), (805, 320)],
    [(895, 350), (895, 400)],
    [(950, 400), (950, 350)],
    [(805, 342), (225, 342)],
]
LEGEND = [
    ("photo", "A photo: 1 chosen, 2 turned upright and shrunk, 3–4 sent, 5 faces found, 6–8 faces shown"),
    (
        "frame",
        "A frame, 20 times a second: 1 sent by the camera, 2–3 the face swapped, 4 shown; the kernel is not involved",
    ),
    ("", "With an AKOOL account, AKOOL takes the place of the sandbox, and Agora carries the frames."),
]


def svg() -> str:
    """The whole picture."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(ALTERNATIVE)}</title>",
        f"<style>{STYLE}</style>",
        _markers(),
        f'<rect class="card" x="1" y="1" width="{WIDTH - 2}" height="{HEIGHT - 2}" rx="10"/>',
        *_legend(),
        *[_area(*area) for area in AREAS],
        *[_box(box) for box in BOXES],
        *_path("photo", PHOTO),
        *_path("frame", FRAME),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _markers() -> str:
    heads = [
        f'<marker id="{kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto">'
        f'<path class="{kind}-fill" d="M0 0 8 4 0 8z"/></marker>'
        for kind in ("photo", "frame")
    ]
    return f"<defs>{''.join(heads)}</defs>"


def _legend() -> list[str]:
    lines = []
    for row, (kind, text) in enumerate(LEGEND):
        y = 24 + 20 * row
        if kind:
            lines.append(f'<path class="path {kind}" d="M22 {y - 4}h26"/>')
        lines.append(f'<text x="58" y="{y}">{escape(text)}</text>')
    return lines


def _area(name: str, x: int, y: int, width: int, height: int) -> str:
    rectangle = f'<rect class="area" x="{x}" y="{y}" width="{width}" height="{height}" rx="8"/>'
    return f'{rectangle}<text class="title" x="{x + 14}" y="{y + 24}">{escape(name)}</text>'


def _box(box: Box) -> str:
    return (
        f'<rect class="box" x="{box.x}" y="{box.y}" width="{BOX_WIDTH}" height="{box.height}" rx="6"/>'
        f'<text class="folder" x="{box.x + 10}" y="{box.y + 21}">{escape(box.folder)}</text>'
        f'<text class="small" x="{box.x + 10}" y="{box.y + 39}">{escape(box.text)}</text>'
    )


def _path(kind: str, steps: list[list[tuple[int, int]]]) -> list[str]:
    lines = []
    for number, corners in enumerate(steps, 1):
        (start_x, start_y), (next_x, next_y), *_ = corners
        x = (start_x + next_x) / 2
        y = (start_y + next_y) / 2
        points = " ".join(f"{x},{y}" for x, y in corners)
        lines.append(f'<polyline class="path {kind}" marker-end="url(#{kind})" points="{points}"/>')
        lines.append(f'<circle class="{kind}-fill" cx="{x}" cy="{y}" r="8"/>')
        lines.append(f'<text class="number" x="{x}" y="{y + 4}">{number}</text>')
    return lines
