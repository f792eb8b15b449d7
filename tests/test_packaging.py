"""The built packages: sources in the sdist, scripts in the wheel, which needs neither Node nor network."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MOST_WHEEL_BYTES = 12_000_000


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    return build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def wheel(sdist, tmp_path_factory):
    """Built from the unpacked sdist, as pip does."""
    unpacked = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(unpacked, filter="data")
    (source,) = unpacked.iterdir()
    return build("wheel", source, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def files(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The Python of an environment with the wheel, installed without other tools and without network."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    pip = [python, "-m", "pip", "install", "-q", "--no-deps", "--no-index", wheel]
    subprocess.run(pip, check=True, env={"PATH": str(folder / "bin"), "HOME": str(folder)})
    return python


def build(target: str, source: Path, out: Path) -> Path:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HATCH")}
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(out)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, env=kept)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.iterdir()
    return built


def below(files: set[str], folder: str, ending: str = "") -> set[str]:
    return {name.removeprefix(folder) for name in files if name.startswith(folder) and name.endswith(ending)}


def test_the_sdist_has_the_sources_and_no_built_files(sdist):
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "akool_nb/web/package-lock.json",
        "akool_nb/web/build.mjs",
    } <= names
    assert below(names, "notebooks/", ".ipynb")
    assert not [name for name in names if "node_modules" in name or name.startswith(("akool_nb/static", ".venv"))]


def test_the_wheel_has_one_script_per_entry_and_no_front_end_sources(files):
    entries = {path.stem for path in (ROOT / "akool_nb" / "web" / "src" / "entries").glob("*.ts")}
    assert {name.removesuffix(".js") for name in below(files, "akool_nb/static/", ".js")} == entries
    assert not below(files, "akool_nb/web/")
    assert not [name for name in files if "node_modules" in name]


def test_the_wheel_has_the_sdk_of_agora_in_the_folder_that_jupyter_serves(files):
    (data,) = {name for name in files if name.endswith("labextensions/akool-nb/static/agora.js")}
    assert ".data/data/share/jupyter/" in data


def test_the_wheel_has_the_lessons_with_photos_and_solutions(files):
    shipped = below(files, "akool_nb/lessons/")
    assert {path.name for path in (ROOT / "notebooks").glob("*.ipynb")} <= shipped
    assert {"photos/astronaut.png", "photos/SOURCES.md"} <= shipped
    assert {name for name in shipped if name.startswith("solutions/")}


def test_the_wheel_has_models_notices_types_and_the_template_of_the_pages(files):
    models = below(files, "akool_nb/sandbox/models/")
    assert {"NOTICE", "LICENSE.mediapipe", "face_landmark.tflite", "topo.npz"} <= models
    assert {"akool_nb/py.typed", "akool_nb/cli/templates/lesson/index.html.j2"} <= files
    assert [name for name in files if name.endswith("licenses/akool_nb/web/THIRD_PARTY_NOTICES")]


def test_the_wheel_has_every_module_and_only_the_package(files):
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "akool_nb").rglob("*.py") if "web" not in path.parts}
    assert modules <= files
    assert {name.partition("/")[0].partition("-")[0] for name in files} == {"akool_nb"}


def test_the_wheel_is_small(wheel):
    assert wheel.stat().st_size <= MOST_WHEEL_BYTES


def test_an_installed_wheel_has_its_lessons_and_its_command(installed):
    code = "from akool_nb import samples; print(samples.photo('astronaut').is_file(), samples.lessons().name)"
    assert subprocess.check_output([installed, "-c", code], text=True, cwd="/").split() == ["True", "lessons"]
    version = subprocess.check_output([installed.parent / "akool-nb", "--version"], text=True, cwd="/")
    assert version.startswith("akool_nb ")
    assert (installed.parents[1] / "share/jupyter/labextensions/akool-nb/static/agora.js").is_file()


def test_the_repository_contains_no_built_files():
    listed = subprocess.check_output(["git", "-c", "safe.directory=*", "ls-files"], cwd=ROOT, text=True).splitlines()
    assert not [
        name for name in listed if "node_modules" in name or name.startswith(("akool_nb/static", "dist/", ".venv"))
    ]


def test_following_the_advice_of_the_doctor_makes_its_checks_pass(wheel, tmp_path):
    """In a new environment with the bare package: each failed check names a command, and after it the check passes."""
    uv = Path(sys.executable).with_name("uv")
    folder = tmp_path / "environment"
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, folder], check=True)
    into = ["--python", folder / "bin" / "python"]
    subprocess.run([uv, "pip", "install", "-q", *into, wheel], check=True)
    followed = []
    while failed := failures(folder):
        command = next(iter(failed.values())).partition("pip install ")[2]
        assert command and command not in followed, failed
        followed.append(command)
        subprocess.run([uv, "pip", "install", "-q", *into, *shlex.split(command)], check=True)
    assert followed[0] == "'akool_nb[sandbox]'"


def failures(environment: Path) -> dict[str, str]:
    """The failed checks of the doctor, with their advice, without those of this machine's network."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AKOOL_", "PYTHON"))}
    command = [environment / "bin" / "akool-nb", "doctor", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env=kept, cwd=environment)
    found = [finding for finding in json.loads(done.stdout) if finding["state"] == "fail"]
    assert done.returncode == (1 if found else 0)
    return {finding["name"]: finding["advice"] for finding in found}
