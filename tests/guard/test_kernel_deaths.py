"""A real ipykernel with an open session ends in each possible way: the session is closed, but not too early."""

from __future__ import annotations

import os
import signal
import time

import pytest
from jupyter_client.manager import KernelManager

from tests.replay import CREDENTIALS, Replay, sample
from tests.wire.test_faults import wait_until

SOURCE = sample("create.request")["sourceImage"][0]
SETUP = f"""
import os, signal, time
from akool_nb import Client
client = Client(client_id={CREDENTIALS["client_id"]!r}, client_secret={CREDENTIALS["client_secret"]!r}, base_url=URL)
session = client.create({SOURCE!r})
"""
BEGUN = "print('begun', flush=True)"
SLEEP = "time.sleep(60)"
LOOP = "sum(i * i for i in range(10**12))"
STUBBORN = """
while True:
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        pass
"""
TERM_HANDLED = "signal.signal(signal.SIGTERM, lambda *_: os._exit(0))"


def kill(number):
    return lambda kernel: os.kill(kernel.provisioner.pid, number)


def kill_group(kernel):
    os.killpg(os.getpgid(kernel.provisioner.pid), signal.SIGKILL)


def shut_down(kernel):
    kernel.shutdown_kernel()


def restart(kernel):
    kernel.restart_kernel()


def restart_now(kernel):
    kernel.restart_kernel(now=True)


def nothing(kernel):
    """The cell itself ends the kernel."""


DEATHS = {
    "shut down while idle": ("pass", shut_down),
    "shut down while asleep": (SLEEP, shut_down),
    "shut down while counting": (LOOP, shut_down),
    "shut down while it ignores interrupts": (STUBBORN, shut_down),
    "restarted while idle": ("pass", restart),
    "restarted while asleep": (SLEEP, restart),
    "restarted at once": (SLEEP, restart_now),
    "killed while idle": ("pass", kill(signal.SIGKILL)),
    "killed while busy": (LOOP, kill(signal.SIGKILL)),
    "killed with its group": (SLEEP, kill_group),
    "terminated": ("pass", kill(signal.SIGTERM)),
    "terminated with a handler": (TERM_HANDLED, kill(signal.SIGTERM)),
    "os._exit": ("os._exit(1)", nothing),
    "segmentation fault": ("import ctypes; ctypes.string_at(0)", nothing),
}
KILLED = [name for name in DEATHS if "killed" in name]
OTHERS = [name for name in DEATHS if name not in KILLED]


class Kernel:
    """A running kernel with one open session."""

    def __init__(self, replay: Replay, folder) -> None:
        self.replay = replay
        self.manager = KernelManager()
        self.manager.start_kernel(env={**os.environ, "AKOOL_NB_STATE": str(folder)})
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)
        self.run(f"URL = {replay.url!r}\n{SETUP}")
        assert len(replay.open) == 1

    def run(self, code: str) -> None:
        """Run a cell until it has finished."""
        reply = self.client.execute_interactive(code, timeout=60, output_hook=lambda message: None)
        assert reply["content"]["status"] == "ok", reply["content"]

    def begin(self, code: str) -> None:
        """Start a cell, and wait until it runs, because an interrupt before it prints would have no effect."""
        self.cell = self.client.execute(f"{BEGUN}\n{code}", stop_on_error=False)
        self.wait_for("stream")

    def begin_inside_the_block(self, code: str) -> None:
        """Start a cell that prints inside the block, because an interrupt may arrive while it is printing."""
        self.cell = self.client.execute(f"with session:\n    {BEGUN}\n    {code}", stop_on_error=False)
        self.wait_for("stream")

    def interrupt(self) -> None:
        """Interrupt the running cell, and wait for its error."""
        self.manager.interrupt_kernel()
        self.wait_for("error")

    def wait_for(self, kind: str) -> None:
        """Wait for a message about that cell."""
        while True:
            message = self.client.get_iopub_msg(timeout=30)
            if message["parent_header"].get("msg_id") == self.cell and message["msg_type"] == kind:
                return

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.stop_channels()
        if self.manager.has_kernel:
            self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()


@pytest.fixture
def kernel(replay, tmp_path):
    with Kernel(replay, tmp_path) as running:
        yield running


def seconds_until_closed(kernel, death):
    """End the kernel in this way: the seconds until its session is closed, from the kernel's end if it was killed."""
    cell, act = DEATHS[death]
    begun = time.monotonic()
    if act is nothing:
        kernel.client.execute(cell)  # it prints nothing
    else:
        kernel.begin(cell)
    act(kernel.manager)
    died = time.monotonic() if death in KILLED else begun
    wait_until(lambda: not kernel.replay.open, 5)
    took = time.monotonic() - died
    assert len(kernel.replay.closed) == 1
    return took


@pytest.mark.parametrize("death", OTHERS)
def test_the_session_is_closed_whatever_ends_the_kernel(kernel, death):
    assert seconds_until_closed(kernel, death) <= 3.0


@pytest.mark.alone
def test_the_session_of_a_killed_kernel_is_closed_within_half_a_second(tmp_path):
    """One test for all kills, because a test that runs alone waits for the tests of the other processes."""
    for death in KILLED:
        with Replay() as replay, Kernel(replay, tmp_path) as kernel:
            assert seconds_until_closed(kernel, death) <= 0.5, death


def test_an_interrupt_outside_a_with_block_leaves_the_session_open(kernel, replay):
    kernel.begin(SLEEP)
    kernel.interrupt()
    kernel.run("assert not session.closed; session.refresh()")
    kernel.manager.interrupt_kernel()
    kernel.begin("session.refresh()")
    assert len(replay.open) == 1


def test_an_interrupt_inside_a_with_block_closes_the_session(kernel, replay):
    kernel.begin_inside_the_block(SLEEP)
    kernel.interrupt()
    assert replay.open == set()
    kernel.run("assert session.closed")


def test_deleting_the_name_of_a_session_does_not_close_it(kernel, replay):
    kernel.run("del session\nimport gc; gc.collect()")
    kernel.run("client.sessions[0].close()")
    assert len(replay.closed) == 1
