"""`create` accepts each face that a detector returns, with the path and the opts that it returned."""

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from akool_nb import opts
from akool_nb.errors import NoFaceError
from akool_nb.sandbox.engine.detector import FaceDetector
from akool_nb.sandbox.engine.swap import find_face
from akool_nb.sandbox.pictures.picture import decode, encode_png
from akool_nb.sandbox.service import crops, detections
from akool_nb.sandbox.service.detections import Crop
from akool_nb.sandbox.switches import Switches
from tests.faultserver import FaultServer, reply
from tests.sandbox import relight
from tests.sandbox.faces import drawn, known_faces, photo, portrait_source

DETECTOR = FaceDetector()


def placed(scale, degrees, x, y, yaw, count):
    """The portrait's face, scaled and rotated, with its nose at a position that may be at or beyond the border."""
    picture = relight.turned_in_depth(photo("astronaut"), portrait_source().mesh, yaw)[0]
    nose = known_faces("astronaut")[0][2]
    matrix = cv2.getRotationMatrix2D(tuple(map(float, nose)), degrees, scale)
    matrix[:, 2] += np.array([480 * x, 360 * y]) - nose
    frame = cv2.warpAffine(picture, matrix, (480, 360), flags=cv2.INTER_AREA, borderValue=(150, 160, 170))
    for _ in range(count):
        frame[:120, :120] = cv2.resize(drawn(), (120, 120), interpolation=cv2.INTER_AREA)
        frame = np.roll(frame, 121, axis=1)
    return frame


@given(
    scale=st.floats(0.15, 3.0),
    degrees=st.floats(-180, 180),
    x=st.floats(-0.02, 1.02),
    y=st.floats(-0.02, 1.02),
    yaw=st.sampled_from([0, 0, 30, 60, -60]),
    count=st.integers(0, 2),
)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_detected_face_is_found_again_by_its_opts(scale, degrees, x, y, yaw, count):
    image = placed(scale, degrees, x, y, yaw, count)
    faces = DETECTOR.detect(image)
    cuts = crops.cut_out_all(image, faces)
    for fourth in ("corner", "centre"):
        switches = Switches()
        switches.update({"fourth_point": fourth})
        answer = detections.detect_answer(image, faces, 0.0, switches, single_face=False)
        for text in answer["landmarks_str"]:
            find_face(image, opts.parse(text))
        hosted = [Crop(*place, "https://example.com") for place, _ in cuts]
        frame = detections.faces_answer(image, faces, hosted, switches)["faces_obj"]["0"]
        for (_, content), text in zip(cuts, frame["crop_landmarks"], strict=True):
            find_face(decode(content), opts.parse(text))


@given(
    scale=st.floats(0.15, 3.0),
    degrees=st.floats(-180, 180),
    x=st.floats(-0.02, 1.02),
    y=st.floats(-0.02, 1.02),
    yaw=st.sampled_from([0, 0, 30, 60, -60]),
    count=st.integers(0, 2),
)
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_detected_face_is_accepted_by_create_and_update(sandbox, scale, degrees, x, y, yaw, count):
    picture = encode_png(placed(scale, degrees, x, y, yaw, count))
    sandbox.allow_local_urls = True
    client = sandbox.client()
    with FaultServer(reply(200, picture, kind="image/png")) as server:
        for photo_or_url, endpoint in ((picture, "detect_faces"), (server.url, "detect"), (server.url, "detect_faces")):
            for face in found_by(client, photo_or_url, endpoint):
                with client.create(face) as session:
                    session.update(face)


def found_by(client, photo_or_url, endpoint):
    try:
        return list(client.detect(photo_or_url, endpoint=endpoint))
    except NoFaceError:
        return []


@pytest.mark.parametrize("name", ["astronaut", "collage", "drawn_face"])
def test_an_ordinary_face_is_hosted_as_a_small_jpeg(name):
    image = photo(name)
    for (_, _, width, height), content in crops.cut_out_all(image, DETECTOR.detect(image)):
        assert content.startswith(b"\xff\xd8")
        assert width * height < image.shape[0] * image.shape[1]
