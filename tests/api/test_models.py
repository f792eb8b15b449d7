"""Faces, sources and states: their values, their representation, their expiry."""

import io
from datetime import datetime, timedelta, timezone

import pytest
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from akool_nb import errors, samples
from akool_nb.api.models import Detection, Face, FaceswapStatus, Photo, SourceImage
from tests.faultserver import FaultServer, reply

OPTS = "262,175:363,175:313,215:272,279"
HOSTILE = 'https://host/"><script>alert(1)</script>.jpg'


def face(number=1, region=(10, 20, 30, 40), crop=None, photo=None) -> Face:
    points = ((262, 175), (363, 175), (313, 215), (272, 279))
    return Face(number, region, points, OPTS, photo or Photo.open(samples.photo("astronaut")), crop)


def test_the_states_have_the_documented_numbers():
    assert {state.name: state.value for state in FaceswapStatus} == {
        "QUEUING": 1,
        "PROCESSING": 2,
        "SUCCESS": 3,
        "FAILED": 4,
    }
    assert str(FaceswapStatus.PROCESSING) == "processing"


@pytest.mark.parametrize("path", ["", "photo.jpg", "ftp://host/a", None, 7, "file:///etc/passwd"])
def test_a_source_needs_an_address(path):
    with pytest.raises(errors.PhotoError, match="http"):
        SourceImage(path, OPTS)


@pytest.mark.parametrize("opts", ["", " ", None, 7])
def test_a_source_needs_opts(opts):
    with pytest.raises(errors.OptsError):
        SourceImage("https://host/a.jpg", opts)


def test_a_source_is_serialised_as_documented():
    assert SourceImage("https://host/a.jpg", OPTS).to_wire() == {"path": "https://host/a.jpg", "opts": OPTS}


@pytest.mark.parametrize("value", [face(crop=SourceImage("https://h/a", OPTS)), {"path": "https://h/a", "opts": OPTS}])
def test_a_source_is_taken_from_a_face_a_dictionary_or_a_sequence(value):
    source = SourceImage("https://h/a", OPTS)
    assert SourceImage.several(value) == SourceImage.several([value]) == (source,)
    assert SourceImage.several((source, value)) == (source, source)


def test_the_opts_text_of_the_server_is_sent_unchanged():
    odd = "262,175 :363,175:313,215:272,279:0,0"
    photo = Photo.open("https://host/a.jpg")
    assert Face(1, (1, 2, 3, 4), (), odd, photo).source.opts == odd


def test_a_hosted_crop_shows_when_it_expires():
    end = datetime(2025, 6, 23, 12, 30, tzinfo=timezone.utc)
    one = face(crop=SourceImage("https://host/a.jpg", OPTS, end))
    assert one.expires_at == one.source.expires_at == end
    found = Detection(one.photo, [one, face(2)])
    assert found.expires_at == end
    for html in (one._repr_html_(), one.source._repr_html_(), found._repr_html_()):
        assert "2025-06-23 12:30 UTC" in html and "face.save(folder)" in html


def test_a_new_crop_is_hosted_for_seven_days(client):
    one = client.detect(samples.photo("astronaut"))[0]
    left = one.expires_at - datetime.now(timezone.utc)
    assert timedelta(days=6, hours=23) < left <= timedelta(days=7)


def test_a_crop_is_saved_as_a_new_file(tmp_path):
    with FaultServer(reply(200, b"\xff\xd8\xff the picture", kind="image/jpeg")) as server:
        source = SourceImage(f"{server.url}/x/../crop.jpg", OPTS, trusted=frozenset({server.url}))
        assert face(crop=source).save(tmp_path).name == "crop.jpg"
        with pytest.raises(errors.PhotoError, match="is not changed"):
            source.save(tmp_path)
        assert source.save(tmp_path, name="../other.jpg") == tmp_path / "other.jpg"


def test_a_detection_is_a_sequence_of_faces():
    found = Detection(Photo.open(samples.photo("astronaut")), [face(1), face(2, (0, 0, 90, 90)), face(3)])
    assert [one.number for one in found] == [1, 2, 3]
    assert found[-1].number == 3
    assert [one.number for one in found[1:]] == [2, 3]
    assert found.largest.number == 2
    assert found[0] in found
    with pytest.raises(IndexError, match="3 faces"):
        found[3]


def test_representations_are_stable_and_short():
    found = Detection(Photo.open(samples.photo("astronaut")), [face()])
    assert repr(found) == "Detection(1 face in Photo(512×512))"
    assert repr(face()) == (
        "Face(number=1, region=(10, 20, 30, 40), landmarks=((262, 175), (363, 175), (313, 215), (272, 279)), "
        f"opts={OPTS!r})"
    )
    assert repr(SourceImage("https://h/a", OPTS)) == f"SourceImage(path='https://h/a', opts={OPTS!r})"


def test_foreign_text_is_escaped_in_html():
    end = datetime.now(timezone.utc)
    odd = Face(1, (1, 2, 3, 4), (), "<script>", Photo.open(HOSTILE), SourceImage(HOSTILE, "<script>", end))
    found = Detection(odd.photo, [odd])
    for html in (odd._repr_html_(), odd.source._repr_html_(), found._repr_html_(), odd.photo._repr_html_()):
        assert "<script" not in html


