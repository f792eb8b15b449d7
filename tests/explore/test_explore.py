"""The explorer with the real sandbox: a whole folder, errors as rows, resuming, clusters, variants and sweeps."""

from __future__ import annotations

import math
import os
import pickle
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw

import akool_nb
from akool_nb import Client, InsufficientQuotaError, Photo, Sandbox, explore, samples
from akool_nb.explore.walk import _name


@pytest.fixture(scope="module")
def client() -> Client:
    return akool_nb.connect(sandbox=True)


@pytest.fixture(scope="module")
def wall() -> Photo:
    return Photo.open(Image.linear_gradient("L").convert("RGB").resize((320, 240)))


@pytest.fixture(scope="module")
def survey(client, wall) -> explore.Survey:
    photos = [samples.photo("drawn_face"), b"not a picture", samples.photo("collage"), wall]
    return explore.detect_many(photos, client, progress=False)


def test_there_is_one_row_per_photo_in_their_order(survey):
    assert [row.faces for row in survey] == [1, 0, 6, 0]


def test_an_error_is_a_row_and_does_not_stop_the_survey(survey):
    assert [row.error for row in survey] == ["", "PhotoError", "", "NoFaceError"]
    assert [row.error for row in survey.failures] == ["PhotoError", "NoFaceError"]
    assert all(row.message for row in survey.failures)


def test_a_row_has_the_opts_text_of_the_server(survey, client):
    assert survey[0].opts == (client.detect(Photo.open(samples.photo("drawn_face")))[0].opts,)


def test_a_survey_becomes_a_data_frame_without_the_pictures(survey):
    table = survey.to_pandas()
    assert list(table.faces) == [1, 0, 6, 0]
    assert "source" not in table.columns


def test_the_table_in_a_cell_escapes_names_and_messages():
    row = explore.Row("folder/<b>bold</b>.png", "auto", False, message="<script>")
    shown = explore.Survey([row])._repr_html_()
    assert "<b>" not in shown
    assert "<script>" not in shown


class Ledger(ThreadPoolExecutor):
    """Threads that count the submitted jobs, and how many are pending at once."""

    def __init__(self) -> None:
        super().__init__(max_workers=8)
        self.asked = 0
        self.waiting: set[Future] = set()
        self.most = 0

    def submit(self, fn, /, *args, **kwargs):
        self.asked += 1
        future = super().submit(fn, *args, **kwargs)
        self.waiting.add(future)
        future.add_done_callback(self.waiting.discard)
        self.most = max(self.most, len(self.waiting))
        return future


def test_at_most_the_allowed_number_of_calls_run_at_once(client):
    with Ledger() as ledger:
        photos = [samples.photo("drawn_face").read_bytes() + bytes([number]) for number in range(7)]
        explore.detect_many(photos, client, at_once=2, executor=ledger, progress=False)
    assert ledger.asked == 7
    assert ledger.most <= 2


def test_a_photo_with_a_result_is_not_sent_again(client, wall):
    photos = [samples.photo("drawn_face"), wall]
    survey = explore.detect_many(photos[:1], client, progress=False)
    with Ledger() as ledger:
        again = explore.detect_many(photos, client, executor=ledger, into=survey, progress=False)
    assert again is survey
    assert ledger.asked == 1
    assert [row.faces for row in survey] == [1, 0]


def test_another_option_for_the_same_photo_is_another_row(client):
    photo = [samples.photo("collage")]
    survey = explore.detect_many(photo, client, progress=False)
    explore.detect_many(photo, client, single_face=True, into=survey, progress=False)
    explore.detect_many(photo, client, endpoint="detect", into=survey, progress=False)
    assert [row.faces for row in survey] == [6, 1, 6]


class Interrupting(Ledger):
    """Threads that are interrupted at the third photo."""

    def submit(self, fn, /, *args, **kwargs):
        if self.asked == 2:
            raise KeyboardInterrupt
        return super().submit(fn, *args, **kwargs)


