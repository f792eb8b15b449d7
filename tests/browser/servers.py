"""The notebook servers of the browser tests: each is a process with its own settings, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil

PHOTOS = Path(__file__).parents[2] / "notebooks" / "photos"
MARK = "AKOOL_NB_TEST_RUN"
RUN_ID = uuid.uuid4().hex
"""Every process that a test server starts inherits this variable, kernels too, so that leftovers are recognised."""


class ServerDied(RuntimeError):
    """The server ended, or did not answer; the message has the end of its log."""


class Server:
    """A process that serves pages on 127.0.0.1 from `folder`, without the user's settings."""

    ready_path = "/"

    def __init__(self, home: Path) -> None:
        self.home = home
        self.folder = home / "notebooks"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.log = home / "server.log"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self) -> None:
        """Return if the server answers; otherwise raise an OSError."""
        urllib.request.urlopen(self.url + self.ready_path, timeout=5).close()

    @property
    def insecure_url(self) -> str:
        """The same server under a name that the browser does not count as a secure context: no camera there."""
        return f"http://insecure.test:{self.port}"

    def command(self) -> list[str]:
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        """No AKOOL credentials, no user's Jupyter settings; the running interpreter's kernel."""
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("AKOOL_", "JUPYTER", "PYTEST"))
        }
        folders = ("CONFIG_DIR", "RUNTIME_DIR", "DATA_DIR", "SETTINGS_DIR", "WORKSPACES_DIR")
        own = {f"JUPYTERLAB_{f}" if f in folders[3:] else f"JUPYTER_{f}": str(self.home / f.lower()) for f in folders}
        # The watchdog's journal must be that of this run, so the state folder is set.
        own |= {"IPYTHONDIR": str(self.home / "ipython"), "XDG_STATE_HOME": str(self.home / "state")}
        return {**kept, **own, "JUPYTER_PREFER_ENV_PATH": "1", MARK: RUN_ID}

    def start(self) -> None:
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                self.command(),
                cwd=self.folder,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_for_answer(self)

    def stop(self) -> None:
        """SIGTERM lets a Jupyter server end its kernels; what still runs after ten seconds is killed."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class JupyterLab(Server):
    """JupyterLab without a token and without news; scripts in the page can call its commands."""

    module, app, page_path, ready_path = "jupyterlab", "LabApp", "/lab/tree/", "/api/status"

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        shutil.copytree(PHOTOS, self.folder / "photos")
        quiet = {"fetchNews": "false", "checkForUpdates": False}
        settings = home / "settings_dir" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
        settings.parent.mkdir(parents=True)
        settings.write_text(json.dumps(quiet))

    def command(self) -> list[str]:
        options = ["--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={self.port}"]
        options += ["--ServerApp.port_retries=0", f"--ServerApp.root_dir={self.folder}", "--ServerApp.password="]
        options += [
            "--IdentityProvider.token=",
            "--ServerApp.disable_check_xsrf=True",
            "--ServerApp.allow_remote_access=True",
        ]
        return [sys.executable, "-m", self.module, *options, f"--{self.app}.expose_app_in_browser=True"]

    def end_kernels(self, *notebooks: Path) -> None:
        """End the kernels of these notebooks, so that they use no processor time during the next test."""
        names = {notebook.name for notebook in notebooks}
        for session in _json(f"{self.url}/api/sessions"):
            if session["path"] in names:
                request = urllib.request.Request(f"{self.url}/api/sessions/{session['id']}", method="DELETE")
                with contextlib.suppress(urllib.error.HTTPError):  # it may have ended already
                    urllib.request.urlopen(request, timeout=15).close()


class Notebook7(JupyterLab):
    """Jupyter Notebook 7."""

    module, app, page_path = "notebook", "JupyterNotebookApp", "/notebooks/"


class Voila(Server):
    """Voila: a notebook as a page, without its code."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        shutil.copytree(PHOTOS, self.folder / "photos")

    def command(self) -> list[str]:
        options = ["--no-browser", f"--port={self.port}", "--Voila.ip=127.0.0.1", "--show_tracebacks=True"]
        return [sys.executable, "-m", "voila", str(self.folder), *options]


class Marimo(Server):
    """marimo: one app file as a page."""

    def __init__(self, home: Path, notebook: Path) -> None:
        super().__init__(home)
        self.app = self.folder / "app.py"
        convert = [sys.executable, "-m", "marimo", "convert", str(notebook), "-o", str(self.app)]
        subprocess.run(convert, check=True, capture_output=True, env=self.environment())

    def command(self) -> list[str]:
        options = ["--headless", "--no-token", "--host", "127.0.0.1", "--port", str(self.port), "--session-ttl", "1"]
        return [sys.executable, "-m", "marimo", "run", str(self.app), *options]


@contextlib.contextmanager
def running(server: Server) -> Iterator[Server]:
    """The started server, for the duration of the block."""
    try:
        server.start()
        yield server
    finally:
        if hasattr(server, "process"):
            server.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_answer(server: Server, *, seconds: float = 60) -> None:
    """Return as soon as the server answers; a server that ends or does not answer is an error with its log."""
    end = time.monotonic() + seconds
    while server.process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError):
            server.answer()
            return
        time.sleep(0.05)
    raise ServerDied(f"{type(server).__name__} did not answer. The end of its log:\n{server.log.read_text()[-3000:]}")


def leftovers() -> list[psutil.Process]:
    """Processes that still run although the server that started them has ended."""
    return [process for process in psutil.process_iter() if _is_ours(process)]


def end_leftovers(*, seconds: float = 15) -> list[str]:
    """Wait until none of our processes runs; kill and name those that do not end."""
    _, stubborn = psutil.wait_procs(leftovers(), timeout=seconds)
    names = [" ".join(process.cmdline()[:4]) for process in stubborn if process.is_running()]
    for process in stubborn:
        process.kill()
    return names


def _is_ours(process: psutil.Process) -> bool:
    try:
        return process.pid != os.getpid() and process.environ().get(MARK) == RUN_ID
    except psutil.Error:
        return False


def _json(url: str) -> list[dict[str, str]]:
    with urllib.request.urlopen(url, timeout=15) as answer:
        found: list[dict[str, str]] = json.load(answer)
        return found
