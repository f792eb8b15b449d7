"""A bare clone creates its environment once; if this fails, the error is one sentence that says what to do."""

from __future__ import annotations

import functools
import http.server
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path
from typing import ClassVar

import pytest
import uv

from akool_nb.cli import bootstrap, browser
from akool_nb.cli.machine import Unprepared
from akool_nb.cli.pip_settings import PipSettings

ROOT = Path(__file__).parents[2]

BARE = ("__init__", "bootstrap", "browser", "installer", "machine", "pip_settings")
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
        metadata = ["Metadata-Version: 2.1", "Name: akool_nb", "Version: 1", "Provides-Extra: lab"]
        metadata += ["Requires-Dist: tiny-dependency", ""]
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
dependencies = ["tiny-dependency"]
optional-dependencies.lab = []
"""


REAL_UV = f"import os, sys\nos.execv({uv.find_uv_bin()!r}, ['uv', *sys.argv[1:]])\n"


class Index(http.server.SimpleHTTPRequestHandler):
    """A package index from a folder; it records each request and the program that sent it."""

    asked: ClassVar[list[tuple[str, str]]] = []

    def log_message(self, *_):
        self.asked.append((self.path, self.headers["User-Agent"].partition("/")[0]))


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """The address of an index with two packages: the real uv, and a dependency of our project."""
    folder = tmp_path_factory.mktemp("index")
    write_wheel(folder / "uv", "uv", {"uv/__init__.py": "", "uv/__main__.py": REAL_UV})
    write_wheel(folder / "tiny-dependency", "tiny_dependency", {"tiny_dependency.py": ""})
    handler = functools.partial(Index, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def write_wheel(folder: Path, name: str, files: dict[str, str]) -> None:
    folder.mkdir()
    info = f"{name}-1.dist-info"
    about = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n"
    with zipfile.ZipFile(folder / f"{name}-1-py3-none-any.whl", "w") as wheel:
        for path, text in {**files, f"{info}/WHEEL": about, f"{info}/METADATA": metadata, f"{info}/RECORD": ""}.items():
            wheel.writestr(path, text)


@pytest.fixture(autouse=True)
def use_test_index(index, monkeypatch, tmp_path_factory):
    """Without the user's settings; packages come from the index of the test."""
    for name in [name for name in os.environ if name.startswith(("PIP_", "UV_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", index)
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path_factory.mktemp("uv")))
    Index.asked.clear()


def programs_that_fetched_the_dependency() -> set[str]:
    return {who for path, who in Index.asked if path.endswith("tiny_dependency-1-py3-none-any.whl")}


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A project of our name that builds in a second; the first test that needs its environment creates it."""
    return project(tmp_path_factory.mktemp("clone"))


@pytest.fixture
def with_environment(clone, tmp_path):
    """A second project, whose environment is a copy, because creating one takes seconds."""
    bootstrap.environment(clone, extra="lab")
    again = project(tmp_path / "again")
    without_the_project = shutil.ignore_patterns("tiny_dependency*", "akool_nb*")
    shutil.copytree(clone / ".venv", again / ".venv", symlinks=True, ignore=without_the_project)
    Index.asked.clear()
    return again


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
    """A machine on which no tool is installed."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_bootstrap_imports_only_the_standard_library():
    modules = "akool_nb.cli.bootstrap, akool_nb.__main__"
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {modules}; print('fine')"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "fine\n"


def test_a_clone_creates_its_environment_once_and_again_when_the_sources_change(clone, capsys):
    python = bootstrap.environment(clone, extra="lab")
    asked = [str(python), "-c", "import tiny_dependency, importlib.metadata as m; print(m.version('akool_nb'))"]
    assert subprocess.check_output(asked, text=True) == "1\n"
    assert "Installed in" in capsys.readouterr().out
    assert programs_that_fetched_the_dependency() == {"uv"}

    assert bootstrap.environment(clone, extra="lab") == python
    assert capsys.readouterr().out == ""

    (clone / "akool_nb" / "web" / "entry.ts").write_text("2")
    bootstrap.environment(clone, extra="lab")
    output = capsys.readouterr().out
    assert "Installed in" in output
    assert "Making" not in output


def test_pip_installs_if_uv_has_no_equivalent_for_a_setting(with_environment, monkeypatch):
    monkeypatch.setenv("PIP_PREFER_BINARY", "1")
    bootstrap.environment(with_environment, extra="lab")
    assert programs_that_fetched_the_dependency() == {"pip"}


