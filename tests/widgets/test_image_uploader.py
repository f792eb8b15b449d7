"""ImageUploader, driven by the messages that the page sends."""

import io
import threading

import pytest
from PIL import Image

from akool_nb import samples
from akool_nb.api.photo import LARGEST_FILE, Photo
from akool_nb.errors import PhotoError
from akool_nb.widgets.consent import CONSENT
from akool_nb.widgets.image_uploader import ImageUploader

PIECE = 1024 * 1024


class Page:
    """The page's end of the channel: it sends a browser's messages and waits for the widget's."""

    def __init__(self, widget):
        self.widget = widget
        self.received = []
        self._new = threading.Condition()
        widget.send = self._receive

    def _receive(self, content, buffers=None):
        with self._new:
            self.received.append((content, buffers or []))
            self._new.notify_all()

    def send(self, kind, *buffers, **content):
        self.widget._handle_custom_msg({"kind": kind, **content}, [memoryview(buffer) for buffer in buffers])

    def upload(self, data, *, upload=1, name="me.jpg"):
        for start in range(0, max(1, len(data)), PIECE):
            self.send("piece", data[start : start + PIECE], upload=upload, name=name, size=len(data), start=start)
        self.wait("done", upload=upload)

    def wait(self, kind, **values):
        def there():
            return [
                buffers for content, buffers in self.received if {"kind": kind, **values}.items() <= content.items()
            ]

        with self._new:
            assert self._new.wait_for(there, timeout=20), f"{kind} missing; received {[c for c, _ in self.received]}"
            return there()[0]

    def kinds(self):
        return [content["kind"] for content, _ in self.received]


@pytest.fixture
def uploader():
    CONSENT.set(True)
    yield ImageUploader()
    CONSENT.set(False)


@pytest.fixture
def page(uploader):
    return Page(uploader)


def settle(uploader):
    """Wait until the uploader has handled its messages."""
    uploader.worker.result(lambda: None)


def jpeg(width=64, height=48, *, noise=False, orientation=1):
    image = Image.effect_noise((width, height), 120).convert("RGB") if noise else Image.new("RGB", (width, height))
    exif = Image.Exif()
    exif[0x0112] = orientation
    with io.BytesIO() as file:
        image.save(file, "JPEG", quality=100 if noise else 80, exif=exif)
        return file.getvalue()


def test_there_is_no_photo_at_first(uploader):
    assert uploader.photo is None
    assert uploader.photos == ()


def test_an_uploaded_file_becomes_the_photo(uploader, page):
    page.upload(jpeg(64, 48))
    assert uploader.photo.size == (64, 48)
    assert page.wait("photo", id=1, name="me.jpg")[0] == uploader.photo.jpeg