def test_an_interrupt_keeps_the_results_and_the_next_run_continues(client):
    photos = [samples.photo("drawn_face").read_bytes() + bytes([number]) for number in range(4)]
    survey = explore.Survey()
    with pytest.raises(KeyboardInterrupt), Interrupting() as threads:
        explore.detect_many(photos, client, at_once=1, executor=threads, into=survey, progress=False)
    assert len(survey) == 2
    with Ledger() as ledger:
        explore.detect_many(photos, client, executor=ledger, into=survey, progress=False)
    assert ledger.asked == 2
    assert len(survey) == 4


def test_a_pil_image_is_recognised_by_its_pixels(client):
    survey = explore.Survey()
    with Ledger() as ledger:
        for _ in range(2):
            picture = Image.open(samples.photo("drawn_face"))
            explore.detect_many([picture], client, executor=ledger, into=survey, progress=False)
    assert ledger.asked == 1
    assert len(survey) == 1


def test_two_pictures_with_the_same_repr_are_two_rows(client, monkeypatch):
    monkeypatch.setattr(Image.Image, "__repr__", lambda picture: "<image at 0x1>")
    pictures = [Image.open(samples.photo("drawn_face")), Image.linear_gradient("L").convert("RGB")]
    survey = explore.detect_many(pictures, client, progress=False)
    assert [row.faces for row in survey] == [1, 0]


def test_pictures_with_different_palettes_have_different_names():
    black, white = Image.new("P", (2, 2)), Image.new("P", (2, 2))
    black.putpalette([0, 0, 0])
    white.putpalette([255, 255, 255])
    assert _name(black) != _name(white)


def test_an_open_file_can_be_shown_after_its_survey(client):
    with samples.photo("drawn_face").open("rb") as file:
        survey = explore.detect_many([file], client, progress=False)
    assert [row.faces for row in survey] == [1]
    assert any(_is_green(pixel) for pixel in survey.contact_sheet().get_flattened_data())


def test_a_damaged_or_closed_picture_is_a_row_with_an_error(client, tmp_path):
    whole = samples.photo("drawn_face").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    with (tmp_path / "cut.png").open("rb") as closed:
        pass
    survey = explore.detect_many([Image.open(tmp_path / "cut.png"), closed], client, progress=False)
    assert [bool(row.error) for row in survey] == [True, True]


def test_a_photo_that_is_listed_twice_is_sent_once(client):
    with Ledger() as ledger:
        photos = [samples.photo("drawn_face"), samples.photo("drawn_face")]
        survey = explore.detect_many(photos, client, executor=ledger, progress=False)
    assert ledger.asked == 1
    assert len(survey) == 1


def test_a_photo_whose_call_failed_is_sent_again(client):
    lost = explore.Row(str(samples.photo("drawn_face")), "auto", False, error="ConnectionFailed")
    survey = explore.detect_many([samples.photo("drawn_face")], client, into=explore.Survey([lost]), progress=False)
    assert [(row.faces, row.error) for row in survey] == [(1, "")]


def test_a_progress_bar_counts_the_photos(client, capsys):
    explore.detect_many([samples.photo("drawn_face")], client)
    assert "1/1" in capsys.readouterr().err


@pytest.fixture(scope="module")
def cluster(client) -> Iterator[Executor]:
    """Two worker processes that have the key only in their environment."""
    import distributed

    key = client.sandbox.client_secret
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, env={"AKOOL_API_KEY": key}
        ) as local,
        distributed.Client(local) as dask,
    ):
        yield dask.get_executor()


def test_a_cluster_uses_its_own_credentials(client, cluster):
    assert "AKOOL_API_KEY" not in os.environ
    photos = [samples.photo("collage"), samples.photo("drawn_face"), "no such file.png"]
    survey = explore.detect_many(photos, client, executor=cluster, progress=False)
    assert [row.faces for row in survey] == [6, 1, 0]
    assert survey[2].error == "PhotoError"


