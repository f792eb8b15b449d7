"""Starting, controlling and ending a sandbox from Python."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

import akool_nb
from akool_nb import samples
from akool_nb.errors import SandboxError
from akool_nb.sandbox import Sandbox, switches
from tests.sandbox.wire import LIVE, Wire


def has_ended(pid: int) -> bool:
    try:
        psutil.Process(pid).wait(timeout=10)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return False
    return True


def test_the_end_of_the_with_block_ends_the_process():
    with Sandbox() as sandbox:
        child = sandbox._child.pid
        assert sandbox.is_running
    assert not sandbox.is_running and has_ended(child)


def test_every_switch_is_an_attribute_with_its_default(sandbox: Sandbox):
    values = sandbox.state()["switches"]
    assert tuple(values) == switches.NAMES
    assert all(getattr(sandbox, name) == value for name, value in values.items())


def test_an_unknown_keyword_is_refused_before_anything_starts():
    with pytest.raises(TypeError, match="latency"):
        Sandbox(latncy=1)


def test_an_unknown_attribute_is_refused(sandbox: Sandbox):
    with pytest.raises(AttributeError):
        sandbox.latncy = 1


@pytest.mark.parametrize("value", [-1, "fast", None, True, 1e9])
def test_a_value_that_a_switch_cannot_have_is_refused(sandbox: Sandbox, value: object):
    with pytest.raises(ValueError, match="latency takes a number"):
        sandbox.latency = value


@pytest.mark.parametrize("values", [{"latency": 0.25, "credits": -1}, {"latency": -1, "credits": 5}])
def test_switches_and_credits_are_set_together_or_not_at_all(sandbox: Sandbox, values: dict[str, float]):
    with pytest.raises(ValueError, match="takes a number from 0"):
        sandbox.set(**values)
    assert (sandbox.latency, sandbox.credits) == (0, 1000)


def test_only_the_next_call_fails(sandbox: Sandbox):
    wire = Wire(sandbox)
    sandbox.fail_next("create", code=1104)
    assert wire.create().code == 1104
    assert wire.create().code == 1000


def test_expired_tokens_are_refused_with_1101_and_a_new_one_is_accepted(sandbox: Sandbox):
    wire = Wire(sandbox)
    old = wire.bearer()
    sandbox.expire_tokens()
    assert wire.get("/api/open/v3/faceswap/quota/info", old).code == 1101
    assert wire.get("/api/open/v3/faceswap/quota/info", wire.bearer()).code == 1000


def test_open_sessions_are_listed_and_can_be_ended_by_the_service(sandbox: Sandbox):
    wire = Wire(sandbox)
    session = wire.session()
    assert [each["id"] for each in sandbox.sessions] == [session["_id"]]
    sandbox.end(session["_id"], failed=True)
    assert sandbox.sessions == []
    assert wire.post(f"{LIVE}/info", {"_id": session["_id"]}).json["data"]["faceswap_status"] == 4


def test_reset_restores_the_state_after_the_start(sandbox: Sandbox):
    wire = Wire(sandbox)
    wire.session()
    sandbox.credits = 3
    sandbox.fail_always("any")
    sandbox.reset()
    assert wire.credits() == 1000 and sandbox.sessions == [] and sandbox.queue_seconds == 0.5


def test_a_taken_port_is_one_sentence(sandbox: Sandbox):
    port = int(sandbox.url.rpartition(":")[2])
    with pytest.raises(SandboxError, match=f"Port {port} is in use"):
        Sandbox(port=port)


START = """
from akool_nb import Sandbox
try:
    Sandbox()
except Exception as error:
    print(type(error).__name__, getattr(error, "text", error))
"""


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package, whose files a test may damage."""
    root = tmp_path_factory.mktemp("copied")
    package = Path(akool_nb.__file__).parent
    shutil.copytree(package, root / "akool_nb", ignore=shutil.ignore_patterns("web", "static", "__pycache__"))
    return root


@pytest.mark.parametrize("state", ["missing", "damaged"])
@pytest.mark.parametrize("name", ["face_landmark", "face_detection_full_range", "face_detection_short_range"])
def test_a_model_that_cannot_be_loaded_stops_the_start_and_the_error_names_the_command(
    copied: Path, name: str, state: str
):
    model = copied / "akool_nb" / "sandbox" / "models" / f"{name}.tflite"
    content = model.read_bytes()
    model.write_bytes(content[:5000]) if state == "damaged" else model.unlink()
    try:
        done = run(START, copied)
    finally:
        model.write_bytes(content)
    assert re.match(rf"SandboxError The file {name}\.tflite .*is {state}", done.stdout), done
    assert "git checkout -- akool_nb/sandbox/models" in done.stdout and done.stderr == ""


def test_a_model_that_is_deleted_later_is_reported_in_the_answer_of_the_call(copied: Path):
    model = copied / "akool_nb" / "sandbox" / "models" / "face_landmark.tflite"
    content = model.read_bytes()
    try:
        done = run(LATER.format(photo=str(samples.photo("astronaut")), model=str(model)), copied)
    finally:
        model.write_bytes(content)
    assert re.match(r"500 The file face_landmark\.tflite .*is missing.*git checkout", done.stdout), done
    assert done.stderr == ""


