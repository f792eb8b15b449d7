"""A bare clone makes its own environment, does so once, and says plainly what it may not do."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from akool_nb.cli import bootstrap

ROOT = Path(__file__).parents[2]

BACKEND = '''
"""A build backend that needs no network: an editable wheel which only points at the folder."""
import pathlib, zipfile

def get_requires_for_build_editable(config_settings=None):
    return []

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    WHAT_HAPPENS
    name, info = "akool_nb-1-py3-none-any.whl", "akool_nb-1.dist-info"
    with zipfile.ZipFile(pathlib.Path(wheel_directory, name), "w") as wheel:
        wheel.writestr("akool_nb.pth", str(pathlib.Path.cwd()))
        metadata = ["Metadata-Version: 2.1", "Name: akool_nb", "Version: 1", "Provides-Extra: lab", ""]
        about = ["Wheel-Version: 1.0", "Generator: test", "Root-Is-Purelib: true", "Tag: py3-none-any", ""]
        wheel.writestr(f"{info}/METADATA", "\\n".join(metadata))
        wheel.writestr(f"{info}/WHEEL", "\\n".join(about))
        wheel.writestr(f"{info}/RECORD", "")
    return name
'''
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "akool_nb"
version = "1"
optional-dependencies.lab = []
"""


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A project of our name that builds in a second; its environment is made by the first test that wants one."""
    return project(tmp_path_factory.mktemp("clone"))


def project(folder: Path) -> Path:
    (folder / "akool_nb" / "web").mkdir(parents=True)
    (folder / "akool_nb" / "web" / "entry.ts").write_text("1")
    (folder / "pyproject.toml").write_text(PYPROJECT)
    write_backend(folder, "pass")
    return folder


def write_backend(folder: Path, what_happens: str) -> None:
    (folder / "backend.py").write_text(BACKEND.replace("WHAT_HAPPENS", what_happens))


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine where no tool can be found."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_it_needs_nothing_but_the_standard_library():
    modules = "akool_nb.cli.bootstrap, akool_nb.__main__"
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {modules}; print('fine')"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "fine\n"


def test_a_clone_gets_an_environment_once_and_again_when_its_needs_change(clone, capsys):
    python = bootstrap.environment(clone, extra="lab")
    asked = [str(python), "-c", "import importlib.metadata as m; print(m.version('akool_nb'))"]
    assert subprocess.check_output(asked, text=True) == "1\n"
    assert "Installed in" in capsys.readouterr().out

    assert bootstrap.environment(clone, extra="lab") == python
    assert capsys.readouterr().out == ""

    (clone / "akool_nb" / "web" / "entry.ts").write_text("2")
    bootstrap.environment(clone, extra="lab")
    told = capsys.readouterr().out
    assert "Installed in" in told
    assert "Making" not in told


def test_a_failed_installation_is_told_with_pips_last_words_and_tried_again(clone):
    write_backend(clone, "raise SystemExit('no room left')")
    (clone / "akool_nb" / "web" / "entry.ts").write_text("3")
    for _ in range(2):
        with pytest.raises(bootstrap.Unprepared, match="no room left"):
            bootstrap.environment(clone, extra="lab")
    write_backend(clone, "pass")


def test_a_python_that_is_too_old_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 0))
    with pytest.raises(bootstrap.Unprepared, match=r"Python 3\.10 or newer"):
        bootstrap.environment(project(tmp_path), extra="lab")


def test_a_missing_venv_module_that_cannot_be_installed_is_named(tmp_path, bare, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else found(name))
    with pytest.raises(bootstrap.Unprepared, match=rf"apt-get install python3\.{sys.version_info.minor}-venv"):
        bootstrap.environment(project(tmp_path), extra="lab")
    assert not (tmp_path / ".venv").exists()


def test_a_lack_is_one_sentence_and_a_status(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 9, 0))
    assert bootstrap.main(["test"]) == 1
    assert capsys.readouterr().err.startswith("akool-nb: akool_nb needs Python 3.10")


@pytest.mark.parametrize("name", bootstrap.BROWSERS)
def test_the_machines_own_browser_is_taken(bare, name):
    program = bare / name
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert bootstrap.ensure_browser() == str(program)


def test_no_browser_to_be_had_is_said_plainly(bare, monkeypatch):
    # Nothing found, nothing downloaded before, no apt, and a download that leads nowhere.
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(bare / "none"))
    monkeypatch.setenv("PLAYWRIGHT_DOWNLOAD_HOST", "http://127.0.0.1:9")
    with pytest.raises(bootstrap.Unprepared, match="apt-get install chromium"):
        bootstrap.ensure_browser()


def test_in_a_clone_without_an_environment_the_command_goes_on_in_its_own(clone):
    """`python3 -m akool_nb X` with an interpreter that has nothing installed: the clone's environment runs X."""
    (clone / "akool_nb" / "cli").mkdir()
    for name in ("__init__.py", "errors.py", "__main__.py", "cli/__init__.py", "cli/bootstrap.py"):
        (clone / "akool_nb" / name).write_bytes((ROOT / "akool_nb" / name).read_bytes())
    (clone / "akool_nb" / "cli" / "cli.py").write_text(
        "import sys\ndef main(arguments):\n    print(sys.prefix, *arguments)\n    return 3\n"
    )
    bare_python = Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}")
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        [bare_python, "-s", "-m", "akool_nb", "sessions"], cwd=clone, capture_output=True, text=True, env=kept
    )
    assert done.stdout.endswith(f"{clone / '.venv'} sessions\n"), done.stderr
    assert done.returncode == 3
