"""FacePicker, driven by the messages that the page sends."""

import asyncio
import dataclasses
import io
import queue
import threading
import time
import types

import IPython
import pytest
import traitlets
from PIL import Image

from akool_nb import samples
from akool_nb.api.models import Detection, Face, SourceImage
from akool_nb.api.photo import Photo
from akool_nb.errors import AkoolError, DetectionError, PhotoError
from akool_nb.widgets.face_picker import FacePicker
from tests.wire.test_faults import wait_until

POINTS = ((249, 110), (460, 116), (343, 257), (351, 339), (254, 339), (449, 345))
TEXT = "249,110:460,116:343,257:351,339"
CROP = "246,10:457,16:340,157:348,239"


@pytest.fixture(scope="module")
def photo():
    return Photo.open(samples.photo("astronaut"))


def face(photo, number=1, *, crop=True):
    source = SourceImage(f"https://crops.example/{number}.jpg", CROP) if crop else None
    return Face(number, (150, 61, 337, 361), POINTS, TEXT, photo, source)


def detection(photo, count=2):
    return Detection(photo, [face(photo, number) for number in range(1, count + 1)])


def send(picker, kind, **content):
    picker._handle_custom_msg({"kind": kind, **content}, [])
    settle(picker)


def settle(picker):
    """Wait until the picker has handled its messages."""
    picker.worker.result(lambda: None)


def click(picker, *places, turn=None):
    """A choice as the page sends it."""
    picker.set_state({"_chosen": {"turn": picker._turn if turn is None else turn, "faces": list(places)}})
    settle(picker)


def move(picker, place, points, text, crop):
    send(picker, "move", turn=picker._turn, face=place, points=points, opts=text, crop_opts=crop)


@pytest.fixture
def sent(monkeypatch) -> queue.Queue:
    """The messages of all pickers to their pages."""
    messages: queue.Queue = queue.Queue()
    monkeypatch.setattr(FacePicker, "send", lambda self, content, buffers: messages.put(content))
    return messages


def test_the_page_gets_the_faces_first_and_then_their_warnings(photo, sent):
    tiny = dataclasses.replace(face(photo, 2), region=(150, 61, 40, 40))
    found = Detection(photo, [face(photo), tiny])
    FacePicker(found)
    assert len(sent.get(timeout=10)["faces"]) == 2
    assert sent.get(timeout=10)["warnings"] == found.warnings
    assert any("40×40" in sentence for sentence in tiny.warnings)


def test_faces_are_shown_even_if_their_warnings_fail(photo, sent, monkeypatch):
    monkeypatch.setattr(Photo, "image", property(lambda photo: Image.open(io.BytesIO(b"damaged"))))
    FacePicker(detection(photo))
    assert len(sent.get(timeout=10)["faces"]) == 2


def test_an_empty_picker_has_no_values(photo):
    picker = FacePicker()
    assert (picker.faces, picker.selected, picker.opts, picker.sources) == ((), (), "", ())


def test_the_only_face_is_chosen_from_the_start(photo):
    picker = FacePicker(detection(photo, 1))
    assert picker.selected == picker.faces
    assert picker.opts == TEXT
    assert picker.sources == (SourceImage("https://crops.example/1.jpg", CROP),)


def test_with_several_faces_none_is_chosen(photo):
    assert FacePicker(detection(photo, 3)).selected == ()


def test_faces_are_chosen_in_order(photo):
    picker = FacePicker(detection(photo, 3))
    click(picker, 2, 0)
    assert [chosen.number for chosen in picker.selected] == [3, 1]
    assert [source.path[-5] for source in picker.sources] == ["3", "1"]


def test_a_late_click_on_an_earlier_photo_chooses_nothing_and_the_page_is_corrected(photo):
    picker = FacePicker(detection(photo, 3))
    stale = picker._turn
    picker.detection = detection(photo, 3)
    click(picker, 1)
    click(picker, 2, turn=stale)
    assert picker.selected == (picker.faces[1],)
    assert picker._chosen == {"turn": picker._turn, "faces": [1]}


