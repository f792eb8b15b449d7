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
from PIL import Image

from akool_nb import samples
from akool_nb.api.models import Detection, Face, SourceImage
from akool_nb.api.photo import Photo
from akool_nb.errors import AkoolError, DetectionError
from akool_nb.widgets.face_picker import FacePicker

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
    """Until the picker has done what it was asked."""
    picker.worker.result(lambda: None)


def click(picker, *places, turn=None):
    """As the page tells of a choice."""
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


def test_the_page_gets_the_faces_first_and_then_the_warnings_of_each(photo, sent):
    tiny = dataclasses.replace(face(photo, 2), region=(150, 61, 40, 40))
    found = Detection(photo, [face(photo), tiny])
    FacePicker(found)
    assert len(sent.get(timeout=10)["faces"]) == 2
    assert sent.get(timeout=10)["warnings"] == found.warnings
    assert any("40×40" in sentence for sentence in tiny.warnings)


def test_faces_whose_warnings_cannot_be_made_are_shown_all_the_same(photo, sent, monkeypatch):
    monkeypatch.setattr(Photo, "image", property(lambda photo: Image.open(io.BytesIO(b"damaged"))))
    FacePicker(detection(photo))
    assert len(sent.get(timeout=10)["faces"]) == 2


def test_an_empty_picker_has_nothing(photo):
    picker = FacePicker()
    assert (picker.faces, picker.selected, picker.opts, picker.sources) == ((), (), "", ())


def test_the_only_face_is_chosen_from_the_start(photo):
    picker = FacePicker(detection(photo, 1))
    assert picker.selected == picker.faces
    assert picker.opts == TEXT
    assert picker.sources == (SourceImage("https://crops.example/1.jpg", CROP),)


def test_of_several_faces_none_is_chosen(photo):
    assert FacePicker(detection(photo, 3)).selected == ()


def test_faces_are_chosen_in_order(photo):
    picker = FacePicker(detection(photo, 3))
    click(picker, 2, 0)
    assert [chosen.number for chosen in picker.selected] == [3, 1]
    assert [source.path[-5] for source in picker.sources] == ["3", "1"]


def test_a_late_click_on_a_photo_that_is_gone_chooses_nothing_and_the_page_learns_it(photo):
    picker = FacePicker(detection(photo, 3))
    stale = picker._turn
    picker.detection = detection(photo, 3)
    click(picker, 1)
    click(picker, 2, turn=stale)
    assert picker.selected == (picker.faces[1],)
    assert picker._chosen == {"turn": picker._turn, "faces": [1]}


def test_a_click_while_another_photo_arrives_chooses_nothing_from_it(photo):
    picker, clicked = FacePicker(), threading.Event()
    arriving = threading.Thread(target=setattr, args=(picker, "detection", detection(photo, 3)))

    class Meanwhile(Detection):
        def __iter__(self):
            if clicked.is_set() and arriving.ident is None:
                arriving.start()
                arriving.join(0.2)
            return super().__iter__()

    picker.detection = Meanwhile(photo, detection(photo, 3)[:])
    clicked.set()
    click(picker, 2)
    arriving.join()
    settle(picker)
    assert picker.selected == ()
    assert picker._chosen == {"turn": picker._turn, "faces": []}


def test_a_photo_that_takes_long_to_fetch_is_not_shown_after_a_later_one(photo):
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


def test_a_face_that_is_not_there_is_not_chosen(photo):
    picker = FacePicker(detection(photo, 2))
    click(picker, 5)
    assert picker.selected == ()
    assert picker._chosen["faces"] == []


def test_a_photo_taken_away_is_taken_from_the_page(photo, sent):
    picker = FacePicker(detection(photo, 1))
    picker.detection = None
    assert picker.selected == ()
    shown = iter(lambda: sent.get(timeout=10), None)
    assert next(content["turn"] for content in shown if content.get("faces") == []) == picker._turn


