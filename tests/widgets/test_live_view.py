"""LiveView without a browser: its messages to the page, the page's reports, and the end of its sessions."""

import asyncio
import dataclasses
import gc
import io
import itertools
import json
import threading
import time
import urllib.error
import urllib.request

import pytest
import traitlets
from PIL import Image

from akool_nb import samples
from akool_nb.api.models import Face
from akool_nb.errors import PhotoError
from akool_nb.widgets.audience import Audience
from akool_nb.widgets.live_view import LiveView


class Page:
    """The page's end of the channel."""

    def __init__(self, widget):
        self.widget = widget
        self.received = []
        widget.send = lambda content, buffers=None: self.received.append((content, buffers or []))

    def send(self, kind, *buffers, **content):
        self.widget._handle_custom_msg({"kind": kind, **content}, [memoryview(buffer) for buffer in buffers])

    def answers(self, kind):
        return [content for content, _ in self.received if content["kind"] == kind]


@pytest.fixture
def faces(sandbox):
    return sandbox.client().detect(samples.photo("collage"))


@pytest.fixture
def session(sandbox, faces):
    return sandbox.client().create(faces[0])


def settle(widget):
    """Wait until the widget has handled its messages."""
    widget.worker.result(lambda: None)


def wait(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition is still false"
        time.sleep(0.01)


def test_an_unknown_keyword_or_value_is_refused(session):
    with pytest.raises(TypeError, match="autostart"):
        LiveView(session, autostart=True)
    with pytest.raises(traitlets.TraitError, match="camera"):
        LiveView(session, camera="front")


def test_a_session_in_place_of_the_function_that_opens_one_is_refused(session):
    with pytest.raises(TypeError, match=r"lambda: client\.create"):
        LiveView(create=session)


def test_the_repr_is_stable_and_short(session):
    assert repr(LiveView(session)) == "LiveView()"


def test_the_first_state_has_the_view_url_and_no_token(session):
    view = LiveView(session, camera="drawn")
    assert view.transport == "sandbox"
    assert view.view_url == session.view_url
    state = json.dumps({name: value for name, value in view.get_state().items() if name != "_esm"})
    assert session.channel.token not in state


def test_the_join_data_are_sent_only_as_an_answer(session):
    page = Page(LiveView(session, codec="h264"))
    page.send("ticket")
    (ticket,) = page.answers("ticket")
    assert ticket["front_rtc_token"] == session.channel.token
    assert (ticket["front_user_id"], ticket["algorithm_user_id"], ticket["codec"]) == ("1", "3", "h264")
    assert ticket["app_id_differs"] is False


@pytest.mark.parametrize("option", ["mode", "codec", "cloud_proxy"])
def test_an_unknown_value_of_an_agora_option_is_refused(session, option):
    with pytest.raises(traitlets.TraitError, match=option):
        LiveView(session, **{option: "unknown"})


def test_the_cloud_proxy_is_sent_with_the_join_data(session):
    page = Page(LiveView(session, cloud_proxy="tcp", join_limit=3))
    page.send("ticket")
    (ticket,) = page.answers("ticket")
    assert (ticket["cloud_proxy"], ticket["mode"], ticket["join_limit_ms"]) == ("tcp", "rtc", 3000)


def test_the_page_gets_the_seconds_left_and_needs_no_correct_clock(session):
    page = Page(LiveView(session))
    page.send("time_left")
    (answer,) = page.answers("time_left")
    assert answer["seconds"] == pytest.approx(session.seconds_left, abs=5)


def test_turning_the_mark_off_warns(session):
    with pytest.warns(UserWarning, match="AI-swapped"):
        view = LiveView(session, mark=False)
    assert view.get_state("mark") == {"mark": False}


class Tab:
    """A page of the notebook: it sends messages through its comm and records the answers to all pages."""

    def __init__(self, view, page):
        self.view = view
        self.page = page
        self.count = itertools.count()
        self.answers = []
        view.comm.send = lambda data, buffers=(): self.answers.append(data)

    def send(self, **data):
        self.view.comm.handle_msg({"content": {"data": data}, "buffers": []})

    def update(self, **traits):
        self.send(method="update", state=traits, buffer_paths=[])

    def report(self, **traits):
        self.update(_report=[self.page, next(self.count)], **traits)

    def start(self):
        self.report(page=self.page, state="starting", error="", error_code="")


def test_only_the_page_that_runs_the_call_sets_its_traits_and_other_pages_get_the_values_back(session):
    view = LiveView(session, close_after=0.0)
    first, second = Tab(view, "1-first"), Tab(view, "1-second")
    first.start()
    first.report(state="live")
    for stray in (
        {"state": "stopped", "error": "Camera?", "error_code": "CAMERA_FAILED"},
        {"stats": {"fps_in": 1}},
        {"page": "1-second", "state": "starting"},
    ):
        second.report(**stray)
        second.update(**stray)
        echo, update = second.answers[-2:]
        assert echo["method"] == "echo_update", "JupyterLab waits for an echo"
        assert {name: echo["state"][name] for name in stray} == view.get_state(set(stray))
        assert update["method"] == "update", "marimo and a part of a studio read only updates"
        assert update["state"] == view.get_state(set(stray))
    second.send(method="custom", content={"kind": "gone", "page": "1-second"})
    assert (view.state, view.page, view.error, view.stats) == ("live", "1-first", "", {})
    assert not session.closed
    second.update(mirror=True)
    assert view.mirror
    first.send(method="custom", content={"kind": "gone", "page": "1-first"})
    assert view.state == "stopped"


def test_a_page_with_a_higher_number_takes_the_call_over_and_the_earlier_page_is_ignored(session):
    view = LiveView(session)
    first, second = Tab(view, "1-first"), Tab(view, "2-second")
    states = []
    view.on_state(states.append)
    first.start()
    second.report(page="2-second", state="joined")  # a busy kernel may miss the "starting" before
    first.report(state="stopped")
    first.report(stats={"time": 0, "fps_in": 20})
    second.report(state="stopped")
    assert (states, view.stats) == (["starting", "joined", "stopped"], {})


def test_after_the_end_of_the_call_every_page_may_report(session):
    view = LiveView(session)
    first, second = Tab(view, "1-first"), Tab(view, "0-second")
    first.start()
    first.report(state="failed", error="No camera.")
    second.report(state="preview", error="")
    assert (view.state, view.error) == ("preview", "")


def test_without_an_open_session_the_ticket_is_refused(session):
    view = LiveView()
    page = Page(view)
    page.send("ticket")
    session.close()
    view.session = session
    page.send("ticket")
    assert [answer["refused"] for answer in page.answers("ticket")] == ["NO_SESSION", "SESSION_CLOSED"]


def test_a_page_that_starts_opens_one_session_and_its_end_closes_it(sandbox, faces):
    view = LiveView(create=lambda: sandbox.client().create(faces[0]), close_after=0.05)
    page = Page(view)
    page.send("create", question="first")
    settle(view)
    # A trait may arrive after the message, because JupyterLab sends one change at a time.
    report(view, page="first", state="starting")
    page.send("create", question="second")
    settle(view)
    assert page.answers("create") == [{"kind": "create", "refused": "", "session_id": view.session.id}] * 2
    assert [one["id"] for one in sandbox.sessions] == [view.session.id]
    report(view, state="stopped")
    wait(lambda: view.session.closed)


def test_a_page_that_leaves_while_its_session_opens_leaves_no_session_open(sandbox, faces):
    def create():
        page.send("withdraw", question="first")
        return sandbox.client().create(faces[0])

    view = LiveView(create=create)
    page = Page(view)
    page.send("create", question="first")
    settle(view)
    assert (view.session, sandbox.sessions, page.answers("create")) == (None, [], [])


def test_the_page_gets_the_reason_why_no_session_was_opened(sandbox, faces):
    view = LiveView(create=lambda: sandbox.client().create(faces[0]))
    page = Page(view)
    sandbox.fail_next("create", code=1104)
    page.send("create", question="first")
    settle(view)
    [answer] = page.answers("create")
    assert "1104" in answer["refused"] and view.session is None


def test_on_state_is_called_with_each_state(session):
    view = LiveView(session)
    states = []
    view.on_state(states.append)
    for state in ("starting", "live"):
        view.state = state
    assert states == ["starting", "live"]
    assert Audience.of(session).seen


def test_the_session_is_closed_some_time_after_its_last_viewer_has_left(session):
    first, second = LiveView(session, close_after=0.05), LiveView(session, close_after=0.05)
    first.state = second.state = "live"
    first.state = "stopped"
    assert not session.closed
    second.close()
    wait(lambda: session.closed)
    assert len(session.client.calls.find("live/close")) == 1


def test_a_viewer_that_returns_keeps_the_session_open(session):
    view = LiveView(session, close_after=0.2)
    view.state = "live"
    view.state = "stopped"
    view.state = "starting"
    time.sleep(0.4)
    assert not session.closed
    view.state = "stopped"
    wait(lambda: session.closed)


def test_a_session_set_while_the_picture_runs_is_watched_and_closed_after_its_viewer(sandbox, faces, session):
    view = LiveView(session, close_after=0.05)
    view.state = "live"
    view.session = second = sandbox.client().create(faces[1])
    assert Audience.of(second).is_watching
    assert not Audience.of(second).seen
    view.state = "live"  # the kernel may receive only the last of the page's states
    assert Audience.of(second).seen
    wait(lambda: session.closed)
    assert not second.closed
    view.state = "stopped"
    wait(lambda: second.closed)


def test_a_failed_close_is_repeated_and_the_view_shows_the_reason(session, sandbox):
    view = LiveView(session, close_after=0.0)
    view.state = "live"
    sandbox.fail_always("close", code=1104)
    view.state = "stopped"
    wait(lambda: view.error)
    assert "1104" in view.error
    assert not session.closed
    sandbox.heal()
    wait(lambda: session.closed)
    assert sandbox.sessions == []


def test_a_viewer_that_returns_ends_the_attempts_to_close(session, sandbox):
    view = LiveView(session, close_after=0.0)
    view.state = "live"
    sandbox.fail_always("close", code=1104)
    view.state = "stopped"
    wait(lambda: view.error)
    view.state = "live"
    sandbox.heal()
    time.sleep(1.5)
    assert not session.closed


def test_an_expired_session_is_closed_only_once(session, sandbox, monkeypatch):
    monkeypatch.setattr("akool_nb.widgets.audience.PAUSE", 0.01)
    monkeypatch.setattr(type(session), "seconds_left", 0.0)
    view = LiveView(session, close_after=0.0)
    view.state = "live"
    sandbox.fail_always("close", code=1104)
    view.state = "stopped"
    wait(lambda: view.error)
    time.sleep(0.3)
    assert len(session.client.calls.find("live/close")) == 1


def shorten_patience(view):
    """Make the view report a lost page after 0.2 s without messages."""
    view.reports.watch._patience = 0.2
    view.reports.watch._tick = 0.05


def report(view, **traits):
    """Set traits as the page that runs the call does."""
    view.set_state({"_report": [traits.get("page", view.page), 0], **traits})


async def becomes(view, state):
    """Wait until the view has this state."""
    end = time.monotonic() + 30
    while view.state != state:
        assert time.monotonic() < end, view.state
        await asyncio.sleep(0.01)


def test_a_page_that_was_only_slow_gets_its_session_back(session):
    async def play():
        view = LiveView(session, close_after=0.5)
        shorten_patience(view)
        report(view, state="live", stats={"fps_in": 20})
        await becomes(view, "stopped")
        report(view, stats={"fps_in": 20})  # a hidden tab sends the same figures again
        assert view.state == "live"
        assert Audience.of(session).is_watching
        for _ in range(20):
            await asyncio.sleep(0.05)
            report(view, stats={"fps_in": 20})
        assert view.state == "live" and not session.closed
        view.state = "stopped"

    asyncio.run(play())


def test_a_page_that_has_left_is_not_live_again_after_its_last_figures_arrive(session):
    view = LiveView(session, close_after=0.05)
    report(view, page="1-page", state="live")
    Page(view).send("gone", page="1-page")
    report(view, stats={"fps_in": 20})
    assert view.state == "stopped"
    wait(lambda: session.closed)


def test_a_hidden_tab_that_sends_once_a_minute_is_not_reported_as_lost(session):
    assert LiveView(session).reports.watch._patience >= 150


def test_a_session_set_after_the_old_one_was_closed_is_not_watched_before_it_is_live(sandbox, faces, session):
    """The page knows that the old session ended and shows nothing; the kernel may not know it yet."""
    view = LiveView(session, close_after=0.05)
    view.state = "live"
    session.close()
    view.session = second = sandbox.client().create(faces[1])
    assert not Audience.of(second).is_watching
    view.state = "stopped"
    time.sleep(0.3)
    assert not second.closed


def test_a_session_set_by_another_thread_is_watched_too(sandbox, faces, session):
    second = sandbox.client().create(faces[1])

    async def play():
        view = LiveView(session, close_after=None)
        shorten_patience(view)
        report(view, state="live")
        await asyncio.to_thread(setattr, view, "session", second)
        await becomes(view, "stopped")

    asyncio.run(play())
    session.close()


def test_what_one_viewer_has_reported_is_not_undone_by_another(session):
    audience = Audience.of(session)

    class Meanwhile(str):
        """A state during whose evaluation another viewer reports."""

        def __hash__(self):
            audience.note("live")
            return super().__hash__()

    audience.note(Meanwhile("starting"))
    assert (audience.joined, audience.seen) == (True, True)


def test_a_session_that_was_never_watched_stays_open(session):
    LiveView(session, close_after=0.0).close()
    assert not session.closed


def test_a_page_that_leaves_starts_the_grace_time(session):
    view = LiveView(session, close_after=0.05)
    report(view, page="1-page", state="live")
    Page(view).send("gone", page="1-page")
    assert view.state == "stopped"
    wait(lambda: session.closed)


def test_closing_the_session_elsewhere_ends_the_picture(session):
    page = Page(LiveView(session))
    session.close()
    assert page.answers("ended") == [{"kind": "ended", "code": "SESSION_CLOSED"}]


def test_prepared_faces_are_sent_as_messages_and_a_choice_updates_the_session(session, faces):
    page = Page(view := LiveView(session, faces=faces))
    page.send("faces")
    settle(view)
    ((_, pictures),) = [entry for entry in page.received if entry[0]["kind"] == "faces"]
    assert len(pictures) == len(faces)
    page.send("choose_face", index=3)
    wait(lambda: page.answers("face_chosen"))
    assert page.answers("face_chosen") == [{"kind": "face_chosen", "index": 3}]
    assert session.source == faces[3].source


def test_faces_that_are_set_later_are_shown_at_once(session, faces):
    view = LiveView(session)
    page = Page(view)
    page.send("faces")
    settle(view)
    view.faces = faces
    view.faces = list(faces)  # equal, so not sent again
    settle(view)
    assert [len(pictures) for content, pictures in page.received if content["kind"] == "faces"] == [0, len(faces)]


def test_a_late_click_on_an_earlier_row_of_faces_chooses_none(session, faces):
    page = Page(view := LiveView(session, faces=faces[:2]))
    page.send("faces")
    settle(view)
    turn = page.answers("faces")[-1]["turn"]
    view.faces = faces[2:4]
    page.send("choose_face", index=1, turn=turn)
    settle(view)
    assert session.source == faces[0].source
    page.send("choose_face", index=1, turn=turn + 1)
    wait(lambda: session.source == faces[3].source)


def test_after_several_quick_clicks_the_last_one_holds(session, faces, sandbox):
    page = Page(LiveView(session, faces=faces))
    sandbox.latency = 0.3
    page.send("choose_face", index=1)
    wait(session._updating.locked)
    page.send("choose_face", index=2)
    page.send("choose_face", index=3)
    wait(lambda: len(page.answers("face_chosen")) == 3)
    assert session.source == faces[3].source
    assert len(session.client.calls.find("update")) == 2  # the second click is skipped


def test_an_older_row_of_faces_is_not_shown_after_a_newer_one(session, faces):
    begun = threading.Event()

    class Slow(Face):
        def picture(self, max_side=160):
            begun.set()
            time.sleep(0.2)
            return super().picture(max_side)

    page = Page(view := LiveView(session))
    slow = Slow(**{field.name: getattr(faces[0], field.name) for field in dataclasses.fields(Face)})
    older = threading.Thread(target=setattr, args=(view, "faces", [slow]))
    older.start()
    begun.wait(10)
    view.faces = faces[:2]
    older.join()
    settle(view)
    shown = [(content["turn"], len(pictures)) for content, pictures in page.received if content["kind"] == "faces"]
    assert shown == [(1, 1), (2, 2)]


def test_faces_that_were_detected_again_are_shown_again(session, faces, sandbox):
    page = Page(view := LiveView(session, faces=faces))
    view.faces = sandbox.client().detect(faces[0].photo)
    settle(view)
    assert len(page.answers("faces")) == 1
    assert view.faces[0] == faces[0] and view.faces[0] is not faces[0]


def test_the_face_of_a_session_that_is_set_later_is_marked(session, faces):
    page = Page(view := LiveView(faces=faces))
    view.session = session
    settle(view)
    assert page.answers("face_chosen") == [{"kind": "face_chosen", "index": 0}]


def test_a_refused_face_is_named_and_the_previous_one_stays_marked(session, faces, sandbox):
    view = LiveView(session, faces=faces)
    page = Page(view)
    sandbox.fail_next("update", code=1003)
    page.send("choose_face", index=1)
    settle(view)
    assert view.error.startswith("Face 2: ")
    assert page.answers("face_chosen") == [{"kind": "face_chosen", "index": 0}]
    page.send("choose_face", index=2)
    wait(lambda: session.source == faces[2].source)


def test_a_snapshot_is_an_image(session):
    view = LiveView(session)
    with io.BytesIO() as file:
        Image.new("RGB", (640, 480), "teal").save(file, "PNG")
        Page(view).send("snapshot", file.getvalue())
    settle(view)
    assert view.snapshot.size == (640, 480)


def test_a_recording_is_written_only_inside_its_folder(session, tmp_path):
    view = LiveView(session, folder=tmp_path)
    page = Page(view)
    for piece in (b"one", b"two"):
        page.send("recording", piece, name="../../evil")
    page.send("recorded", name="../../evil")
    wait(lambda: view.recordings)
    assert [path.name for path in tmp_path.iterdir()] == ["live-evil.webm"]
    assert view.recordings[0].read_bytes() == b"onetwo"


@pytest.mark.parametrize("folder", ["films", "films/of/today"])
def test_the_folder_of_recordings_is_created_before_the_recording_starts(session, tmp_path, folder, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    page = Page(view := LiveView(session, folder=f"~/{folder}"))
    page.send("film", name="one")
    wait(lambda: page.answers("film"))
    assert page.answers("film")[0]["path"] == str(tmp_path / folder / "live-one.webm")
    page.send("recording", b"film", name="one")
    page.send("recorded", name="one")
    wait(lambda: view.recordings)
    assert view.recordings[0].read_bytes() == b"film"


def test_a_recording_that_cannot_be_written_is_refused_before_it_starts_and_is_not_listed(session, tmp_path):
    (tmp_path / "file").touch()
    page = Page(view := LiveView(session, folder=tmp_path / "file" / "films"))
    page.send("film", name="one")
    wait(lambda: page.answers("film"))
    assert "view.folder" in page.answers("film")[0]["refused"] and "view.folder" in view.error
    page.send("recording", b"film", name="one")
    page.send("recorded", name="one")
    wait(lambda: page.answers("recorded"))
    assert view.recordings == ()


def test_a_recording_that_ends_before_its_first_picture_is_reported_and_leaves_no_file(session, tmp_path):
    page = Page(view := LiveView(session, folder=tmp_path))
    page.send("film", name="one")
    page.send("recorded", name="one")  # the browser has not encoded a picture yet
    wait(lambda: page.answers("recorded"))
    (answer,) = page.answers("recorded")
    assert answer["path"] == "" and "too short" in answer["refused"]
    assert view.recordings == () and list(tmp_path.iterdir()) == []


def test_a_recording_stays_in_one_file_even_if_the_folder_changes(session, tmp_path):
    page = Page(view := LiveView(session, folder=tmp_path))
    page.send("recording", b"one", name="one")
    wait((tmp_path / "live-one.webm").exists)
    view.folder = tmp_path / "other"
    page.send("recording", b"two", name="one")
    page.send("recorded", name="one")
    wait(lambda: view.recordings)
    assert (tmp_path / "live-one.webm").read_bytes() == b"onetwo"


def test_pictures_of_faces_are_made_outside_the_main_thread_and_one_that_fails_leaves_a_gap(session, faces):
    class Slow(Face):
        def picture(self, max_side=160):
            time.sleep(0.5)
            raise PhotoError("The picture's host does not answer.")

    page = Page(view := LiveView(session))
    slow = Slow(**{field.name: getattr(faces[0], field.name) for field in dataclasses.fields(Face)})
    begun = time.monotonic()
    view.faces = [slow, faces[1]]
    page.send("faces")
    assert time.monotonic() - begun < 0.4
    wait(lambda: page.answers("faces"))
    pictures = next(pictures for content, pictures in page.received if content["kind"] == "faces")
    assert [bool(picture) for picture in pictures] == [False, True]
    assert "does not answer" in view.error


def test_a_view_whose_constructor_failed_is_finalised_without_an_error():
    with pytest.raises(TypeError):
        LiveView(faces=None)
    gc.collect()  # pytest turns an error in the finalizer into a failure of this test


def test_statistics_become_a_table(session):
    view = LiveView(session)
    assert "fps_in" in view.to_pandas().columns
    for time_, rate in ((5.0, 20), (6.0, 20)):
        view.stats = {"time": time_, "fps_in": rate}
    table = view.to_pandas()
    assert [(time_.second, rate) for time_, rate in table["fps_in"].items()] == [(5, 20), (6, 20)]


def test_the_address_of_the_own_page_opens_once(session):
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