def test_a_click_while_another_photo_is_set_chooses_nothing_from_it(photo):
    picker, clicked = FacePicker(), threading.Event()
    arriving = threading.Thread(target=setattr, args=(picker, "detection", detection(photo, 3)))

    class SetsAnotherPhoto(Detection):
        def __iter__(self):
            if clicked.is_set() and arriving.ident is None:
                arriving.start()
                arriving.join(0.2)
            return super().__iter__()

    picker.detection = SetsAnotherPhoto(photo, detection(photo, 3)[:])
    clicked.set()
    click(picker, 2)
    arriving.join()
    settle(picker)
    assert picker.selected == ()
    assert picker._chosen == {"turn": picker._turn, "faces": []}


def test_a_photo_that_is_fetched_slowly_is_not_shown_after_a_later_one(photo):
    fetched, shown = threading.Event(), []

    class Slow(Photo):
        @property
        def jpeg(self):
            assert fetched.wait(10)
            return super().jpeg

    picker = FacePicker()
    picker.send = lambda content, buffers=None: shown.append(content["turn"])
    before = set(threading.enumerate())
    picker.detection = detection(Slow(photo._prepared))
    picker.detection = detection(photo)
    sending = set(threading.enumerate()) - before
    while picker._turn not in shown:
        time.sleep(0.01)
    fetched.set()
    for thread in sending:
        thread.join()
    assert shown[-1] == picker._turn


def test_an_index_without_a_face_is_not_chosen(photo):
    picker = FacePicker(detection(photo, 2))
    click(picker, 5)
    assert picker.selected == ()
    assert picker._chosen["faces"] == []


def test_a_removed_photo_is_removed_from_the_page(photo, sent):
    picker = FacePicker(detection(photo, 1))
    picker.detection = None
    assert picker.selected == ()
    shown = iter(lambda: sent.get(timeout=10), None)
    assert next(content["turn"] for content in shown if content.get("faces") == []) == picker._turn


def test_a_new_detection_sets_the_new_crop_and_calls_the_listeners(photo):
    picker, called, observed = FacePicker(detection(photo, 1)), [], []
    picker.on_change(called.append)
    picker.observe(lambda change: observed.append(change["new"]), "selected")
    again = Detection(
        photo, [dataclasses.replace(face(photo), crop=SourceImage("https://crops.example/new.jpg", CROP))]
    )
    picker.detection = again
    assert picker.sources[0].path == "https://crops.example/new.jpg"
    assert called[-1][0] is observed[-1][0] is again[0]


@pytest.mark.parametrize("place", ["1", 1.0, [1, 2], face])
def test_choose_refuses_an_index_that_is_not_a_whole_number(photo, place):
    with pytest.raises(TypeError, match="place is a whole number from 0"):
        FacePicker(detection(photo, 3)).choose(place)


def test_a_face_is_chosen_once(photo):
    picker = FacePicker(detection(photo, 3))
    picker.choose(1, 1, 0)
    assert [face.number for face in picker.selected] == [2, 1]


def test_the_result_cannot_be_set(photo):
    picker = FacePicker(detection(photo, 3))
    with pytest.raises(traitlets.TraitError, match="read-only"):
        picker.selected = picker.faces


def test_a_photo_may_be_given_by_its_path(sandbox, tmp_path):
    Image.new("RGB", (300, 300), "grey").save(tmp_path / "grey.png")
    picker = FacePicker(client=sandbox.client())
    picker.detect(tmp_path / "grey.png")
    wait_until(lambda: picker.detection is not None, 10)
    assert picker.detection.photo.size == (300, 300)
    with pytest.raises(PhotoError, match="not there"):
        picker.detect("x.jpg")


def test_python_can_choose_faces(photo):
    picker = FacePicker(detection(photo, 3))
    picker.choose(1)
    assert picker.selected == (picker.faces[1],)
    picker.choose()
    assert picker.selected == ()
    with pytest.raises(IndexError, match="this photo has 3"):
        picker.choose(3)