def test_detecting_again_brings_the_new_crop_and_tells_of_it(photo):
    picker, heard, seen = FacePicker(detection(photo, 1)), [], []
    picker.on_change(heard.append)
    picker.observe(lambda change: seen.append(change["new"]), "selected")
    again = Detection(
        photo, [dataclasses.replace(face(photo), crop=SourceImage("https://crops.example/new.jpg", CROP))]
    )
    picker.detection = again
    assert picker.sources[0].path == "https://crops.example/new.jpg"
    assert heard[-1][0] is seen[-1][0] is again[0]


def test_python_may_choose_too(photo):
    picker = FacePicker(detection(photo, 3))
    picker.choose(1)
    assert picker.selected == (picker.faces[1],)
    picker.choose()
    assert picker.selected == ()
    with pytest.raises(IndexError, match="this photo has 3"):
        picker.choose(3)


def test_on_change_hears_each_choice_once(photo):
    picker, heard = FacePicker(detection(photo, 3)), []

    @picker.on_change
    def chosen(faces):
        heard.append([face.number for face in faces])

    picker.choose(1)
    picker.choose(1)
    picker.choose(1, 2)
    assert heard == [[2], [2, 3]]


def test_a_moved_face_has_its_own_opts_in_photo_and_crop(photo):
    picker = FacePicker(detection(photo, 1))
    moved = [[250, 112], *map(list, POINTS[1:])]
    move(picker, 0, moved, "250,112:460,116:343,257:351,339", "247,12:457,16:340,157:348,239")
    assert picker.opts == "250,112:460,116:343,257:351,339"
    assert picker.sources[0].opts == "247,12:457,16:340,157:348,239"
    assert picker.selected[0].landmarks[0] == (250, 112)
    assert picker.detection[0].opts == TEXT


def test_a_face_moved_back_uses_the_detectors_text_again(photo):
    picker = FacePicker(detection(photo, 1))
    move(picker, 0, [[1, 1], *map(list, POINTS[1:])], "1,1:460,116:343,257:351,339", "1,1:457,16:340,157:348,239")
    move(picker, 0, list(map(list, POINTS)), TEXT, CROP)
    assert picker.selected[0] is picker.detection[0]


def test_nonsense_from_the_page_is_refused(photo):
    picker = FacePicker(detection(photo, 1))
    move(picker, 0, list(map(list, POINTS)), "<script>", CROP)
    assert picker.error.startswith("opts needs 4 points") or "not an opts" in picker.error
    assert picker.opts == TEXT


@pytest.mark.parametrize("crop", ["0,0:457,16:340,157:348,239", "-3,10:457,16:340,157:348,239", "javascript:1"])
def test_a_point_moved_out_of_its_crop_is_refused(photo, crop):
    picker = FacePicker(detection(photo, 1))
    move(picker, 0, list(map(list, POINTS)), TEXT, crop)
    assert picker.error
    assert picker.sources[0].opts == CROP


def test_a_point_that_the_detector_put_outside_may_stay_there(photo):
    outside = dataclasses.replace(face(photo), crop=SourceImage("https://crops.example/1.jpg", f"-3{CROP[3:]}"))
    picker = FacePicker(Detection(photo, [outside]))
    moved = [POINTS[0], [461, 116], *POINTS[2:]]
    move(picker, 0, moved, "249,110:461,116:343,257:351,339", "-3,10:458,16:340,157:348,239")
    assert picker.error == ""
    assert picker.sources[0].opts == "-3,10:458,16:340,157:348,239"


def test_a_move_on_a_photo_that_is_gone_is_dropped(photo):
    picker = FacePicker(detection(photo, 1))
    stale = picker._turn
    picker.detection = detection(photo, 1)
    send(picker, "move", turn=stale, face=0, points=[[1, 1]] * 6, opts="1,1:1,1:1,1:1,1", crop_opts=None)
    assert picker.opts == TEXT


def test_a_new_detection_forgets_choice_and_moves(photo):
    picker = FacePicker(detection(photo, 3))
    picker.choose(2)
    picker.detection = detection(photo, 2)
    assert picker.selected == ()
    assert len(picker.faces) == 2


class Detector:
    """A client that finds what it is told to, when it is told to."""

    def __init__(self, *answers):
        self.answers = answers
        self.gates = [threading.Event() for _ in answers]
        self.asked = []
        self._lock = threading.Lock()

    def detect(self, photo):
        with self._lock:
            place = len(self.asked)
            self.asked.append(photo)
        assert self.gates[place].wait(10)
        answer = self.answers[place]
        if isinstance(answer, Exception):
            raise answer
        return answer


