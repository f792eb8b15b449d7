"""What Python asks a live view's page for: snapshots, recordings and frames. The page is the test."""

import asyncio
import io

import numpy
import pytest
from PIL import Image

from akool_nb.errors import AkoolError
from akool_nb.widgets.frame import Frame
from akool_nb.widgets.live_view import LiveView
from tests.widgets.test_live_view import Page


@pytest.fixture
def view(tmp_path):
    """A live view on a page whose messages arrive while a cell runs."""
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
    """Until the page has received a message of that kind."""

    async def heard():
        while not page.answers(kind):
            await asyncio.sleep(0.001)

    await asyncio.wait_for(heard(), 10)


def send_frame(page, *own, time=1.5):
    (asked,) = page.answers("frames")[-1:]
    page.send("frame", JPEG, *own, id=asked["id"], time=time, delay=33)


def test_a_snapshot_that_python_asks_for_is_returned(view, page):
    async def play():
        taking = asyncio.ensure_future(view.take_snapshot())
        await answered(page, "take_snapshot")
        page.send("snapshot", encoded("PNG"))
        assert (await taking) is view.snapshot

    asyncio.run(play())
    assert view.snapshot.size == (64, 48)


def test_without_a_live_picture_everything_says_press_start(view):
    view.state = "stopped"
    with pytest.raises(AkoolError, match="Press Start"):
        asyncio.run(view.take_snapshot())
    with pytest.raises(AkoolError, match="Press Start"):
        view.start_recording()
    with pytest.raises(AkoolError, match="Press Start"):
        asyncio.run(collected(view))


def test_where_no_page_can_answer_nothing_waits(view, page):
    view.elsewhere = False
    with pytest.raises(AkoolError, match="open_page"):
        asyncio.run(view.take_snapshot())
    with pytest.raises(AkoolError, match="open_page"):
        asyncio.run(collected(view))
    view.start_recording()
    with pytest.raises(AkoolError, match="open_page"):
        asyncio.run(view.stop_recording())
    assert page.answers("record_end"), "the recording ends all the same"


def test_a_page_that_does_not_answer_is_named(view, page, monkeypatch):
    monkeypatch.setattr("akool_nb.widgets.frame_streams.PATIENCE", 0.01)
    with pytest.raises(AkoolError, match="sent nothing"):
        asyncio.run(collected(view, every=0))
    assert page.answers("frames_end")


def test_a_recording_is_returned_when_its_last_piece_is_written(view, page, tmp_path):
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


def test_a_recording_without_a_picture_or_without_a_beginning_is_an_error(view, page):
    async def play():
        view.start_recording()
        page.send("recorded", name=page.answers("record")[0]["name"])
        await view.stop_recording()

    with pytest.raises(AkoolError, match="too short"):
        asyncio.run(play())
    with pytest.raises(AkoolError, match="start_recording"):
        asyncio.run(view.stop_recording())


def test_a_folder_that_takes_no_files_is_refused_at_once(view, tmp_path):
    (tmp_path / "file").touch()
    view.folder = tmp_path / "file" / "films"
    with pytest.raises(AkoolError, match=r"view\.folder"):
        view.start_recording()


async def collected(view, **options):
    return [frame async for frame in view.frames(**options)]


def test_a_loop_gets_its_frames_and_asks_for_each_only_when_it_is_ready(view, page):
    async def play():
        times = []
        async for frame in view.frames(every=0.1, limit=2, own=True):
            assert len(page.answers("frames_taken")) == len(times), "the page sends nothing while the body runs"
            times.append(frame.time)
            await asyncio.sleep(0)
        return times

    async def both():
        playing = asyncio.ensure_future(play())
        await answered(page, "frames")
        send_frame(page, time=1.0)
        await answered(page, "frames_taken")
        send_frame(page, time=2.0)
        return await playing

    assert asyncio.run(both()) == [1.0, 2.0]
    asked = page.answers("frames")[0]
    assert (asked["every"], asked["own"]) == (0.1, True)
    assert page.answers("frames_end") == [{"kind": "frames_end", "id": asked["id"]}]


@pytest.mark.parametrize("end", [lambda view: setattr(view, "state", "stopped"), lambda view: view.close()])
def test_a_loop_ends_with_the_picture(view, page, end):
    async def both():
        playing = asyncio.ensure_future(collected(view))
        await answered(page, "frames")
        end(view)
        return await playing

    assert asyncio.run(both()) == []


def test_a_function_gets_frames_and_the_next_is_asked_for_afterwards(view, page):
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


def test_a_function_of_the_same_name_replaces_the_one_before(view, page):
    called = []
    for number in range(2):

        @view.on_frame(every=0.5)
        def show(frame, number=number):
            called.append(number)

    send_frame(page)
    assert called == [1]


def test_a_function_that_fails_is_shown_and_gets_the_next_frame(view, page):
    @view.on_frame(every=0.5)
    def show(frame):
        raise ValueError("no such thing")

    send_frame(page)
    assert "no such thing" in view.error
    assert page.answers("frames_taken")


def test_a_page_that_begins_to_run_the_call_is_asked_for_frames_again(view, page):
    view.on_frame(every=0.5)(print)
    view.state = "starting"
    view.state = "live"
    assert len(page.answers("frames")) == 2


def test_a_frame_shows_its_size_time_and_delay_but_no_pixels():
    frame = Frame(JPEG, encoded("JPEG", "white"), time=0.25, delay=33.4)
    assert repr(frame).startswith("Frame(64×48, ") and repr(frame).endswith(".250, delay 33 ms)")
    assert repr(Frame(JPEG, None, time=0.25, delay=None)).endswith("delay unknown)")
    assert numpy.asarray(frame.own).mean() > 250 and Frame(JPEG, None, 0.25, None).own is None
    assert not hasattr(frame, "_repr_png_")


@pytest.mark.parametrize("every", [-1, float("nan"), 1e6, "1", None])
def test_a_time_between_frames_that_is_none_is_refused_with_its_range(view, every):
    with pytest.raises((TypeError, ValueError), match="every is a number from 0 to 3600, not "):
        view.on_frame(every=every)(print)