def test_on_change_is_called_once_for_each_choice(photo):
    picker, choices = FacePicker(detection(photo, 3)), []

    @picker.on_change
    def chosen(faces):
        choices.append([face.number for face in faces])

    picker.choose(1)
    picker.choose(1)
    picker.choose(1, 2)
    assert choices == [[2], [2, 3]]


def test_a_moved_face_has_its_own_opts_in_photo_and_crop(photo):
    picker = FacePicker(detection(photo, 1))
    moved = [[250, 112], *map(list, POINTS[1:])]
    move(picker, 0, moved, "250,112:460,116:343,257:351,339", "247,12:457,16:340,157:348,239")
    assert picker.opts == "250,112:460,116:343,257:351,339"
    assert picker.sources[0].opts == "247,12:457,16:340,157:348,239"
    assert picker.selected[0].landmarks[0] == (250, 112)
    assert picker.detection[0].opts == TEXT


def test_a_face_moved_back_uses_the_opts_of_the_detector_again(photo):
    picker = FacePicker(detection(photo, 1))
    move(picker, 0, [[1, 1], *map(list, POINTS[1:])], "1,1:460,116:343,257:351,339", "1,1:457,16:340,157:348,239")
    move(picker, 0, list(map(list, POINTS)), TEXT, CROP)
    assert picker.selected[0] is picker.detection[0]


def test_invalid_opts_from_the_page_are_refused(photo):
    picker = FacePicker(detection(photo, 1))
    move(picker, 0, list(map(list, POINTS)), "<script>", CROP)
    assert picker.error.startswith("opts needs 4 points") or "not an opts" in picker.error
    assert picker.opts == TEXT


@pytest.mark.parametrize("crop", ["0,0:457,16:340,157:348,239", "javascript:1"])
def test_an_invalid_crop_text_from_the_page_is_refused(photo, crop):
    picker = FacePicker(detection(photo, 1))
    move(picker, 0, list(map(list, POINTS)), TEXT, crop)
    assert picker.error
    assert picker.sources[0].opts == CROP


def test_a_move_on_an_earlier_photo_is_ignored(photo):
    picker = FacePicker(detection(photo, 1))
    stale = picker._turn
    picker.detection = detection(photo, 1)
    send(picker, "move", turn=stale, face=0, points=[[1, 1]] * 6, opts="1,1:1,1:1,1:1,1", crop_opts=None)
    assert picker.opts == TEXT


def test_a_new_detection_clears_the_choice_and_the_moves(photo):
    picker = FacePicker(detection(photo, 3))
    picker.choose(2)
    picker.detection = detection(photo, 2)
    assert picker.selected == ()
    assert len(picker.faces) == 2


class Detector:
    """A client that returns the given answers, each after its `may_answer` event is set."""

    def __init__(self, *answers):
        self.answers = answers
        self.may_answer = [threading.Event() for _ in answers]
        self.asked = []
        self._lock = threading.Lock()

    def detect(self, photo):
        with self._lock:
            place = len(self.asked)
            self.asked.append(photo)
        assert self.may_answer[place].wait(10)
        answer = self.answers[place]
        if isinstance(answer, Exception):
            raise answer
        return answer


def settled(picker):
    """An event that is set when the picker is no longer busy."""
    done = threading.Event()
    picker.observe(lambda change: change["new"] or done.set(), "_busy")
    return done


def test_detect_runs_outside_the_main_thread(photo):
    found = detection(photo, 1)
    client = Detector(found)
    picker = FacePicker(client=client)
    done = settled(picker)
    picker.detect(photo)
    assert picker._busy
    client.may_answer[0].set()
    assert done.wait(10)
    assert picker.detection is found
    assert picker.selected == (found[0],)