def settled(picker):
    """Wait until the picker is no longer busy."""
    done = threading.Event()
    picker.observe(lambda change: change["new"] or done.set(), "_busy")
    return done


def test_detect_runs_beside_the_main_thread(photo):
    found = detection(photo, 1)
    client = Detector(found)
    picker = FacePicker(client=client)
    done = settled(picker)
    picker.detect(photo)
    assert picker._busy
    client.gates[0].set()
    assert done.wait(10)
    assert picker.detection is found
    assert picker.selected == (found[0],)


def test_a_late_answer_about_an_older_photo_is_dropped(photo):
    late, newer = detection(photo, 3), detection(photo, 1)
    client = Detector(late, newer)
    picker = FacePicker(client=client)
    done = settled(picker)
    picker.detect(photo)
    while not client.asked:  # else the second question might overtake the first
        time.sleep(0.01)
    picker.detect(photo)
    client.gates[1].set()
    assert done.wait(10)
    client.gates[0].set()
    for thread in threading.enumerate():
        if thread.daemon and thread.name.startswith("Thread-"):
            thread.join(2)
    assert picker.detection is newer


def test_what_the_detector_says_is_shown(photo):
    client = Detector(DetectionError(1, "Failed to process <b>media</b>"))
    picker = FacePicker(client=client)
    done = settled(picker)
    client.gates[0].set()
    picker.detect(photo)
    assert done.wait(10)
    assert "Failed to process <b>media</b>" in picker.error


def test_without_a_client_there_is_nothing_to_detect_with(photo):
    with pytest.raises(AkoolError, match="client=client"):
        FacePicker().detect(photo)


def test_detect_again_is_offered_only_with_a_client(photo):
    assert not FacePicker(detection(photo))._can_detect
    assert FacePicker(detection(photo), client=Detector())._can_detect


def test_chosen_returns_at_once_when_a_face_is_chosen(photo):
    picker = FacePicker(detection(photo, 1))
    assert asyncio.run(picker.chosen()) is picker.faces[0]


@pytest.fixture
def kernel(monkeypatch):
    """As if this were a notebook's kernel that hears clicks while a cell waits."""
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


def test_a_choice_just_before_the_waiting_begins_is_not_missed(photo, kernel):
    picker = FacePicker(detection(photo, 3))
    listen = picker.observe
    kernel.setattr(picker, "observe", lambda *args: (picker.choose(1), listen(*args)))
    assert asyncio.run(asyncio.wait_for(picker.chosen(), 10)) is picker.faces[1]


def test_chosen_refuses_where_it_would_hang(photo, kernel):
    kernel.setattr("importlib.metadata.version", lambda name: "7.3.0")
    with pytest.raises(AkoolError, match=r"ipykernel 7\.3\.0 does not receive what the page sends while a cell waits"):
        asyncio.run(FacePicker(detection(photo, 2)).chosen())


@pytest.mark.parametrize(("name", "value"), [("SERVER_SOFTWARE", "voila/0.5.13"), ("VOILA_KERNEL_ID", "a1b2")])
def test_chosen_refuses_in_voila_which_runs_all_cells_first(photo, kernel, name, value):
    kernel.setenv(name, value)
    with pytest.raises(AkoolError, match="Voila runs every cell before the page is shown"):
        asyncio.run(FacePicker(detection(photo, 2)).chosen())


def test_chosen_refuses_where_there_is_no_notebook(photo):
    with pytest.raises(AkoolError, match=r"picker\.choose\(0\)"):
        asyncio.run(FacePicker(detection(photo, 2)).chosen())


def test_no_picture_and_no_landmark_is_in_the_state_that_is_saved(photo):
    picker = FacePicker(detection(photo, 2))
    picker.choose(1)
    chance = ("_esm", "_key", "layout")  # long random names, in which any number may turn up
    rest = {name: value for name, value in picker.get_state().items() if name not in chance}
    assert "249" not in repr(rest)
    assert len(repr(rest)) < 2000
