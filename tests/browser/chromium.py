"""The browser of the tests: Chromium with a fake camera that shows the moving drawn face."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Playwright

from akool_nb.cli.browser import BROWSERS
from akool_nb.sandbox.pictures import clip, picture

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    # Names that are not localhost: with http the browser offers no camera there, with https it does.
    "--host-resolver-rules=MAP insecure.test 127.0.0.1,MAP hub.test 127.0.0.1",
]
FAKE_CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


class NoBrowser(RuntimeError):
    """No Chromium on this machine; the message says how to install it."""


class Browsers:
    """One Chromium for each behaviour of the camera, started when it is first needed.

    - `drawn`: a 640×480 camera that shows the moving drawn face, allowed without a question
    - `two`: two cameras that show a test picture
    - `denied`: the drawn camera, but the user denies it
    - `none`: a machine without a camera
    """

    def __init__(self, playwright: Playwright, clip: Path) -> None:
        self._playwright = playwright
        self._flags = {
            "drawn": [*FAKE_CAMERA, f"--use-file-for-fake-video-capture={clip}"],
            "two": [f"{FAKE_CAMERA[0]}=device-count=2", FAKE_CAMERA[1]],
            "denied": [FAKE_CAMERA[0], "--deny-permission-prompts"],
            "none": [FAKE_CAMERA[1]],
        }
        self._browsers: dict[str, Browser] = {}
        self._contexts: dict[str, BrowserContext] = {}

    def context(self, camera: str = "drawn") -> BrowserContext:
        """The context that all tests with this camera share, so that JupyterLab's files are loaded once."""
        if camera not in self._contexts:
            self._contexts[camera] = self.fresh_context(camera)
        return self._contexts[camera]

    def fresh_context(self, camera: str = "drawn") -> BrowserContext:
        """A new context without cookies and cache; the caller closes it."""
        if camera not in self._browsers:
            self._browsers[camera] = self._launch(self._flags[camera])
        # The hub's certificate is signed by an authority that Chromium does not know.
        return self._browsers[camera].new_context(
            viewport={"width": 1280, "height": 900}, accept_downloads=True, ignore_https_errors=True
        )

    def close(self) -> None:
        for browser in self._browsers.values():
            browser.close()

    def _launch(self, flags: list[str]) -> Browser:
        return self._playwright.chromium.launch(
            executable_path=find(self._playwright), headless=True, args=[*QUIET, *flags]
        )


def find(playwright: Playwright) -> str:
    """The machine's own Chromium or Chrome, otherwise the one that Playwright downloaded."""
    own = Path(playwright.chromium.executable_path)
    found = next(filter(None, map(shutil.which, BROWSERS)), None) or (str(own) if own.exists() else None)
    if found is None:
        raise NoBrowser(
            "The browser tests need Chromium: run 'apt-get install chromium' or 'playwright install chromium'."
        )
    return found


def write_camera_clip(path: Path, *, seconds: float = 8) -> Path:
    """The clip that the fake camera repeats: concatenated JPEG pictures, which Chromium plays at 30 per second.

    The motion repeats after eight seconds. Each picture is written twice, because drawing is slow.
    """
    with path.open("wb") as file:
        for frame in clip.drawn(seconds, fps=15, size=(640, 480)):
            file.write(2 * picture.encode(frame, quality=90))
    return path
