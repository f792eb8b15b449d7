"""Cells and helpers that the live widgets' tests share."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from akool_nb.sandbox import Sandbox
from tests.browser.harness import WebPage
from tests.wire.test_faults import wait_until

WEB = Path(__file__).parents[2] / "akool_nb" / "web"

SESSION = """import akool_nb
from akool_nb.widgets import LiveView, SessionPanel
client = {client}
faces = client.detect(akool_nb.samples.photo({photo!r}))
session = client.create(faces[0])
session.wait()"""


def own_session(photo: str = "astronaut") -> str:
    """A cell that opens a session in the kernel's own sandbox."""
    return SESSION.format(client="akool_nb.connect(sandbox=True)", photo=photo)


def session_on(sandbox: Sandbox, photo: str = "astronaut") -> str:
    """A cell that opens a session in the sandbox of the tests, which saves two seconds per kernel."""
    signed_in = f"client_id={sandbox.client_id!r}, client_secret={sandbox.client_secret!r}, base_url={sandbox.url!r}"
    client = f"akool_nb.Client({signed_in})"
    return SESSION.format(client=client, photo=photo)


DRAWN = "view = LiveView(session, camera='drawn', close_after=1)\nview"
CAMERA = "view = LiveView(session, close_after=1)\nview"

# The folder may contain recordings of other tests. A recording that is stopped before its first piece is too short.
EARLIER_FILMS = "earlier_films = set(view.folder.glob('live-*.webm'))"
NEW_FILM = "set(view.folder.glob('live-*.webm')) - earlier_films"

APP_ID = "ea4df2d20e43424ab4a8028e1883b17f"
# A session of a service on another host: its picture goes through Agora. The service is a server of the test.
AGORA_SESSION = """import time
from akool_nb import SourceImage
from akool_nb.agora import AgoraChannel, RtcToken
from akool_nb.api.session import LiveSession
from akool_nb.widgets import LiveView

class Elsewhere:
    closes = 0
    def send_update(self, session_id, sources): pass
    def send_close(self, session_id, seconds=None): self.closes += 1
    def info(self, session_id, *, seconds=None): return None
    def view_url(self, channel): return None

app_id = "ea4df2d20e43424ab4a8028e1883b17f"
token = RtcToken(app_id, "channel", "1", int(time.time()), 3600).encode("a certificate")
def new_session(app_id=app_id):
    source = SourceImage("https://example.com/face.png", "262,175:363,175:313,215:272,279")
    channel = AgoraChannel(app_id, "channel", "1", token, "3")
    return LiveSession(Elsewhere(), "684f8fb744b8795862e45cbe", channel, sources=(source,))
session = new_session()"""

# Agora's SDK and other tests replace functions of the browser, so wrap the function that is current now.
TRACKS = """(() => {
    globalThis.openTracks = [];
    const devices = navigator.mediaDevices;
    const open = devices.getUserMedia;
    if (open.isWatched) return;
    // WebKit collects an object of the page that no script refers to, and with it the function below.
    globalThis.watchedDevices = devices;
    devices.getUserMedia = async wanted => {
        const stream = await open.call(devices, wanted);
        const isNew = track => !globalThis.openTracks.some(([known]) => known === track);
        for (const track of stream.getTracks().filter(isNew)) globalThis.openTracks.push([track, wanted]);
        return stream;
    };
    devices.getUserMedia.isWatched = true;
})()"""


def watch_tracks(page: WebPage) -> None:
    """Keep every track that the page opens, so that a test can read whether it is still live."""
    page.page.evaluate(TRACKS)


def lights(page: WebPage) -> list[str]:
    """The state of each camera track that was opened: "live" or "ended"."""
    states: list[str] = page.page.evaluate("() => globalThis.openTracks.map(([track]) => track.readyState)")
    return states


def wait_dark(page: WebPage, *, seconds: float = 5) -> None:
    """Wait until every camera track has ended."""
    off = "() => globalThis.openTracks.every(([track]) => track.readyState === 'ended')"
    page.page.wait_for_function(off, timeout=1000 * seconds)


