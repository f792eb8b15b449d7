"""The public names: exactly these, each exists, and each is loaded only when it is used."""

import ast
import functools
import inspect
import re
import subprocess
import sys
import textwrap

import pytest

import akool_nb
from akool_nb import errors, explore
from akool_nb.api import calls

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


def test_every_public_name_exists_and_has_a_docstring():
    for name in akool_nb.__all__:
        thing = getattr(akool_nb, name)
        assert thing.__doc__, name


def classes():
    """The public classes, and the classes of rows that public objects contain."""
    public = (getattr(akool_nb, name) for name in akool_nb.__all__)
    shown = [thing for thing in public if inspect.isclass(thing)]
    return [*shown, calls.Call, explore.Row, explore.Survey, explore.Drift, explore.Variant]


def attributes(cls):
    """The public fields and properties of the class, and the attributes that its `__init__` sets."""
    own = vars(cls)
    properties = {name for name, thing in own.items() if isinstance(thing, (property, functools.cached_property))}
    return sorted(
        name
        for name in {*own.get("__annotations__", ()), *properties, *set_by_init(cls)} - {*dir(Exception)}
        if not name.startswith("_")
    )


def set_by_init(cls):
    if "__init__" not in vars(cls) or "__dataclass_fields__" in vars(cls):
        return set()
    tree = ast.parse(textwrap.dedent(inspect.getsource(cls.__init__)))
    stores = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store))
    return {node.attr for node in stores if isinstance(node.value, ast.Name) and node.value.id == "self"}


@pytest.mark.parametrize("cls", classes(), ids=lambda cls: cls.__name__)
def test_a_docstring_names_every_attribute_of_its_class(cls):
    page = inspect.getdoc(cls)
    assert [name for name in attributes(cls) if not re.search(rf"\b{name}\b", page)] == []


MADE_OF = {"Face", "Detection", "FaceswapStatus", "LiveSession", "RtcToken", "AgoraChannel", "SourceImage", "Photo"}


@pytest.mark.parametrize("name", sorted(MADE_OF))
def test_the_docstring_of_an_api_class_names_its_errors_and_its_page(name):
    page = inspect.getdoc(getattr(akool_nb, name))
    assert "\nAttributes:\n" in page
    assert "\nRaises:\n" in page
    assert "https://" in page


def test_a_name_of_earlier_versions_still_works():
    assert explore.worn is explore.degrade


def test_an_unknown_name_raises_attribute_error():
    assert not hasattr(akool_nb, "clinet")


def test_importing_the_package_imports_no_heavy_library():
    code = "import sys, akool_nb; print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert HEAVY & {name.partition(".")[0] for name in out.split()} == set()
