"""matplotlib pictures of detections: the photo, a numbered frame and coloured landmarks for each face, warnings."""

from __future__ import annotations

import textwrap
from pathlib import Path

from matplotlib import patheffects, pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from akool_nb.api.arguments import having
from akool_nb.api.models import Detection, Face

LANDMARKS = ("left eye", "right eye", "nose", "mouth", "left mouth corner", "right mouth corner")
"""The names of the points, in the API's order; "left" is left in the picture.

The fourth is just "mouth": one of AKOOL's detectors gives the left corner there, the other the centre.
https://docs.akool.com/ai-tools-suite/live-faceswap
"""

# Okabe and Ito's palette, whose colours colour-blind people can distinguish.
_COLOURS = ("#56b4e9", "#0072b2", "#f0e442", "#d55e00", "#cc79a7", "#009e73")
_HALO = patheffects.withStroke(linewidth=3, foreground="black", alpha=0.55)
_WIDTH = 8.0  # inches of a figure that we make ourselves
_MOST_WARNINGS = 4  # shown under the picture
_LETTERS = 20  # of a warning in one inch


def plot_faces(detection: Detection, *, ax: Axes | None = None, names: bool = True, warnings: bool = True) -> Axes:
    """Draw the photo of a detection with its faces, and return the Axes.

    The axes count pixels of the photo as it was sent, (0, 0) at the top left. Each frame has its face's number,
    counted from 1; `names` adds a legend that names the points; `warnings` writes under it why a swap may look
    bad (`Face.warnings`), at most four sentences.
    """
    having("detection", detection, "trx_id", "a detection, such as client.detect(photo)")
    if ax is None:
        _, ax = pyplot.subplots(figsize=_paper(detection.photo.size), layout="constrained")
    ax.imshow(detection.photo.image)
    ax.set_axis_off()
    for face in detection:
        _draw_frame(ax, face, _inches(ax, face))
    _draw_points(ax, list(detection))
    if names and len(detection):
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=_columns(ax), frameon=False, fontsize=9)
    if warnings:
        _write_warnings(ax, warning_lines(detection))
    ax.set_title(_title(detection), fontsize=10)
    return ax


def warning_lines(detection: Detection) -> list[str]:
    """`Face.warnings` of all faces, one line each with the face's number."""
    found = zip(detection, detection.warnings, strict=True)
    return [f"Face {face.number}: {sentence}" for face, sentences in found for sentence in sentences]


def save_faces(detection: Detection, path: Path) -> None:
    """Write that drawing to a file (PNG, or what the file's name asks for); it needs no screen and opens no window."""
    figure = Figure(figsize=_paper(detection.photo.size), layout="constrained")
    plot_faces(detection, ax=figure.subplots())
    figure.savefig(path, dpi=120)


def _columns(ax: Axes) -> int:
    """Columns of the legend: four names are in one row, six in two."""
    return 4 if len(ax.get_legend_handles_labels()[1]) <= 4 else 3


def _paper(size: tuple[int, int]) -> tuple[float, float]:
    """Width and height in inches of a figure for a picture of that size, with space for title and legend."""
    width, height = size
    # The height is limited, so that a portrait does not fill two screens.
    inches = min(_WIDTH, 7.0 * width / height)
    return inches, inches * height / width + 0.9


def _inches(ax: Axes, face: Face) -> float:
    left, right = ax.get_xlim()
    # Of axes in a subfigure, `figure` is the subfigure, whose own `figure` is the whole; a figure's is itself.
    figure = ax.figure.figure
    return float(face.region[2] / abs(right - left) * figure.get_figwidth() * ax.get_position().width)


def _draw_frame(ax: Axes, face: Face, inches: float) -> None:
    """The region, and the number on a plate at its upper left corner."""
    x, y, width, height = face.region
    line = 2.0 if inches > 1 else 1.2
    frame = Rectangle((x, y), width, height, fill=False, edgecolor="white", linewidth=line, path_effects=[_HALO])
    ax.add_patch(frame)
    size = min(12.0, max(6.0, 9 * inches))
    plate = {"boxstyle": "round,pad=0.2", "facecolor": "black", "edgecolor": "white", "linewidth": 0.6}
    ax.text(x, y, str(face.number), color="white", fontsize=size, weight="bold", ha="center", va="center", bbox=plate)


def _draw_points(ax: Axes, faces: list[Face]) -> None:
    """All eyes, then all noses …: one colour and one entry of the legend each."""
    size = min(36.0, max(8.0, 22 * min((_inches(ax, face) for face in faces), default=1.0)))
    for index, (name, colour) in enumerate(zip(LANDMARKS, _COLOURS, strict=True)):
        points = [face.landmarks[index] for face in faces if index < len(face.landmarks)]
        if points:
            xs, ys = zip(*points, strict=True)
            ax.scatter(xs, ys, s=size, c=colour, edgecolors="black", linewidths=0.6, label=name, zorder=3)


def _write_warnings(ax: Axes, lines: list[str]) -> None:
    """Write the first warnings below the legend, or below the photo where there is no legend."""
    if not lines:
        return
    shown = lines[:_MOST_WARNINGS]
    if len(lines) > len(shown):
        shown[-1] = f"{len(lines) - len(shown) + 1} more warnings: read the faces' .warnings"
    width = ax.figure.figure.get_figwidth() * ax.get_position().width
    text = "\n".join(textwrap.fill(line, max(40, round(_LETTERS * width))) for line in shown)
    below = ax.get_legend() or "axes fraction"
    ax.annotate(text, (0.5, 0.0), xycoords=below, ha="center", va="top", fontsize=7, color="0.35")


def _title(detection: Detection) -> str:
    count = len(detection)
    return {0: "no face", 1: "1 face"}.get(count, f"{count} faces")