def test_settings_for_another_target_are_ignored_and_settings_files_are_read(
    with_environment, tmp_path, index, monkeypatch
):
    """The index in pip's file is used; `user`, `target` and `require-virtualenv` are not."""
    elsewhere = tmp_path / "elsewhere"
    settings = tmp_path / "pip.conf"
    settings.write_text(f"[global]\nindex-url = {index}\n[install]\nuser = yes\ntarget = {elsewhere}\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(settings))
    monkeypatch.delenv("PIP_INDEX_URL")
    monkeypatch.setenv("PIP_REQUIRE_VIRTUALENV", "1")
    monkeypatch.setenv("PIP_PREFIX", str(elsewhere))
    python = bootstrap.environment(with_environment, extra="lab")
    assert subprocess.call([python, "-c", "import tiny_dependency"]) == 0
    assert not elsewhere.exists()
    assert programs_that_fetched_the_dependency() == {"uv"}


def test_settings_of_pip_are_converted_to_those_of_uv(tmp_path, monkeypatch):
    variables = PipSettings(
        {
            "index-url": "https://one",
            "extra-index-url": "https://two\nhttps://three",
            "find-links": "/four https://five",
            "constraint": "/six.txt",
            "cert": "/seven.pem",
            "proxy": "http://eight",
            "no-cache-dir": "true",
        }
    ).for_uv()
    assert variables["UV_DEFAULT_INDEX"] == "https://one"
    assert variables["UV_INDEX"] == "https://two https://three"
    assert variables["UV_FIND_LINKS"] == "/four,https://five"
    assert variables["UV_CONSTRAINT"] == "/six.txt"
    assert variables["SSL_CERT_FILE"] == "/seven.pem"
    assert variables["HTTPS_PROXY"] == "http://eight"


def test_an_incomplete_environment_is_completed(tmp_path, capsys):
    clone = project(tmp_path)
    folder = clone / ".venv"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(tmp_path / "a Python that was removed")
    python = bootstrap.environment(clone, extra="lab")
    assert subprocess.call([python, "-c", "import tiny_dependency"]) == 0


def test_a_failed_installation_shows_the_cause_and_is_tried_again(clone):
    write_backend(clone, "raise SystemExit('no room left')")
    (clone / "akool_nb" / "web" / "entry.ts").write_text("3")
    for _ in range(2):
        with pytest.raises(Unprepared, match="no room left"):
            bootstrap.environment(clone, extra="lab")
    write_backend(clone, "pass")


def unreadable_settings(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (folder / "pip.conf").write_text("index-url = no section\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(folder / "pip.conf"))
    return project(folder / "clone")


def a_colon_in_the_path(folder: Path, _: pytest.MonkeyPatch) -> Path:
    return project(folder / f"a{os.pathsep}b")


def a_file_in_place_of_the_environment(folder: Path, _: pytest.MonkeyPatch) -> Path:
    (project(folder) / ".venv").write_text("")
    return folder


def a_folder_that_cannot_be_written(folder: Path, _: pytest.MonkeyPatch) -> Path:
    (project(folder) / ".venv").symlink_to("/proc/akool")
    return folder


def no_front_end(folder: Path, _: pytest.MonkeyPatch) -> Path:
    project(folder)
    (folder / "akool_nb" / "web" / "entry.ts").unlink()
    (folder / "akool_nb" / "web").rmdir()
    return folder


def no_metadata(folder: Path, _: pytest.MonkeyPatch) -> Path:
    (project(folder) / "pyproject.toml").unlink()
    return folder


@pytest.mark.parametrize(
    "problem, advice",
    [
        (unreadable_settings, "correct the file"),
        (a_colon_in_the_path, "rename the folder"),
        (a_file_in_place_of_the_environment, "remove .venv"),
        (a_folder_that_cannot_be_written, "remove .venv"),
        (no_front_end, "clone it anew"),
        (no_metadata, "clone it anew"),
    ],
)
def test_a_first_start_that_cannot_succeed_raises_an_error_that_says_what_to_do(problem, advice, tmp_path, monkeypatch):
    clone = problem(tmp_path, monkeypatch)
    with pytest.raises(Unprepared, match=advice) as caught:
        bootstrap.environment(clone, extra="lab")
    assert "\n" not in str(caught.value)


def test_a_python_that_is_too_old_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 0))
    with pytest.raises(Unprepared, match=r"Python 3\.10 or newer"):
        bootstrap.environment(project(tmp_path), extra="lab")


def test_a_missing_venv_module_that_cannot_be_installed_is_named(tmp_path, bare, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else found(name))
    with pytest.raises(Unprepared, match=rf"apt-get install python3\.{sys.version_info.minor}-venv"):
        bootstrap.environment(project(tmp_path), extra="lab")
    assert not (tmp_path / ".venv").exists()


def test_a_missing_requirement_is_one_sentence_and_exit_status_1(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 9, 0))
    assert bootstrap.main(["test"]) == 1
    assert capsys.readouterr().err.startswith("akool-nb: akool_nb needs Python 3.10")


@pytest.mark.parametrize("name", browser.BROWSERS)
def test_an_installed_browser_is_used(bare, name):
    program = bare / name
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert browser.ensure_browser() == str(program)


def test_a_browser_that_cannot_be_installed_raises_an_error_with_the_command(bare, monkeypatch):
    # Nothing is installed, nothing was downloaded before, apt is missing, and the download address does not answer.
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(bare / "none"))
    monkeypatch.setenv("PLAYWRIGHT_DOWNLOAD_HOST", "http://127.0.0.1:9")
    with pytest.raises(Unprepared, match="apt-get install chromium"):
        browser.ensure_browser()


def test_missing_other_browsers_are_named_with_the_command(bare, capsys):
    browser.install_other_browsers()
    assert "sudo apt-get install firefox-esr webkit2gtk-driver xvfb" in capsys.readouterr().out


def test_a_clone_without_an_environment_runs_the_command_in_its_own_environment(clone):
    """`python3 -m akool_nb X` with a bare interpreter: the clone's environment runs X."""
    (clone / "akool_nb" / "cli").mkdir()
    for path in ("__init__", "errors", "terminal", "__main__", *map("cli/{}".format, BARE)):
        name = f"{path}.py"
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


def test_ctrl_c_during_the_installation_prints_one_sentence(clone):
    write_backend(clone, "import time; time.sleep(60)")
    (clone / "akool_nb" / "web" / "entry.ts").write_text("4")
    bare_python = Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}")
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    command = [bare_python, "-s", "-m", "akool_nb", "sessions"]
    with subprocess.Popen(
        command, cwd=clone, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=kept, start_new_session=True
    ) as process:
        assert "Installing" in process.stdout.readline()
        time.sleep(1)
        os.killpg(process.pid, signal.SIGINT)
        output, errors = process.communicate(timeout=30)
    write_backend(clone, "pass")
    assert "Traceback" not in output + errors
    assert errors == "akool-nb: Stopped. The same command goes on from here.\n"
    assert process.returncode == 130
