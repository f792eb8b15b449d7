"""Wrong arguments: each error names the argument and what it accepts."""

import asyncio
import gc

import pytest

from akool_nb import explore, samples
from akool_nb.api.models import Face
from akool_nb.api.photo import Photo
from akool_nb.errors import PhotoError
from akool_nb.plot import plot_faces
from akool_nb.widgets import FacePicker, LiveView, SessionPanel, Studio
from akool_nb.widgets.studio import studio

FACE = Face(1, (10, 10, 40, 40), ((20, 20), (40, 20), (30, 30), (30, 40)), "", Photo.open(samples.photo("drawn_face")))


def frames(**options):
    return asyncio.run(anext(LiveView().frames(**options)))


def session_set_later():
    LiveView().session = "x"


def faces_set_later():
    LiveView().faces = ["x"]


WRONG = {
    "client is a client": [
        lambda: SessionPanel("x"),
        lambda: Studio("x"),
        lambda: studio(FACE),
        lambda: FacePicker(client="x"),
        lambda: explore.detect_many([], "x"),
        lambda: explore.sweep("x", [], "x"),
        lambda: explore.probe("x"),
    ],
    "session is what client.create": [lambda: LiveView(FACE), lambda: LiveView("x"), session_set_later],
    "faces is a list of faces": [lambda: LiveView(faces="x"), lambda: LiveView(faces=FACE), faces_set_later],
    "detection is a detection": [lambda: plot_faces("x"), lambda: plot_faces(FACE)],
    "close_after is a number from 0": [lambda: LiveView(close_after="x"), lambda: LiveView(close_after=-1)],
    "join_limit is a number from 1": [lambda: LiveView(join_limit=-1), lambda: LiveView(join_limit=None)],
    "limit is a whole number from 0": [lambda: frames(limit="x"), lambda: frames(limit=-1), lambda: frames(limit=0.5)],
    "max_side is a whole number from 1": [lambda: FACE.picture("x"), lambda: FACE.picture(0)],
}


@pytest.mark.parametrize(("message", "call"), [(text, call) for text, calls in WRONG.items() for call in calls])
def test_a_wrong_argument_is_named_in_the_error_with_what_it_accepts(message, call):
    with pytest.raises((TypeError, ValueError, PhotoError), match=f"{message}.*, not [^ ]+$"):
        call()
    gc.collect()  # pytest turns an error in the finalizer of a half-made widget into a failure of this test
