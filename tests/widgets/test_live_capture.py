"""Python's requests to the page of a live view: snapshots, recordings and frames. The test acts as the page."""

import asyncio
import functools
import io

import numpy
import pytest
from PIL import Image

from akool_nb.errors import AkoolError
from akool_nb.widgets.frame import Frame
from akool_nb.widgets.live_view import LiveView
from tests.widgets.test_live_view import Page, wait


@pytest.fixture
def view(tmp_path):
    """A live view whose page can send messages while a cell runs."""
    live = LiveView(folder=tmp_path)
    live.state = "live"
    live.elsewhere = True
    return live


@pytest.fixture
def page(view):
    return Page(view)


def encoded(kind, colour="teal"):
    with io.BytesIO() as file:
        Image.new("RGB", (64, 48), colour).save(file, kind)
        return file.getvalue()


JPEG = encoded("JPEG")


async def answered(page, kind):
    """Wait until the page has received a message of that kind."""

    async def received():
        while not page.answers(kind):
            await asyncio.sleep(0.001)

    await asyncio.wait_for(received(), 10)


def send_frame(page, *own, time=1.5):
    (asked,) = page.answers("frames")[-1:]
    page.send("frame", JPEG, *own, id=asked["id"], time=time, delay=33)


def test_take_snapshot_returns_the_picture_that_the_page_sends(view, page):
    async def play():
        taking = asyncio.ensure_future(view.take_snapshot())
        await answered(page, "take_snapshot")
        page.send("snapshot", encoded("PNG"))
        assert (await taking) is view.snapshot

    asyncio.run(play())
    assert view.snapshot.size == (64, 48)


def test_without_a_live_picture_each_request_asks_the_user_to_press_start(view):
    view.state = "stopped"
    with pytest.raises(AkoolError, match="Press Start"):
        asyncio.run(view.take_snapshot())
    with pytest.raises(AkoolError, match="Press Start"):
        view.start_recording()
    with pytest.raises(AkoolError, match="Press Start"):
        asyncio.run(collected(view))


def test_without_a_page_that_can_answer_each_request_raises_at_once(view, page):
    view.elsewhere = False
    with pytest.raises(AkoolError, match="open_page"):
        asyncio.run(view.take_snapshot())
    with pytest.raises(AkoolError, match="open_page"):
        asyncio.run(collected(view))
    view.start_recording()
    with pytest.raises(AkoolError, match="open_page"):
        asyncio.run(view.stop_recording())
    assert page.answers("record_end"), "the recording ends nevertheless"


def test_a_page_that_does_not_answer_raises_a_clear_error(view, page, monkeypatch):
    monkeypatch.setattr("akool_nb.widgets.frame_streams.PATIENCE", 0.01)
    with pytest.raises(AkoolError, match="sent nothing"):
        asyncio.run(collected(view, every=0))
    assert page.answers("frames_end")


def test_stop_recording_returns_the_file_after_its_last_piece_is_written(view, page, tmp_path):
    async def play():
        view.start_recording()
        name = page.answers("record")[0]["name"]
        page.send("film", name=name)
        page.send("recording", b"one", name=name)
        with pytest.raises(AkoolError, match="is running"):
            view.start_recording()
        stopping = asyncio.ensure_future(view.stop_recording())
        await answered(page, "record_end")
        page.send("recording", b"two", name=name)
        page.send("recorded", name=name)
        return await stopping

    path = asyncio.run(play())
    assert path.parent == tmp_path and path.read_bytes() == b"onetwo"
    assert view.recordings == (path,)


def test_an_empty_recording_and_a_recording_that_was_not_started_are_errors(view, page):
    async def play():
        view.start_recording()
        page.send("recorded", name=page.answers("record")[0]["name"])
        await view.stop_recording()

    with pytest.raises(AkoolError, match="too short"):
        asyncio.run(play())
    with pytest.raises(AkoolError, match="start_recording"):
        asyncio.run(view.stop_recording())


def test_a_folder_that_cannot_be_written_is_refused_at_once(view, tmp_path):
    (tmp_path / "file").touch()
    view.folder = tmp_path / "file" / "films"
    with pytest.raises(AkoolError, match=r"view\.folder"):
        view.start_recording()


async def collected(view, **options):
    return [frame async for frame in view.frames(**options)]


