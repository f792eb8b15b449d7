"""BaseWidget, its messages, its listeners, the shared consent, and the sizes of the scripts."""

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
    """The smallest possible widget."""

    _esm = "export default {}"
    received = None

    def _receive_shout(self, *buffers, text):
        self.received = (text, [bytes(buffer) for buffer in buffers])

    def _receive_broken(self):
        raise KeyError("a missing key")


@pytest.fixture(autouse=True)
def withdraw_consent():
    yield
    CONSENT.set(False)


@pytest.fixture
def sent(monkeypatch):
    """What widgets send to the page, in order."""
    messages = []
    monkeypatch.setattr(Plain, "send", lambda self, content, buffers=None: messages.append((content, buffers)))
    return messages


def test_all_exported_names_exist_and_are_sorted():
    assert dir(akool_nb.widgets) == sorted(akool_nb.widgets.__all__)
    assert akool_nb.widgets.ImageUploader is ImageUploader


def test_an_unknown_name_raises_attribute_error():
    with pytest.raises(AttributeError, match="FacePikcer"):
        _ = akool_nb.widgets.FacePikcer


@pytest.mark.parametrize("widget", [Plain, ImageUploader, FacePicker])
def test_a_misspelt_keyword_is_refused_and_the_error_lists_the_known_ones(widget):
    with pytest.raises(TypeError, match=rf"{widget.__name__}\(\) got an unexpected keyword 'lay_out'.*layout"):
        widget(lay_out={})


def test_the_error_lists_the_keywords_of_the_constructor_too():
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


def test_a_callback_that_is_called_too_early_is_refused_at_once():
    with pytest.raises(TypeError, match=r"the callback is a function.*without brackets.*not NoneType"):
        Listeners(Plain()).add(None)


def test_a_closed_widget_says_so_where_it_is_displayed():
    widget = Plain()
    widget.close()
    assert repr(widget) == "Plain(closed)"


def test_a_layout_is_accepted():
    assert Plain(layout=ipywidgets.Layout(width="360px")).layout.width == "360px"


@pytest.mark.parametrize("widget", [Plain, ImageUploader, FacePicker])
def test_the_repr_is_stable(widget):
    assert repr(widget()) == f"{widget.__name__}()"


def test_a_message_from_the_page_reaches_its_handler():
    widget = Plain()
    widget._handle_custom_msg({"kind": "shout", "text": "ho"}, [memoryview(b"bytes")])
    assert widget.received == ("ho", [b"bytes"])


def test_a_message_of_an_unknown_kind_is_ignored():
    Plain()._handle_custom_msg({"kind": "unknown"}, [])


def test_an_exception_of_a_handler_is_shown():
    widget = Plain()
    widget._handle_custom_msg({"kind": "broken"}, [])
    assert widget.error == "KeyError: 'a missing key'"


def test_an_akool_error_is_shown_with_its_own_message():
    widget = Plain()
    widget.fail(InsufficientQuotaError(1104, "No credits left"), about="me.jpg")
    assert widget.error.startswith("me.jpg: No credits left (code 1104). ")


def test_work_runs_outside_the_main_thread_and_its_failure_is_shown():
    widget = Plain()
    names = []

    def fail():
        names.append(threading.current_thread().name)
        raise ValueError("too far")

    widget.work(fail)
    widget.worker.result(lambda: None)
    assert names != [threading.main_thread().name]
    assert widget.error == "ValueError: too far"


def test_binary_data_is_sent_as_buffers_of_the_message(sent):
    Plain().post("photo", {"id": 1}, b"jpeg")
    assert sent == [({"kind": "photo", "id": 1}, [b"jpeg"])]


def test_consent_given_to_one_widget_holds_for_all():
    first, second = Plain(), Plain()
    first.consent = True
    assert second.consent
    assert Plain().consent
    second.consent = False
    assert not first.consent


class SlowWidget:
    """The part of a widget that the consent uses; to set its trait takes 0.05 s."""

    _shown = False

    @property
    def consent(self):
        return self._shown

    @consent.setter
    def consent(self, given):
        time.sleep(0.05 * given)
        self._shown = given


def test_if_two_threads_set_the_consent_the_later_value_holds_for_all_widgets():
    consent = Consent()
    widgets = [SlowWidget() for _ in range(3)]
    for one in widgets:
        consent.follow(one)
    earlier = threading.Thread(target=consent.set, args=(True,))
    earlier.start()
    while not consent.given:
        time.sleep(0.001)
    consent.set(False)
    earlier.join()
    assert [one.consent for one in widgets] == [False] * 3


def test_a_failing_listener_does_not_stop_the_next_one():
    widget, values = Plain(), []
    listeners = Listeners(widget)

    @listeners.add
    def fails(value):
        raise RuntimeError("first")

    listeners.add(values.append)
    listeners.add(values.append)
    listeners.call("news")
    assert values == ["news"]
    assert widget.error == "RuntimeError: first"


def test_the_error_about_a_script_that_was_not_built_says_how_to_build_it():
    with pytest.raises(ImportError, match=r"nonesuch\.js is missing.*pip install -e"):
        script("nonesuch")


@pytest.mark.parametrize(
    ("name", "most"), [("image_uploader", 35_000), ("face_picker", 35_000), ("live_view", 90_000), ("studio", 140_000)]
)
def test_a_script_is_small_enough_to_be_saved_with_every_notebook(name, most):
    assert script(name).stat().st_size < most


def test_ten_saved_live_views_take_at_most_a_megabyte():
    assert 10 * len(json.dumps(script("live_view").read_text())) <= 1_000_000