def test_a_file_of_more_than_ten_mebibytes_is_sent_in_pieces(uploader, page):
    data = jpeg(4200, 3200, noise=True)
    assert len(data) > 10 * PIECE
    page.upload(data)
    assert uploader.photo.original_size == (4200, 3200)
    assert page.kinds().count("got") == -(-len(data) // PIECE)


def test_pieces_may_arrive_in_any_order(uploader, page):
    data = jpeg(2200, 1600, noise=True)
    starts = list(range(0, len(data), PIECE))
    assert len(starts) >= 4
    for start in [*starts[1::2], *reversed(starts[::2])]:
        page.send("piece", data[start : start + PIECE], upload=1, name="me.jpg", size=len(data), start=start)
    page.wait("done", upload=1)
    assert uploader.photo.original_size == (2200, 1600)


def test_a_rotated_photo_is_turned_upright_and_its_points_map_back(uploader, page):
    page.upload(jpeg(60, 40, orientation=6))
    assert uploader.photo.size == (40, 60)
    assert uploader.photo.original_size == (60, 40)
    (back,) = uploader.photo.to_original([(39, 0)])
    assert [round(value) for value in back] == [0, 0]


def test_the_same_file_twice_is_two_photos(uploader, page):
    page.upload(jpeg(), upload=1)
    page.upload(jpeg(), upload=2)
    assert len(uploader.photos) == 2


def test_a_file_that_is_not_a_picture_is_named_in_the_error(uploader, page):
    page.upload(b"<svg onload=alert(1)>", name="<b>evil</b>.svg")
    assert uploader.error.startswith("<b>evil</b>.svg: An SVG is a drawing")
    assert uploader.photo is None


def test_an_empty_file_is_refused(uploader, page):
    page.upload(b"")
    assert uploader.error.startswith("me.jpg: ")


def test_a_file_that_is_too_large_is_refused_at_its_first_piece(uploader, page):
    page.send("piece", b"x", upload=1, name="huge.tif", size=LARGEST_FILE + 1, start=0)
    page.wait("done", upload=1)
    assert "huge.tif: The file is larger than" in uploader.error


def test_a_cancelled_upload_is_dropped(uploader, page):
    data = jpeg()
    page.send("piece", data[:100], upload=1, name="a.jpg", size=len(data), start=0)
    page.send("cancel", upload=1)
    page.send("piece", data[100:], upload=1, name="a.jpg", size=len(data), start=100)
    page.upload(data, upload=2)
    assert len(uploader.photos) == 1


def test_a_piece_that_arrives_after_its_cancel_is_ignored(uploader, page):
    page.send("cancel", upload=1)
    page.send("piece", b"late", upload=1, name="a.jpg", size=4, start=0)
    assert "got" not in page.kinds()
    assert uploader.error == ""


def test_a_cancel_takes_effect_while_the_picture_is_opened(uploader, page, monkeypatch):
    opening, go_on = threading.Event(), threading.Event()
    read = Photo.open
    monkeypatch.setattr(Photo, "open", lambda *args: (opening.set(), go_on.wait(10), read(*args))[2])
    data = jpeg()
    page.send("piece", data, upload=1, name="a.jpg", size=len(data), start=0)
    assert opening.wait(10)
    page.send("cancel", upload=1)
    go_on.set()
    page.wait("done", upload=1)
    assert uploader.photos == ()


def test_the_failure_of_a_cancelled_download_is_not_shown(uploader, page):
    page.send("cancel", upload=1)
    page.send("url", upload=1, url="http://127.0.0.1:9/me.jpg")
    page.wait("done", upload=1)
    assert uploader.error == ""


def test_without_consent_only_samples_are_accepted(uploader, page):
    CONSENT.set(False)
    page.upload(jpeg())
    assert "Tick" in uploader.error
    page.send("url", upload=2, url="https://example.org/a.png")
    page.wait("done", upload=2)
    assert uploader.photo is None
    page.send("sample", upload=3, name="astronaut")
    page.wait("done", upload=3)
    assert uploader.photo.size == (512, 512)


def test_an_address_that_does_not_answer_is_an_error(uploader, page):
    page.send("url", upload=1, url="http://127.0.0.1:9/me.jpg")
    page.wait("done", upload=1)
    assert uploader.error.startswith("me.jpg: ")
    assert uploader.photo is None


@pytest.mark.parametrize("scheme", ["", "file://", "data:image/png;base64,"])
def test_only_web_addresses_are_accepted_and_no_local_files(uploader, page, scheme):
    page.send("url", upload=1, url=f"{scheme}{samples.photo('astronaut')}")
    page.wait("done", upload=1)
    assert "not an address of the web" in uploader.error
    # The error is saved with the notebook, so it must not contain a data URI.
    assert len(uploader.error) < 200 and "base64" not in uploader.error
    assert uploader.photo is None


def test_on_photo_is_a_decorator_and_is_called_for_each_new_photo(uploader, page):
    sizes = []

    @uploader.on_photo
    def show(photo):
        sizes.append(photo.size)

    page.upload(jpeg(10, 10), upload=1)
    page.upload(jpeg(20, 20), upload=2)
    assert sizes == [(10, 10), (20, 20)]
    assert callable(show)


def test_the_exception_of_a_listener_is_shown(uploader, page):
    @uploader.on_photo
    def broken(photo):
        raise RuntimeError("my own bug")

    page.upload(jpeg())
    assert uploader.error == "RuntimeError: my own bug"
    assert uploader.photo is not None


def test_photos_can_be_switched_and_removed(uploader, page):
    page.upload(jpeg(10, 10), upload=1)
    page.upload(jpeg(20, 20), upload=2)
    uploader._current = 1
    settle(uploader)
    assert uploader.photo.size == (10, 10)
    page.send("remove", id=1)
    assert page.wait("gone", id=1) == []
    settle(uploader)
    assert uploader.photo.size == (20, 20)
    page.send("remove", id=2)
    settle(uploader)
    assert uploader.photo is None
    assert uploader.photos == ()


def test_if_two_photos_arrive_together_the_last_call_is_about_the_current_one(uploader):
    photos = []
    uploader.on_photo(photos.append)
    second = threading.Thread(target=uploader.add, args=(Photo.open(samples.photo("collage")),))
    send = uploader.send_state

    def add_second_first(key=None):
        if second.ident is None:
            second.start()
            second.join(1)
        send(key)

    uploader.send_state = add_second_first
    uploader.add(samples.photo("astronaut"))
    assert uploader._current == 2
    assert photos[-1] is uploader.photo is uploader.photos[1]


def test_python_can_add_a_photo(uploader):
    assert uploader.add(samples.photo("collage"), name="collage") is uploader.photo
    with pytest.raises(PhotoError):
        uploader.add(b"not a picture")


def test_a_page_that_connects_later_gets_the_photos_and_the_samples(uploader, page):
    page.upload(jpeg())
    page.received.clear()
    page.send("hello")
    assert page.wait("photo", id=1)
    names = {content["kind"]: content for content, _ in page.received}
    assert len(page.wait("samples")) == len(samples.photos())
    assert names["photo"]["width"] == 64


def test_the_saved_state_contains_no_picture(uploader, page):
    page.upload(jpeg(400, 300, noise=True))
    state = uploader.get_state()
    rest = {name: value for name, value in state.items() if name != "_esm"}
    assert len(repr(rest)) < 2000
