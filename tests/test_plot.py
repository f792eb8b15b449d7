"""Plots of detections: each face has its number, and the plot is readable from no face to thirty."""

from __future__ import annotations

from dataclasses import replace

import matplotlib
import pytest
from matplotlib import pyplot
from matplotlib.colors import to_hex
from PIL import Image

from akool_nb import samples
from akool_nb.api.models import Detection, Face, Photo
from akool_nb.plot import LANDMARKS, plot_faces, save_faces, warning_lines

matplotlib.use("Agg")

POINTS = ((30, 40), (70, 40), (50, 60), (35, 80), (35, 80), (65, 80))


@pytest.fixture(autouse=True)
def close_figures():
    yield
    pyplot.close("all")


def detection(count: int, *, points: int = 4, cell: int = 120) -> Detection:
    """This number of faces on a grid of six columns."""
    photo = Photo.open(Image.new("RGB", (6 * cell, max(1, -(-count // 6)) * cell), "steelblue"))
    return Detection(photo, [face(number, photo, points, cell) for number in range(1, count + 1)])


def face(number: int, photo: Photo, points: int, cell: int) -> Face:
    left, top = (number - 1) % 6 * cell, (number - 1) // 6 * cell
    landmarks = tuple((left + x, top + y) for x, y in POINTS[:points])
    return Face(number, (left + 10, top + 15, 80, 80), landmarks, "1,1:2,2:3,3:4,4", photo)


def texts(ax):
    return [text.get_text() for text in ax.texts]


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_every_face_has_a_frame_and_its_number():
    ax = plot_faces(detection(30))
    assert texts(ax) == [str(number) for number in range(1, 31)]
    assert [frame.get_bbox().bounds for frame in ax.patches[:2]] == [(10, 15, 80, 80), (130, 15, 80, 80)]
    assert ax.get_title() == "30 faces"


def test_the_numbers_of_thirty_faces_do_not_overlap():
    ax = plot_faces(detection(30))
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert not [1 for index, box in enumerate(boxes) for other in boxes[:index] if box.overlaps(other)]
    assert all(text.get_fontsize() >= 6 for text in ax.texts)


@pytest.mark.parametrize("points", [4, 6])
def test_the_legend_names_the_shown_points(points):
    assert legend(plot_faces(detection(2, points=points))) == list(LANDMARKS[:points])


def test_each_kind_of_point_has_its_own_colour_and_place():
    ax = plot_faces(detection(3, points=6))
    assert len({to_hex(dots.get_facecolor()[0]) for dots in ax.collections}) == 6
    assert ax.collections[2].get_offsets().tolist() == [[50, 60], [170, 60], [290, 60]]


def test_names_can_be_left_out():
    assert plot_faces(detection(2), names=False).get_legend() is None


def dark(count: int) -> Detection:
    """This number of faces that are too small and too dark."""
    photo = Photo.open(Image.new("RGB", (400, 300), (20, 20, 20)))
    return Detection(
        photo, [replace(face(number, photo, 4, 60), region=(0, 0, 40, 50)) for number in range(1, count + 1)]
    )


def test_the_plot_shows_the_warnings_of_the_faces():
    found = dark(2)
    expected = [f"Face {face.number}: {sentence}" for face in found for sentence in face.warnings]
    assert len(expected) == 4
    assert warning_lines(found) == expected
    assert plot_faces(found).texts[-1].get_text().splitlines() == expected


def test_at_most_four_warnings_are_drawn_and_none_if_they_are_turned_off():
    lines = plot_faces(dark(5)).texts[-1].get_text().splitlines()
    assert len(lines) == 4
    assert lines[-1].startswith("7 more warnings")
    assert texts(plot_faces(dark(5), warnings=False)) == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize("names", [True, False])
def test_warnings_are_inside_the_figure_and_below_everything_else(names):
    figure = pyplot.figure(figsize=(8, 6), layout="constrained")
    ax = plot_faces(dark(2), ax=figure.subplots(), names=names)
    figure.canvas.draw()
    text = ax.texts[-1].get_window_extent()
    above = ax.get_legend() if names else ax
    assert figure.bbox.ymin <= text.ymin < text.ymax <= above.get_window_extent().ymin + 1
    assert figure.bbox.xmin <= text.xmin < text.xmax <= figure.bbox.xmax


def test_the_given_axes_are_used_and_returned():
    _, ax = pyplot.subplots()
    assert plot_faces(detection(1), ax=ax) is ax
    assert ax.get_title() == "1 face"


def test_a_photo_without_faces_is_shown():
    ax = plot_faces(detection(0))
    assert ax.get_title() == "no face"
    assert ax.images


def test_a_detection_of_the_sandbox_has_a_plot(sandbox):
    ax = sandbox.client().detect(samples.photo("collage")).plot()
    assert ax.get_title() == "6 faces"
    assert ax.get_xlim() == (-0.5, 1279.5)


def test_a_tall_photo_gives_a_figure_of_limited_height():
    ax = plot_faces(Detection(Photo.open(Image.new("RGB", (300, 1500))), []))
    assert ax.figure.get_figheight() < 8


def test_a_drawing_is_saved_without_opening_a_figure(tmp_path):
    before = pyplot.get_fignums()
    save_faces(detection(3), tmp_path / "faces.png")
    assert Image.open(tmp_path / "faces.png").format == "PNG"
    assert pyplot.get_fignums() == before
