"""The model files match their NOTICE, and OpenCV reads all outputs of each network."""

import hashlib
import re

import numpy as np
import pytest

from akool_nb.errors import SandboxError
from akool_nb.sandbox.engine import networks
from akool_nb.sandbox.engine.networks import MODELS, Network, sigmoid

NETWORKS = {
    "face_detection_short_range.tflite": (128, 896 * 16, 896),
    "face_detection_full_range.tflite": (192, 2304 * 16, 2304),
    "face_landmark.tflite": (192, 468 * 3, 1),
}


def test_every_model_file_has_the_checksum_of_its_notice():
    notice = (MODELS / "NOTICE").read_text()
    stated = dict(re.findall(r"^(\S+\.(?:tflite|npz)) .*?sha256: (\w{64})", notice, re.DOTALL | re.MULTILINE))
    shipped = [path for path in MODELS.iterdir() if path.suffix in {".tflite", ".npz"}]
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in shipped} == stated


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_gives_both_outputs(name):
    size, longer, shorter = NETWORKS[name]
    first, second = Network(name, size=size, scale=1 / 255).run(np.zeros((size, size, 3), np.uint8))
    assert (first.size, second.size) == (longer, shorter)


def test_the_error_about_a_missing_or_damaged_model_names_the_command_that_restores_it(tmp_path, monkeypatch):
    monkeypatch.setattr(networks, "MODELS", tmp_path)
    for state in ("missing", "damaged"):
        command = r"git\s+checkout\s+--\s+akool_nb/sandbox/mod"
        with pytest.raises(SandboxError, match=rf"(?s)face_landmark\.tflite\s.*{state}.*{command}"):
            Network("face_landmark.tflite", size=192, scale=1 / 255)
        (tmp_path / "face_landmark.tflite").write_bytes(b"version https://git-lfs.github.com/spec/v1")


def test_an_opencv_that_gives_one_output_less_is_refused_with_advice(monkeypatch):
    net = networks.cv2.dnn.Net
    monkeypatch.setattr(net, "getUnconnectedOutLayersNames", lambda _: ("one",))
    with pytest.raises(SandboxError, match=r"(?s)1 outputs instead of 2.*pip\s+install\s+--force-reinstall\s+opencv"):
        Network("face_landmark.tflite", size=192, scale=1 / 255)


def test_the_sigmoid_does_not_overflow():
    assert np.allclose(sigmoid(np.array([-1e9, 0, 1e9], np.float32)), [0, 0.5, 1])