LATER = """
import os
from akool_nb import Sandbox
with Sandbox() as sandbox:
    client = sandbox.client()
    face = client.detect({photo!r})[0]
    os.unlink({model!r})
    try:
        client.create(face)
    except Exception as error:
        print(error.http_status, error.text)
"""


def run(script: str, package: Path) -> subprocess.CompletedProcess[str]:
    command, environment = [sys.executable, "-c", script], {**os.environ, "PYTHONPATH": str(package)}
    return subprocess.run(command, env=environment, cwd=package, capture_output=True, text=True, timeout=60)


def test_the_secret_is_in_no_repr_argument_or_environment(sandbox: Sandbox):
    child = psutil.Process(sandbox._child.pid)
    assert sandbox.client_secret not in repr(sandbox) + repr(child.cmdline()) + repr(child.environ())


def test_the_credentials_of_the_real_service_do_not_reach_the_child_process(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AKOOL_CLIENT_SECRET", "real")
    with Sandbox() as sandbox:
        assert "AKOOL_CLIENT_SECRET" not in psutil.Process(sandbox._child.pid).environ()


def test_a_sandbox_cannot_be_pickled(sandbox: Sandbox):
    with pytest.raises(TypeError, match="process"):
        pickle.dumps(sandbox)


PARENT = """
import sys
from akool_nb.sandbox import Sandbox
print(Sandbox.shared()._child.pid, Sandbox.shared() is Sandbox.shared(), flush=True)
sys.stdin.read()
"""


FORK = """
import multiprocessing, os, time
multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,)).start()
"""


def test_the_sandbox_ends_with_its_parent_even_if_a_forked_worker_still_runs():
    script = PARENT.replace("sys.stdin.read()", f"{FORK}print(multiprocessing.active_children()[0].pid, flush=True)")
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as parent:
        child, worker = parent.stdout.readline().split()[0], parent.stdout.readline()
        parent.kill()
        try:
            assert has_ended(int(child)) and psutil.pid_exists(int(worker))
        finally:
            os.kill(int(worker), signal.SIGKILL)


def test_the_end_of_a_forked_worker_does_not_end_the_sandbox(sandbox: Sandbox):
    worker = multiprocessing.get_context("fork").Process(target=sandbox.close)
    worker.start()
    worker.join(10)
    assert worker.exitcode == 0 and sandbox.state()["credits"] == 1000


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, None])
def test_the_sandbox_ends_with_its_parent_whatever_ends_the_parent(end: signal.Signals | None):
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        child, is_shared = parent.stdout.readline().split()
        if end is None:
            parent.stdin.close()
        else:
            parent.send_signal(end)
        assert has_ended(int(child)) and is_shared == b"True"


def test_an_interrupt_of_the_process_group_of_the_parent_does_not_end_the_sandbox(sandbox: Sandbox):
    os.kill(sandbox._child.pid, signal.SIGINT)
    assert sandbox.state()["credits"] == 1000


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"port": 70_000}, "port takes a whole number from 0 to 65535, not 70000"),
        ({"port": -1}, "port takes a whole number"),
        ({"port": True}, "port takes a whole number"),
        ({"port": "8000"}, "port takes a whole number"),
        ({"credits": -1}, "credits takes a number from 0"),
        ({"credits": float("nan")}, "credits takes a number from 0"),
        ({"latency": float("inf")}, "latency takes a number from 0 to 600"),
        ({"landmark_points": 7}, "landmark_points takes one of 4, 5, 6, not 7"),
        ({"parallel_sessions": 1.5}, "parallel_sessions takes a whole number"),
    ],
)
def test_a_number_out_of_range_is_refused_with_its_range_and_starts_nothing(values: dict[str, object], message: str):
    before = set(psutil.Process().children())
    with pytest.raises(ValueError, match=re.escape(message)):
        Sandbox(**values)
    assert set(psutil.Process().children()) <= before


def test_each_call_to_a_killed_sandbox_says_that_it_has_ended():
    with Sandbox() as sandbox:
        sandbox._child.kill()
        sandbox._child.wait()
        for call in (sandbox.client, sandbox.state, sandbox.reset, lambda: sandbox.latency):
            with pytest.raises(SandboxError, match=r"(?s)ended by signal 9.*akool_nb\.Sandbox\(\)"):
                call()


def test_completion_lists_each_switch_of_a_sandbox():
    for name in switches.NAMES:
        assert isinstance(getattr(Sandbox, name), switches.Switch) and name in dir(Sandbox)


def test_an_interrupted_start_leaves_no_process():
    ours = psutil.Process()
    before = set(ours.children())
    interrupt = threading.Timer(0.1, signal.pthread_kill, (threading.main_thread().ident, signal.SIGINT))
    interrupt.start()
    with pytest.raises(KeyboardInterrupt):
        Sandbox()
    # The interrupt may arrive after the process has started and before Python has its handle: then its pipes are
    # closed, and it ends by itself.
    _, alive = psutil.wait_procs(set(ours.children()) - before, timeout=10)
    assert alive == []


def test_the_sandbox_leaves_no_file_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with Sandbox() as sandbox:
        Wire(sandbox).session()
    assert list(tmp_path.iterdir()) == []


def test_after_the_end_each_method_says_how_to_start_again():
    with Sandbox() as sandbox:
        pass
    with pytest.raises(SandboxError, match=r"Sandbox\(\)"):
        sandbox.state()