def test_a_face_shows_its_cut_out_after_it_was_made():
    one = face()
    assert Photo.open(one.picture()).size == (30, 40)
    assert "data:image/jpeg;base64," in one._repr_html_()


def test_a_region_beyond_the_photo_is_clipped_before_the_cut_out_is_drawn():
    photo = Photo.open(samples.photo("astronaut"))
    whole = Face(1, (-50, -50, 100_000, 100_000), (), OPTS, photo)
    with Image.open(io.BytesIO(whole.picture())) as picture:
        assert picture.size == (160, 160)
    nowhere = Face(1, (5000, 5000, 10, 10), (), OPTS, photo)
    with pytest.raises(errors.PhotoError, match="is outside the photo"):
        nowhere.picture()
    assert "region" in nowhere._repr_html_()


def test_a_detection_has_a_plot():
    found = Detection(Photo.open(samples.photo("astronaut")), [face()])
    axes = found.plot()
    assert axes.figure is not None
    axes.figure.clear()


def test_the_address_of_the_photo_is_preferred_to_a_hosted_crop():
    crop = SourceImage("https://hosted/crop.jpg", "1,1:2,2:3,3:4,4")
    known = Photo.open("https://host/a.jpg")
    assert Face(1, (1, 2, 3, 4), (), OPTS, known, crop).source == SourceImage("https://host/a.jpg", OPTS)
    assert face(crop=crop).source == crop


def test_a_slice_of_a_detection_gives_several_faces_and_a_whole_detection_is_refused():
    photo = Photo.open("https://host/a.jpg")
    found = Detection(photo, [Face(number, (1, 2, 3, 4), (), OPTS, photo) for number in range(1, 4)])
    with pytest.raises(errors.PhotoError, match=r"There are 3 faces.*found\[0\].*found\[:2\]"):
        SourceImage.several(found)
    assert len(SourceImage.several(found[:2])) == len(SourceImage.several(list(found[:2]))) == 2
    assert len(SourceImage.several(found[:])) == 3
    assert len(SourceImage.several(found[2:])) == 1


def test_a_detection_works_with_copy_dataclasses_and_pandas(sandbox):
    import copy
    import dataclasses

    import pandas

    found = sandbox.client().detect(samples.photo("collage"))
    assert copy.deepcopy(found[0]) == found[0]
    assert copy.deepcopy(found)[0].photo is found.photo
    assert dataclasses.asdict(found[0])["photo"] is found.photo
    assert pandas.DataFrame(found).opts.tolist() == [one.opts for one in found]
    table = found.to_pandas()
    assert table[["x", "y", "width", "height"]].to_numpy().tolist() == [list(one.region) for one in found]
    assert table.number.tolist() == [1, 2, 3, 4, 5, 6] and table.opts.tolist() == [one.opts for one in found]


def test_a_detection_decodes_its_photo_once_and_showing_it_decodes_nothing(sandbox, monkeypatch):
    decoded = []

    def load(image, original=JpegImageFile.load):
        if image.tile:  # False once the image is decoded
            decoded.append(image.size)
        return original(image)

    monkeypatch.setattr(JpegImageFile, "load", load)
    found = sandbox.client().detect(samples.photo("collage"))
    assert len([size for size in decoded if max(size) > 160]) == 1
    decoded.clear()
    shown = [found._repr_html_(), found.photo._repr_html_(), *(one._repr_html_() for one in found)]
    assert all("data:image/jpeg" in html for html in shown)
    assert len({one.picture(100) for one in found}) == len(found) == 6
    assert all(max(size) <= 160 for size in decoded)


def test_showing_faces_of_a_remote_photo_fetches_nothing():
    with FaultServer(reply(200, samples.photo("astronaut").read_bytes(), kind="image/png")) as server:
        photo = Photo.open(f"{server.url}/a.png", trusted={server.url})
        found = Detection(photo, [Face(number, (100, 50, 200, 200), (), OPTS, photo) for number in range(1, 11)])
        for one in (found, photo, *found):
            assert "data:image" not in one._repr_html_()
        assert server.connections == 0
        assert Photo.open(found[0].picture()).size == (160, 160)
        assert "data:image" in found[1]._repr_html_() and "data:image" in photo._repr_html_()
        assert server.connections == 1


def test_an_address_that_cannot_be_fetched_is_requested_once():
    with FaultServer(reply(404, b"", kind="image/png")) as server:
        photo = Photo.open(f"{server.url}/a.png", trusted={server.url})
        for _ in range(10):
            with pytest.raises(errors.PhotoError, match="HTTP 404"):
                Face(1, (1, 2, 3, 4), (), OPTS, photo).picture()
        assert len(server.seen) == 1
        assert "HTTP 404" in photo._repr_html_()
        with pytest.raises(errors.PhotoError, match="HTTP 404"):
            _ = Photo.open(photo.url, trusted={server.url}).jpeg
        assert len(server.seen) == 2


def test_the_error_about_a_missing_face_says_that_the_photo_was_shrunk(sandbox):
    client = sandbox.client()
    grey = Image.new("RGB", (2000, 1000), "grey")
    with pytest.raises(errors.NoFaceError) as whole:
        client.detect(grey)
    with pytest.raises(errors.NoFaceError) as small:
        client.detect(Photo.open(grey, max_side=500))
    assert "of its size" not in whole.value.text
    assert "sent at 25% of its size" in small.value.text and "without max_side" in small.value.text
