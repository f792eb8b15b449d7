"""LiveView without a page: what it tells the page, what it hears, and how sessions end with their viewers."""

import io
import json
import urllib.error
import urllib.request

import pytest
import traitlets
from PIL import Image

from akool_nb import samples
from akool_nb.widgets.audience import Audience
from akool_nb.widgets.live_view import LiveView


class Page:
    """The page's end of the channel."""

    def __init__(self, widget):
        self.widget = widget
        self.heard = []
        widget.send = lambda content, buffers=None: self.heard.append((content, buffers or []))

    def say(self, kind, *buffers, **content):
        self.widget._handle_custom_msg({"kind": kind, **content}, [memoryview(buffer) for buffer in buffers])

    def answers(self, kind):
        return [content for content, _ in self.heard if content["kind"] == kind]


@pytest.fixture
def faces(sandbox):
    return sandbox.client().detect(samples.photo("collage"))


@pytest.fixture
def session(sandbox, faces):
    return sandbox.client().create(faces[0])


def wait(condition, seconds=10):
    import time

    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)


def test_an_unknown_keyword_is_refused(session):
    with pytest.raises(TypeError, match="autostart"):
        LiveView(session, autostart=True)
    with pytest.raises(traitlets.TraitError, match="camera"):
        LiveView(session, camera="front")


def test_its_repr_is_stable_and_short(session):
    assert repr(LiveView(session)) == "LiveView()"


def test_the_first_state_starts_the_picture_and_holds_no_token(session):
    view = LiveView(session, camera="drawn")
    assert view.transport == "sandbox"
    assert view.view_url == session.view_url
    told = json.dumps({name: value for name, value in view.get_state().items() if name != "_esm"})
    assert session.channel.token not in told


def test_the_join_data_come_only_as_an_answer(session):
    page = Page(LiveView(session, codec="h264"))
    page.say("ticket")
    (ticket,) = page.answers("ticket")
    assert ticket["front_rtc_token"] == session.channel.token
    assert (ticket["front_user_id"], ticket["algorithm_user_id"], ticket["codec"]) == ("1", "3", "h264")
    assert ticket["app_id_differs"] is False


def test_without_a_session_there_is_no_ticket(session):
    view = LiveView()
    page = Page(view)
    page.say("ticket")
    session.close()
    view.session = session
    page.say("ticket")
    assert [answer["refused"] for answer in page.answers("ticket")] == ["NO_SESSION", "SESSION_CLOSED"]


def test_states_are_heard(session):
    view = LiveView(session)
    heard = []
    view.on_state(heard.append)
    for state in ("starting", "live"):
        view.state = state
    assert heard == ["starting", "live"]
    assert Audience.of(session).seen


def test_the_session_ends_some_time_after_its_last_viewer(session):
    first, second = LiveView(session, close_after=0.05), LiveView(session, close_after=0.05)
    first.state = second.state = "live"
    first.state = "stopped"
    assert not session.closed
    second.close()
    wait(lambda: session.closed)
    assert len(session.client.calls.find("live/close")) == 1


def test_a_viewer_that_comes_back_keeps_the_session(session):
    view = LiveView(session, close_after=0.2)
    view.state = "live"
    view.state = "stopped"
    view.state = "starting"
    assert not Audience.of(session)._timer
    view.state = "stopped"
    wait(lambda: session.closed)


def test_a_session_that_nobody_watched_is_left_alone(session):
    LiveView(session, close_after=0.0).close()
    assert not session.closed


def test_a_page_that_says_good_bye_starts_the_grace(session):
    view = LiveView(session, close_after=0.05)
    view.state = "live"
    Page(view).say("gone")
    assert view.state == "stopped"
    wait(lambda: session.closed)


def test_a_session_closed_elsewhere_ends_the_picture(session):
    page = Page(LiveView(session))
    session.close()
    assert page.answers("ended") == [{"kind": "ended", "code": "SESSION_CLOSED"}]


def test_prepared_faces_go_out_as_messages_and_come_back_as_updates(session, faces):
    page = Page(LiveView(session, faces=faces))
    page.say("faces")
    ((_, pictures),) = [entry for entry in page.heard if entry[0]["kind"] == "faces"]
    assert len(pictures) == len(faces)
    page.say("choose_face", index=3)
    wait(lambda: page.answers("face_chosen"))
    assert page.answers("face_chosen") == [{"kind": "face_chosen", "index": 3}]
    assert session.source == faces[3].source


def test_a_face_that_is_refused_is_told_and_not_marked(session, faces, sandbox):
    view = LiveView(session, faces=faces)
    page = Page(view)
    sandbox.fail_next("update", code=1003)
    page.say("choose_face", index=1)
    wait(lambda: view.error)
    assert page.answers("face_chosen") == [{"kind": "face_chosen", "index": -1}]


def test_a_snapshot_arrives_as_an_image(session):
    view = LiveView(session)
    with io.BytesIO() as file:
        Image.new("RGB", (640, 480), "teal").save(file, "PNG")
        Page(view).say("snapshot", file.getvalue())
    assert view.snapshot.size == (640, 480)


def test_a_recording_grows_in_the_folder_and_never_outside(session, tmp_path):
    view = LiveView(session, folder=tmp_path)
    page = Page(view)
    for piece in (b"one", b"two"):
        page.say("recording", piece, name="../../evil")
    page.say("recorded", name="../../evil")
    assert [path.name for path in tmp_path.iterdir()] == ["live-evil.webm"]
    assert view.recordings[0].read_bytes() == b"onetwo"


def test_statistics_become_a_table(session):
    view = LiveView(session)
    for rate in (19, 20):
        view.stats = {"fps_in": rate}
    assert list(view.to_pandas()["fps_in"]) == [19, 20]


def test_the_page_of_its_own_opens_once(session):
    view = LiveView(session)
    url = view.open_page()
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            cookie = answer.headers["Set-Cookie"].partition(";")[0]
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(url, timeout=10)
        host = url.partition("/open/")[0]
        script = urllib.request.Request(f"{host}/static/page.js", headers={"Cookie": cookie})
        assert urllib.request.urlopen(script, timeout=10).status == 200
        renewed = view.open_page()
        assert renewed != url
    finally:
        view.close()
