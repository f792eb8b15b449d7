"""No module of the user's folder, environment or site-packages replaces one in the sandbox's process."""

from __future__ import annotations

import site
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from jupyter_client.manager import start_new_kernel

from akool_nb.sandbox import Sandbox
from tests.sandbox.wire import Wire

DEPENDENCIES = (
    "PIL",
    "akool_nb",
    "certifi",
    "charset_normalizer",
    "cv2",
    "idna",
    "numpy",
    "platformdirs",
    "psutil",
    "requests",
    "tornado",
    "traitlets",
    "urllib3",
)
CUSTOM = ("sitecustomize", "usercustomize", "startup")
TRAP = "import sys; sys.stderr.write('TRAPPED ' + __name__ + chr(10)); raise RuntimeError('trapped in ' + __name__)"


def traps(folder: Path, names: set[str]) -> Path:
    """A folder with a module of each name that fails when it is imported."""
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / f"{name}.py").write_text(TRAP)
    return folder


def works(sandbox: Sandbox) -> bool:
    wire = Wire(sandbox)
    return wire.session()["faceswap_status"] == 2


@pytest.fixture
def hostile_folder(tmp_path: Path) -> Path:
    return traps(tmp_path / "hostile", {*sys.stdlib_module_names, *DEPENDENCIES, *CUSTOM})


def test_no_module_of_the_users_folder_and_environment_reaches_the_sandbox(
    hostile_folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(hostile_folder)
    for name in ("PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE"):
        monkeypatch.setenv(name, str(hostile_folder))
    monkeypatch.setenv("PYTHONSTARTUP", str(hostile_folder / "startup.py"))
    monkeypatch.setenv("PYTHONINSPECT", "1")
    with Sandbox() as sandbox:
        assert works(sandbox)
        environment = psutil.Process(sandbox._child.pid).environ()
    assert not [name for name in environment if name.startswith("PYTHON")]
    assert capfd.readouterr().err == ""


def test_no_package_named_like_a_module_of_the_standard_library_reaches_the_sandbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    folder = traps(tmp_path / "site-packages", {*sys.stdlib_module_names, *CUSTOM})
    (folder / "trap.pth").write_text("import sys; sys.stderr.write('TRAPPED pth')")
    real = site.getsitepackages()
    monkeypatch.setattr(site, "getsitepackages", lambda: [str(folder), *real])
    with Sandbox() as sandbox:
        assert works(sandbox)
    assert capfd.readouterr().err == ""


CELL = "import akool_nb; print(akool_nb.connect(sandbox=True).credits())"
BESIDE = {"random", "email", "queue", "token", "csv", "secrets", "statistics", "zipfile", "cv2", "numpy", "tornado"}


def test_a_notebook_beside_files_named_like_modules_connects(tmp_path: Path):
    said: list[str] = []
    manager, client = start_new_kernel(cwd=str(traps(tmp_path / "beside", BESIDE)))
    try:
        client.execute_interactive(CELL, timeout=60, output_hook=lambda message: said.append(str(message["content"])))
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert "1000.0" in said[-1] or "1000.0" in said[-2], said


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site-packages with a link to each package of the real one; a test can remove links."""
    folder = tmp_path_factory.mktemp("farm")
    import tornado

    for entry in Path(tornado.__file__).parents[1].iterdir():
        (folder / entry.name).symlink_to(entry)
    root = Path(__file__).parents[2]
    if not (folder / "akool_nb").exists():
        (folder / "akool_nb").symlink_to(root / "akool_nb")
    return folder


START = """
import site, sys
site.getsitepackages = list
sys.path.append(sys.argv[1])
from akool_nb.sandbox import Sandbox
try:
    Sandbox()
except Exception as error:
    print(type(error).__name__, error)
"""


@pytest.mark.parametrize("missing", ["cv2", "numpy", "tornado", "PIL"])
def test_a_missing_package_is_one_sentence_with_the_extra_even_if_a_file_has_its_name(
    missing: str, farm: Path, tmp_path: Path
):
    link = farm / missing
    target = link.readlink()
    folder = traps(tmp_path / "beside", {missing})
    link.unlink()
    try:
        command = [sys.executable, "-I", "-S", "-c", START, str(farm)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    finally:
        link.symlink_to(target)
    assert done.stdout.startswith("SandboxError ") and done.stderr == ""
    message = " ".join(done.stdout.split())
    assert message.endswith('pip install "akool_nb[sandbox]"') and message.count("pip install") == 1
