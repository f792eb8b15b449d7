"""Fixtures for every test: one sandbox process for the whole run, reset before each test."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator, Iterator

import pytest

from akool_nb.api.client import Client
from akool_nb.sandbox import Sandbox
from tests.replay import CREDENTIALS, Replay

# Windows has no such locks, and no test there needs the machine alone.
pytest_plugins = [] if os.name == "nt" else ["tests.machine_lock"]

# Files whose tests start kernels, sandboxes or many other processes, build packages, or try thousands of examples.
SLOW = {
    "test_answers.py",
    "test_bootstrap.py",
    "test_check.py",
    "test_cli.py",
    "test_clip.py",
    "test_closed_once.py",
    "test_demo.py",
    "test_detect_create.py",
    "test_doctor.py",
    "test_explore.py",
    "test_expression.py",
    "test_faults.py",
    "test_fetch.py",
    "test_fuzz.py",
    "test_guard.py",
    "test_kernel_deaths.py",
    "test_large_pictures.py",
    "test_lesson_pages.py",
    "test_look.py",
    "test_main.py",
    "test_occlusion.py",
    "test_openapi.py",
    "test_packaging.py",
    "test_page_watch.py",
    "test_panel.py",
    "test_photo_is_one.py",
    "test_probe.py",
    "test_process.py",
    "test_public_clients.py",
    "test_search.py",
    "test_secrets.py",
    "test_session_panel.py",
    "test_soak.py",
    "test_solutions.py",
    "test_stream.py",
    "test_tracker.py",
    "test_watchdog.py",
}
# Folders whose tests run on every OpenCV.
ENGINE = {"engine", "pictures"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.name in SLOW:
            item.add_marker("slow")
        if item.path.parent.name in ENGINE:
            item.add_marker("engine")


def pytest_configure() -> None:
    """Let an interrupt be a KeyboardInterrupt, because a shell starts its background jobs with SIGINT ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skipped test fails, because otherwise it is not noticed."""
    report = yield
    if report.skipped and "CI" in os.environ and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"In CI no test may be skipped. {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[Sandbox]:
    """The one sandbox of the run, for fixtures of the same scope; tests use `sandbox`."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared_sandbox: Sandbox) -> Iterator[Sandbox]:
    """The sandbox with its switches, credits and sessions as after its start."""
    shared_sandbox.reset()
    yield shared_sandbox
    shared_sandbox.reset()


@pytest.fixture(scope="session", autouse=True)
def own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The tests have their own journal and no credentials, because they must not use real sessions."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AKOOL_NB_STATE", str(tmp_path_factory.mktemp("state")))
        for name in ("AKOOL_API_KEY", "AKOOL_CLIENT_ID", "AKOOL_CLIENT_SECRET", "AKOOL_API_HOST"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture
def replay() -> Iterator[Replay]:
    """A local server that answers with the documented examples."""
    with Replay() as server:
        yield server


@pytest.fixture
def client(replay: Replay) -> Client:
    """A client of that server."""
    return Client(**CREDENTIALS, base_url=replay.url, timeout=10)
