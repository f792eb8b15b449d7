"""What all widgets share."""

import contextvars
import json
import threading
import time

import ipywidgets
import pytest

import akool_nb.widgets
from akool_nb.errors import InsufficientQuotaError
from akool_nb.widgets import FacePicker, ImageUploader
from akool_nb.widgets.base import BaseWidget, Listeners, script
from akool_nb.widgets.consent import CONSENT, Consent


class Plain(BaseWidget):
    """The least that a widget can be."""

    _esm = "export default {}"

    def _receive_shout(self, *buffers, text):
        self.received = (text, [bytes(buffer) for buffer in buffers])

    def _receive_trip(self):
        raise KeyError("a stone")


@pytest.fixture(autouse=True)
def no_consent_left():
    yield
    CONSENT.set(False)


@pytest.fixture
def sent(monkeypatch):
    """What widgets send to the page, in order."""
    messages = []
    monkeypatch.setattr(BaseWidget, "send", lambda self, content, buffers=None: messages.append((content, buffers)))
    return messages


def test_the_names_are_there_and_sorted():
    assert dir(akool_nb.widgets) == sorted(akool_nb.widgets.__all__)
    assert akool_nb.widgets.ImageUploader is ImageUploader


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="FacePikcer"):
        _ = akool_nb.widgets.FacePikcer


@pytest.mark.parametrize("widget", [Plain, ImageUploader, FacePicker])
def test_a_misspelt_keyword_is_refused_and_told_what_is_known(widget):
    with pytest.raises(TypeError, match=rf"{widget.__name__}\(\) got an unexpected keyword 'lay_out'.*layout"):
        widget(lay_out={})


def test_the_refusal_names_the_keywords_of_the_constructor_too():
    with pytest.raises(TypeError, match=r"'close_afer'.*close_after, folder"):
        akool_nb.widgets.LiveView(close_afer=5)
    with pytest.raises(TypeError, match=r"'fce'.*face"):
        akool_nb.widgets.SessionPanel(akool_nb.Client(), fce=None)


def test_a_callback_runs_in_the_context_of_the_cell_that_registered_it():
    cell = contextvars.ContextVar("cell")
    listeners, seen = Listeners(Plain()), []
    cell.set("first")
    listeners.add(lambda: seen.append(cell.get(None)))
    cell.set("second")
    thread = threading.Thread(target=listeners.call)
    thread.start()
    thread.join()
    assert seen == ["first"]


def test_a_layout_is_taken():
    assert Plain(layout=ipywidgets.Layout(width="360px")).layout.width == "360px"


@pytest.mark.parametrize("widget", [Plain, ImageUploader, FacePicker])
def test_the_repr_is_stable(widget):
    assert repr(widget()) == f"{widget.__name__}()"


def test_a_message_from_the_page_reaches_its_handler():
    widget = Plain()
    widget._handle_custom_msg({"kind": "shout", "text": "ho"}, [memoryview(b"bytes")])
    assert widget.received == ("ho", [b"bytes"])


def test_a_message_of_an_unknown_kind_is_ignored():
    Plain()._handle_custom_msg({"kind": "secret handshake"}, [])


def test_what_a_handler_raises_is_shown():
    widget = Plain()
    widget._handle_custom_msg({"kind": "trip"}, [])
    assert widget.error == "KeyError: 'a stone'"


def test_our_own_errors_are_shown_as_they_are():
    widget = Plain()
    widget.fail(InsufficientQuotaError(1104, "No credits left"), about="me.jpg")
    assert widget.error.startswith("me.jpg: No credits left (code 1104). ")


def test_work_runs_beside_the_main_thread_and_its_failure_is_shown():
    widget = Plain()
    names = []

    def stumble():
        names.append(threading.current_thread().name)
        raise ValueError("too far")

    widget.work(stumble)
    widget.worker.result(lambda: None)
    assert names != [threading.main_thread().name]
    assert widget.error == "ValueError: too far"


def test_pictures_travel_beside_the_message(sent):
    Plain().post("photo", {"id": 1}, b"jpeg")
    assert sent == [({"kind": "photo", "id": 1}, [b"jpeg"])]


def test_consent_given_once_is_given_for_all_widgets():
    first, second = Plain(), Plain()
    first.consent = True
    assert second.consent
    assert Plain().consent
    second.consent = False
    assert not first.consent


class Asking:
    """The least that consent asks of a widget; to show a tick takes it a moment."""

    _shown = False

    @property
    def consent(self):
        return self._shown

    @consent.setter
    def consent(self, given):
        time.sleep(0.05 * given)
        self._shown = given


def test_of_two_threads_that_set_the_tick_the_later_one_holds_for_all_widgets():
    consent, asking = Consent(), [Asking() for _ in range(3)]
    for one in asking:
        consent.follow(one)
    earlier = threading.Thread(target=consent.set, args=(True,))
    earlier.start()
    while not consent.given:
        time.sleep(0.001)
    consent.set(False)
    earlier.join()
    assert [one.consent for one in asking] == [False] * 3


def test_a_listener_that_fails_does_not_silence_the_next():
    widget, heard = Plain(), []
    listeners = Listeners(widget)

    @listeners.add
    def fails(value):
        raise RuntimeError("first")

    listeners.add(heard.append)
    listeners.add(heard.append)
    listeners.call("news")
    assert heard == ["news"]
    assert widget.error == "RuntimeError: first"


def test_a_script_that_was_not_built_is_named_with_the_way_to_build_it():
    with pytest.raises(ImportError, match=r"nonesuch\.js is missing.*pip install -e"):
        script("nonesuch")


@pytest.mark.parametrize(
    ("name", "most"), [("image_uploader", 35_000), ("face_picker", 35_000), ("live_view", 90_000), ("studio", 140_000)]
)
def test_a_widgets_script_is_small_enough_to_be_saved_with_every_notebook(name, most):
    assert script(name).stat().st_size < most


def test_ten_saved_live_views_take_at_most_a_megabyte():
    assert 10 * len(json.dumps(script("live_view").read_text())) <= 1_000_000