def test_a_loop_requests_the_next_frame_after_its_body_has_run(view, page):
    async def play():
        times = []
        async for frame in view.frames(every=0.1, limit=2, own=True):
            assert len(page.answers("frames_taken")) == len(times), "the page sends nothing while the body runs"
            times.append(frame.time)
            await asyncio.sleep(0)
        return times

    async def play_and_answer():
        playing = asyncio.ensure_future(play())
        await answered(page, "frames")
        send_frame(page, time=1.0)
        await answered(page, "frames_taken")
        send_frame(page, time=2.0)
        return await playing

    assert asyncio.run(play_and_answer()) == [1.0, 2.0]
    asked = page.answers("frames")[0]
    assert (asked["every"], asked["own"]) == (0.1, True)
    assert page.answers("frames_end") == [{"kind": "frames_end", "id": asked["id"]}]


ENDS = {
    "the state says so": lambda view, page: setattr(view, "state", "stopped"),
    "the page says so before the state": lambda view, page: page.send("frames_over"),
    "the view is closed": lambda view, page: view.close(),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_a_loop_ends_when_the_picture_ends(view, page, end):
    async def play_and_stop():
        playing = asyncio.ensure_future(collected(view))
        await answered(page, "frames")
        end(view, page)
        return await playing

    assert asyncio.run(play_and_stop()) == []


def test_the_next_frame_is_requested_after_the_function_has_returned(view, page):
    taken = []

    @view.on_frame(every=0.5)
    def show(frame):
        taken.append((frame, len(page.answers("frames_taken"))))

    for _ in range(2):
        send_frame(page)
    assert [count for _, count in taken] == [0, 1]
    assert len(page.answers("frames_taken")) == 2


def test_a_function_that_returns_false_gets_no_more_frames(view, page):
    @view.on_frame(every=0.5)
    def show(frame):
        return False

    send_frame(page)
    assert page.answers("frames_end") and not page.answers("frames_taken")


def test_a_function_replaces_an_earlier_one_of_the_same_name(view, page):
    called = []
    for number in range(2):

        @view.on_frame(every=0.5)
        def show(frame, number=number):
            called.append(number)

    send_frame(page)
    assert called == [1]


def test_the_exception_of_a_function_is_shown_and_it_gets_the_next_frame(view, page):
    @view.on_frame(every=0.5)
    def show(frame):
        raise ValueError("no such thing")

    send_frame(page)
    assert "no such thing" in view.error
    assert page.answers("frames_taken")


def test_a_page_that_starts_the_call_later_is_asked_for_frames_again(view, page):
    view.on_frame(every=0.5)(print)
    view.state = "starting"
    view.state = "live"
    assert len(page.answers("frames")) == 2


def test_the_repr_of_a_frame_has_its_size_time_and_delay_but_no_pixels():
    frame = Frame(JPEG, encoded("JPEG", "white"), time=0.25, delay=33.4)
    assert repr(frame).startswith("Frame(64×48, ") and repr(frame).endswith(".250, delay 33 ms)")
    assert repr(Frame(JPEG, None, time=0.25, delay=None)).endswith("delay unknown)")
    assert numpy.asarray(frame.own).mean() > 250 and Frame(JPEG, None, 0.25, None).own is None
    assert not hasattr(frame, "_repr_png_")


@pytest.mark.parametrize("every", [-1, float("nan"), 1e6, "1", None])
def test_a_wrong_interval_between_frames_is_refused_with_its_range(view, every):
    with pytest.raises((TypeError, ValueError), match="every is a number from 0 to 3600, not "):
        view.on_frame(every=every)(print)


def test_a_function_without_a_name_gets_frames_too(view, page):
    called = []
    for number in range(2):
        view.on_frame(every=0.5)(functools.partial(lambda number, _frame: called.append(number), number))
        send_frame(page)
    assert called == [0, 1]


def test_on_frame_without_brackets_is_refused(view):
    with pytest.raises(TypeError, match=r"every is a number .* not function"):

        @view.on_frame
        def show(frame):
            pass


def test_the_folder_may_be_set_as_text(view, page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    view.folder = "films"
    view.start_recording()
    assert (tmp_path / "films").is_dir()


@pytest.mark.parametrize("end", [lambda view, page: view.close(), lambda view, page: page.send("gone", page=view.page)])
def test_a_recording_is_saved_if_its_page_ends(view, page, end, tmp_path):
    view.start_recording()
    (asked,) = page.answers("record")
    page.send("recording", b"a piece", name=asked["name"])
    end(view, page)
    wait(lambda: view.recordings)
    assert view.recordings[0].read_bytes() == b"a piece"
    assert view.state == "stopped"
    view.state = "live"
    view.start_recording()