class Distant(Executor):
    """Acts as workers without shared memory: it keeps the pickled jobs."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def submit(self, fn, /, *args, **kwargs):
        self.sent.append(pickle.dumps((fn, args, kwargs)))
        future: Future = Future()
        future.set_result(explore.Row("seen", "auto", False))
        return future


def test_no_secret_is_sent_to_the_workers(client):
    distant = Distant()
    explore.detect_many([samples.photo("drawn_face")], client, executor=distant, progress=False)
    secrets = [client.sandbox.client_secret, client.sandbox.client_id, client.get_token()]
    assert client.base_url.encode() in distant.sent[0]
    assert not any(secret.encode() in distant.sent[0] for secret in secrets)


def test_a_contact_sheet_shows_every_photo_with_boxes_around_its_faces(survey):
    sheet = survey.contact_sheet(columns=2, side=120)
    assert sheet.size == (240, 2 * (120 + 34))
    green = [pixel for pixel in sheet.crop((0, 0, 120, 120)).get_flattened_data() if _is_green(pixel)]
    assert len(green) > 50
    assert not any(_is_green(pixel) for pixel in sheet.crop((120, 0, 240, 120)).get_flattened_data())


def _is_green(pixel: tuple[int, int, int]) -> bool:
    return pixel[1] > 130 and pixel[0] < 60


def test_an_empty_contact_sheet_is_a_picture():
    assert explore.Survey().contact_sheet().size[0] > 0


@pytest.mark.parametrize(
    "change",
    [
        lambda photo: explore.turned(photo, 30),
        lambda photo: explore.turned(photo, -75),
        lambda photo: explore.scaled(photo, 0.5),
        lambda photo: explore.darker(photo, 0.9),
        lambda photo: explore.blurred(photo, 1),
        lambda photo: explore.degrade(photo, 60),
    ],
)
def test_a_variant_maps_points_to_their_new_places(change):
    picture = Image.new("RGB", (300, 200), "black")
    ImageDraw.Draw(picture).ellipse((180, 60, 200, 80), fill="white")
    variant = change(Photo.open(picture))
    x, y = variant.move((190, 70))
    seen = Image.open(BytesIO(variant.photo.jpeg)).convert("L")
    box = seen.point(lambda value: 255 * (value > 90)).getbbox()
    assert math.dist((x, y), ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)) < 1.5


@pytest.mark.parametrize("factor", [4, 0.013])
def test_a_scaled_photo_has_the_size_that_its_points_assume(factor):
    photo = Photo.open(Image.new("RGB", (1000, 700)))
    variant = explore.scaled(photo, factor)
    assert variant.photo.size == (round(1000 * factor), round(700 * factor))
    assert variant.move(photo.size) == pytest.approx(variant.photo.size)


def test_a_large_photo_is_changed_at_its_full_size():
    photo = Photo.open(Image.new("RGB", (2400, 300)), max_side=2400)
    for variant in (explore.turned(photo, 5), explore.blurred(photo, 1), explore.degrade(photo, 50)):
        assert variant.photo.size == photo.size


def test_landmark_error_is_a_share_of_the_distance_between_the_eyes():
    truth = [(0, 0), (10, 0), (5, 5), (5, 10)]
    assert explore.landmark_error(truth, truth) == 0
    assert explore.landmark_error([(x + 1, y) for x, y in truth], truth) == pytest.approx(0.1)


@pytest.mark.parametrize("value", [float("nan"), -1000, 1e6, "2", None, True])
@pytest.mark.parametrize("make", [explore.turned, explore.scaled, explore.darker, explore.blurred, explore.degrade])
def test_a_number_outside_its_range_is_refused_with_the_range(make, value):
    with pytest.raises((TypeError, ValueError), match=r"is a (whole )?number from -?[\d.]+ to \d+, not "):
        make(samples.photo("drawn_face"), value)


def test_a_photo_is_not_made_larger_than_the_limit():
    with pytest.raises(akool_nb.PhotoError, match="50 megapixels are the most"):
        explore.scaled(samples.photo("astronaut"), 99)


@pytest.mark.parametrize("wrong", [{"columns": 0}, {"side": 0}, {"limit": 0}, {"columns": "3"}])
def test_a_contact_sheet_of_no_size_is_refused_with_the_range(wrong):
    with pytest.raises((TypeError, ValueError), match="is a whole number from"):
        explore.Survey([]).contact_sheet(**wrong)


def test_a_sweep_reports_the_landmark_error_and_where_no_face_is_found(client):
    photo = Photo.open(samples.photo("drawn_face"))
    lost = explore.scaled(photo, 0.02)
    drifts = explore.sweep(photo, [explore.turned(photo, 15), lost], client)
    assert [drift.name for drift in drifts] == ["turned 15°", "size 0.02"]
    assert drifts[0].error < 0.06
    assert (drifts[1].error, drifts[1].failure) == (None, "NoFaceError")


def test_a_call_that_fails_is_not_counted_as_a_picture_without_a_face():
    photo = Photo.open(samples.photo("drawn_face"))
    with Sandbox() as sandbox:
        sandbox.fail_next("detect_faces", code=1104)
        drifts = explore.sweep(
            photo,
            [explore.degrade(photo, 50), explore.degrade(photo, 60)],
            sandbox.client(),
            truth=[(192, 221), (288, 221)],
        )
        assert [drift.failure for drift in drifts] == ["InsufficientQuotaError", ""]
        sandbox.fail_next("detect_faces", code=1104)
        with pytest.raises(InsufficientQuotaError):
            explore.sweep(photo, [], sandbox.client())


ONE_PHOTO = {
    "a path as text": str(samples.photo("astronaut")),
    "a path": samples.photo("astronaut"),
    "bytes": b"picture",
    "a photo": Photo.open(samples.photo("drawn_face")),
    "a PIL image": Image.new("RGB", (20, 20)),
    "an array": np.zeros((20, 20, 3), np.uint8),
    "an open file": BytesIO(b"picture"),
    "nothing": None,
}


@pytest.mark.parametrize("kind", ONE_PHOTO)
def test_one_photo_instead_of_a_list_raises_an_error_that_says_so(client, kind):
    with pytest.raises(TypeError, match="a list of photos"):
        explore.detect_many(ONE_PHOTO[kind], client)


@pytest.mark.parametrize("change", [explore.turned, explore.scaled, explore.darker, explore.blurred, explore.degrade])
def test_a_variant_accepts_the_same_sources_as_photo_open(change):
    path = samples.photo("drawn_face")
    assert change(path, 10).photo.jpeg == change(Photo.open(path), 10).photo.jpeg


class Lossy(Executor):
    """An executor that cannot send a `Photo` to its workers, as a process pool cannot."""

    def submit(self, function, source):
        future = Future()
        try:
            future.set_result(function(pickle.loads(pickle.dumps(source))))
        except TypeError as error:
            future.set_exception(error)
        return future


def test_a_photo_that_cannot_be_sent_to_a_worker_is_one_row(sandbox, monkeypatch):
    monkeypatch.setenv("AKOOL_API_KEY", sandbox.client_secret)
    photos = [samples.photo("drawn_face"), Photo.open(samples.photo("astronaut")), samples.photo("collage")]
    survey = explore.detect_many(photos, sandbox.client(), executor=Lossy(), progress=False)
    assert [row.faces for row in survey] == [1, 0, 6]
    assert survey[1].error == "TypeError" and "pickled" in survey[1].message


def test_a_survey_and_a_sweep_request_no_hosted_crops(sandbox):
    """Hosted crops are public for seven days."""
    client = sandbox.client()
    photo = Photo.open(samples.photo("drawn_face"))
    explore.detect_many([photo], client, progress=False)
    explore.sweep(photo, [explore.degrade(photo, 50)], client)
    asked = client.calls.find("detect_faces")
    assert len(asked) == 3
    assert not any(call.request.get("return_face_url") for call in asked)


def test_a_survey_is_saved_as_a_table_with_the_crop_of_each_face(tmp_path, client):
    survey = explore.detect_many([samples.photo("collage"), b"not a picture"], client, progress=False)
    folder = survey.save(tmp_path / "new" / "survey")
    names = sorted(path.name for path in folder.iterdir())
    assert names == [*(f"0_{number}.jpg" for number in range(6)), "survey.csv"]
    assert max(Photo.open(folder / "0_0.jpg").size) <= 256
    assert "collage.png" in (folder / "survey.csv").read_text()
