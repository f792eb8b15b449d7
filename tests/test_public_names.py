"""The public names: exactly these, each there, each loaded only when used."""

import subprocess
import sys

import akool_nb
from akool_nb import errors

NAMES = {
    *("AgoraChannel", "CallLog", "Client", "Detection", "Face", "FaceswapStatus", "LiveSession", "Photo", "RtcToken"),
    *("Sandbox", "SourceImage", "connect", "help", "plot_faces", "studio"),
    *("agora", "check", "errors", "explore", "opts", "samples", "widgets", "__version__"),
}
HEAVY = {"requests", "urllib3", "PIL", "numpy", "cv2", "matplotlib", "ipywidgets", "anywidget", "tornado", "pandas"}


def error_classes():
    return {name for name, thing in vars(errors).items() if isinstance(thing, type) and issubclass(thing, Exception)}


def test_the_public_names_are_these():
    assert set(akool_nb.__all__) == NAMES | error_classes()
    assert akool_nb.__all__ == sorted(akool_nb.__all__)
    assert dir(akool_nb) == akool_nb.__all__


def test_every_public_name_is_there_and_says_what_it_is():
    for name in akool_nb.__all__:
        thing = getattr(akool_nb, name)
        assert thing.__doc__, name


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(akool_nb, "clinet")


def test_importing_the_package_imports_nothing_heavy():
    code = "import sys, akool_nb; print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert HEAVY & {name.partition(".")[0] for name in out.split()} == set()