def test_a_late_answer_about_an_earlier_photo_is_ignored(photo):
    late, newer = detection(photo, 3), detection(photo, 1)
    client = Detector(late, newer)
    picker = FacePicker(client=client)
    done = settled(picker)
    picker.detect(photo)
    while not client.asked:  # so that the first request is sent first
        time.sleep(0.01)
    picker.detect(photo)
    client.may_answer[1].set()
    assert done.wait(10)
    client.may_answer[0].set()
    for thread in threading.enumerate():
        if thread.daemon and thread.name.startswith("Thread-"):
            thread.join(2)
    assert picker.detection is newer


def test_the_message_of_the_detector_is_shown(photo):
    client = Detector(DetectionError(1, "Failed to process <b>media</b>"))
    picker = FacePicker(client=client)
    done = settled(picker)
    client.may_answer[0].set()
    picker.detect(photo)
    assert done.wait(10)
    assert "Failed to process <b>media</b>" in picker.error


def test_detect_without_a_client_raises(photo):
    with pytest.raises(AkoolError, match="client=client"):
        FacePicker().detect(photo)


def test_detect_again_is_offered_only_with_a_client(photo):
    assert not FacePicker(detection(photo))._can_detect
    assert FacePicker(detection(photo), client=Detector())._can_detect


def test_chosen_returns_at_once_if_a_face_is_chosen(photo):
    picker = FacePicker(detection(photo, 1))
    assert asyncio.run(picker.chosen()) is picker.faces[0]


@pytest.fixture
def kernel(monkeypatch):
    """Make the process look like a notebook kernel that receives messages while a cell waits."""
    monkeypatch.setattr(IPython, "get_ipython", lambda: types.SimpleNamespace(kernel=object()))
    monkeypatch.setattr("importlib.metadata.version", lambda name: "7.4.0")
    return monkeypatch


def test_chosen_waits_for_a_choice(photo, kernel):
    picker = FacePicker(detection(photo, 3))

    async def choose_later():
        waiting = asyncio.ensure_future(picker.chosen())
        await asyncio.sleep(0)
        threading.Thread(target=picker.choose, args=(1,)).start()
        return await asyncio.wait_for(waiting, 10)

    assert asyncio.run(choose_later()) is picker.faces[1]


def test_a_choice_just_before_the_wait_is_not_missed(photo, kernel):
    picker = FacePicker(detection(photo, 3))
    observe = picker.observe
    kernel.setattr(picker, "observe", lambda *args: (picker.choose(1), observe(*args)))
    assert asyncio.run(asyncio.wait_for(picker.chosen(), 10)) is picker.faces[1]


def test_chosen_raises_if_the_kernel_cannot_receive_messages_while_a_cell_waits(photo, kernel):
    kernel.setattr("importlib.metadata.version", lambda name: "7.3.0")
    with pytest.raises(AkoolError, match=r"ipykernel 7\.3\.0 does not receive what the page sends while a cell waits"):
        asyncio.run(FacePicker(detection(photo, 2)).chosen())


@pytest.mark.parametrize(("name", "value"), [("SERVER_SOFTWARE", "voila/0.5.13"), ("VOILA_KERNEL_ID", "a1b2")])
def test_chosen_raises_in_voila(photo, kernel, name, value):
    kernel.setenv(name, value)
    with pytest.raises(AkoolError, match="Voila runs every cell before the page is shown"):
        asyncio.run(FacePicker(detection(photo, 2)).chosen())


def test_chosen_raises_without_a_notebook(photo):
    with pytest.raises(AkoolError, match=r"picker\.choose\(0\)"):
        asyncio.run(FacePicker(detection(photo, 2)).chosen())


def test_the_saved_state_contains_no_picture_and_no_landmark(photo):
    picker = FacePicker(detection(photo, 2))
    picker.choose(1)
    random_names = ("_esm", "_key", "layout")  # long random names may contain any digits
    rest = {name: value for name, value in picker.get_state().items() if name not in random_names}
    assert "249" not in repr(rest)
    assert len(repr(rest)) < 2000
