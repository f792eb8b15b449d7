"""The end of a live session: for each cause the service receives `close` exactly once."""

import os
import signal
import threading
import time
from collections import Counter
from contextlib import ExitStack

import pytest

from akool_nb.api.client import Client
from akool_nb.api.models import SourceImage
from akool_nb.widgets.live_view import LiveView
from akool_nb.widgets.session_panel import SessionPanel
from tests.guard.test_kernel_deaths import SETUP, Kernel
from tests.replay import CREDENTIALS, Replay, sample
from tests.widgets.test_live_view import Page, wait

LATER = 2.0
"""Seconds within which a second close would arrive: grace time, the panel's polling, the watchdog's attempts."""
GRACE = 0.1
FACE = SourceImage(**sample("create.request")["sourceImage"][0])


def closes(replay):
    """How often the service was asked to close each session, whatever it answered."""
    return Counter(seen.json["_id"] for seen in list(replay.seen) if seen.path.endswith("/live/close"))


def closed_once(replay, *ids):
    wait(lambda: set(ids) <= set(closes(replay)))
    time.sleep(LATER)
    assert closes(replay) == dict.fromkeys(ids, 1)


class Scene:
    """A panel whose session is live in two views."""

    def __init__(self, client):
        self.panel = SessionPanel(client, face=FACE)
        self.session = self.panel.create()
        self.views = [LiveView(self.session, close_after=GRACE) for _ in range(2)]
        for view in self.views:
            view.state = "live"

    def stop(self):
        for view in self.views:
            view.state = "stopped"

    def close_views(self):
        for view in self.views:
            view.close()

    def leave_page(self):
        for view in self.views:
            Page(view).send("gone", page=view.page)

    def press_close(self):
        for _ in range(2):
            Page(self.panel).send("end")

    def press_close_in_the_list(self):
        Page(self.panel).send("end", id=self.session.id)

    def stop_and_be_idle(self):
        self.panel.idle_minutes = 0.001
        self.stop()

    def end_from_many_threads(self):
        acts = (self.session.close, self.panel.end, self.stop, self.close_views, self.press_close)
        threads = [threading.Thread(target=act) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def make_another(self):
        self.panel.create().close()


ENDS = (
    Scene.stop,
    Scene.close_views,
    Scene.leave_page,
    Scene.press_close,
    Scene.press_close_in_the_list,
    Scene.stop_and_be_idle,
    Scene.end_from_many_threads,
    Scene.make_another,
)


@pytest.fixture(scope="module")
def closes_by_cause(own_state):
    """For each cause, the closes of each session; all scenes share one waiting time."""
    with ExitStack() as stack:
        scenes = {}
        for end in ENDS:
            server = stack.enter_context(Replay())
            scene = Scene(Client(**CREDENTIALS, base_url=server.url, timeout=10))
            end(scene)
            scenes[end] = (server, scene, {scene.session.id, scene.panel.session.id})
        for server, _, ids in scenes.values():
            wait(lambda server=server, ids=ids: ids <= set(closes(server)))
        time.sleep(LATER)
        counted = {end: (ids, dict(closes(server))) for end, (server, _, ids) in scenes.items()}
        for _, scene, _ in scenes.values():
            scene.panel.close()
            scene.close_views()
        return counted


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
def test_a_session_is_closed_once_whatever_ends_it(closes_by_cause, end):
    ids, counted = closes_by_cause[end]
    assert len(ids) == (2 if end is Scene.make_another else 1)
    assert counted == dict.fromkeys(ids, 1)


LIVE = """
from akool_nb.widgets import LiveView, SessionPanel
panel = SessionPanel(client)
view = LiveView(session, close_after=0.3)
view.state = "live"
"""


def kill(kernel):
    os.kill(kernel.provisioner.pid, signal.SIGKILL)


@pytest.fixture
def live_kernel(replay, tmp_path):
    """A separate kernel with a live view of a session."""
    with Kernel(replay, tmp_path) as running:
        running.run(LIVE)
        yield running


def test_a_kernel_restart_closes_the_session_once_and_the_new_kernel_does_not_close_it_again(live_kernel, replay):
    (first,) = replay.open
    live_kernel.manager.restart_kernel()
    live_kernel.client.wait_for_ready(timeout=60)
    live_kernel.run(f"URL = {replay.url!r}\n{SETUP}\nsession.close()")
    (second,) = set(closes(replay)) - {first}
    closed_once(replay, first, second)


def test_the_death_of_the_kernel_closes_the_session_once(live_kernel, replay):
    (session_id,) = replay.open
    kill(live_kernel.manager)
    closed_once(replay, session_id)


def test_a_kernel_death_during_the_grace_time_closes_the_session_once(live_kernel, replay):
    (session_id,) = replay.open
    live_kernel.run("view.state = 'stopped'")
    kill(live_kernel.manager)
    closed_once(replay, session_id)
