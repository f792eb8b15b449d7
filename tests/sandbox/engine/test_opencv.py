"""A missing, old or reduced OpenCV raises one clear error that names a command."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from akool_nb.errors import SandboxError
from akool_nb.sandbox.engine import opencv


def test_the_opencv_of_these_tests_is_accepted():
    opencv.check(opencv.cv2)


def test_an_old_opencv_is_refused_with_the_command_that_updates_it():
    with pytest.raises(SandboxError, match=r'(?s)4\.9\.0.*pip\s+install\s+"opencv-python-headless>=4\.10"$'):
        opencv.check(SimpleNamespace(__version__="4.9.0"))


def test_an_opencv_that_cannot_read_tflite_is_refused():
    command = r"pip\s+install\s+--force-reinstall\s+opencv-python-headless$"
    with pytest.raises(SandboxError, match=rf"(?s)can't\s+read\s+TFLite.*{command}"):
        opencv.check(SimpleNamespace(__version__="4.11.0", dnn=SimpleNamespace()))


def test_opencv_5_is_set_to_its_classic_engine():
    five = SimpleNamespace(dnn=SimpleNamespace(ENGINE_CLASSIC=1))
    assert opencv.engine_choice(five) == {"engine": 1}
    assert opencv.engine_choice(SimpleNamespace(dnn=SimpleNamespace())) == {}


def test_without_opencv_the_engine_says_what_to_install():
    script = "import sys; sys.modules['cv2'] = None; import akool_nb.sandbox.engine.detector"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stderr.rstrip().splitlines()[-1].endswith('pip install "akool_nb[sandbox]"')


def test_importing_the_sandbox_package_does_not_load_opencv():
    script = "import sys, akool_nb.sandbox; sys.exit('cv2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], timeout=60).returncode == 0