def wait_state(page: WebPage, state: str, *, seconds: float = 20) -> None:
    """Wait until a live view of the page has this state."""
    page.page.wait_for_selector(f"[data-state={state}]", timeout=1000 * seconds)


def press(page: WebPage, name: str) -> None:
    """Press a button of the widgets."""
    page.page.locator(".akool").get_by_role("button", name=name, exact=True).first.click()


def start_camera(page: WebPage) -> None:
    """Give consent and start with the camera, as a user does."""
    press(page, "Start")
    # The first press asks for the consent.
    page.page.locator(".akool").get_by_role("checkbox").first.check()
    wait_state(page, "live")


def agora_double() -> str:
    """The double of Agora's SDK as a module."""
    return bundled("tests/fake_agora.ts")


@cache
def bundled(file: str) -> str:
    """A TypeScript file of `web`, with all that it imports, as one module."""
    (esbuild,) = WEB.glob("node_modules/@esbuild/*/bin/esbuild*")
    command = [str(esbuild), str(WEB / file), "--bundle", "--format=esm"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


# A page loads a script only once, so a double that is already loaded gets the new script.
ANEW = """script => {
    delete globalThis[Symbol.for('akool_nb.agora')];
    const plain = { remoteUid: 3, joinHangs: false, slow: {}, unplugged: [], unfit: [], log: [], client: null };
    globalThis.__agora = Object.assign(globalThis.__agora ?? {}, plain, script);
}"""


def swap_in_double(page: WebPage, **script: Any) -> None:
    """From now on a page that requests Agora's SDK gets the double, which follows this script."""
    page.page.evaluate(ANEW, script)
    answer = {"body": agora_double(), "content_type": "text/javascript"}
    page.page.route("**/akool-nb/static/agora*.js", lambda route: route.fulfill(**answer))


def sdk_calls(page: WebPage, name: str) -> list[list[Any]]:
    """The arguments of each call of this name to the double."""
    log: list[list[Any]] = page.page.evaluate("() => globalThis.__agora?.log ?? []")
    return [entry[1:] for entry in log if entry[0] == name]


SIZE = """video => new Promise(done => video.requestVideoFrameCallback(
    () => done([video.videoWidth, video.videoHeight])))"""
AWAY = """import ipywidgets
away = ipywidgets.Button(description="Take the view away")
away.on_click(lambda _: view.close())
away"""
NEWCOMER = ("Try the sandbox", "astronaut", "Go live", "Use the moving picture instead")


def every_live_widget(sandbox: Sandbox) -> list[str]:
    """A view, a button that closes it, a panel and the studio, one below the other."""
    view = "view = LiveView(session, close_after=4)\nview"
    panel = "panel = SessionPanel(client, face=faces[0])\npanel"
    return [session_on(sandbox), view, AWAY, panel, "from akool_nb.widgets import Studio\nStudio()"]


def walk(page: WebPage, sandbox: Sandbox) -> None:
    """Start and stop the picture, remove it, open and close a session, and go live with the studio."""
    watch_tracks(page)
    page.page.get_by_role("button", name="Start", exact=True).wait_for(timeout=60_000)
    start_camera(page)
    assert picture(page) == [640, 480]
    assert lights(page) == ["live"]
    press(page, "Stop")
    wait_dark(page)
    press(page, "Start")
    wait_state(page, "live")
    assert lights(page) == ["ended", "live"]
    page.page.get_by_role("button", name="Take the view away").click()
    wait_dark(page)
    press(page, "Create session")
    press(page, "Close session")
    page.page.get_by_role("button", name="Create a new session").wait_for()
    for name in NEWCOMER:
        expect(page.page.get_by_role("button", name=name)).to_be_enabled(timeout=30_000)
        page.page.get_by_role("button", name=name).click()
    wait_state(page, "live")
    assert picture(page) == [640, 480]
    press(page, "Stop")
    wait_state(page, "stopped")
    # Neither the panel's session nor, a few seconds after its view was closed, the view's is open.
    wait_until(lambda: sandbox.sessions == [], 15)


def picture(page: WebPage) -> list[int]:
    """The size of a swapped frame, as soon as one has arrived."""
    size: list[int] = page.page.locator(".ak-live-remote:visible").evaluate(SIZE)
    return size
