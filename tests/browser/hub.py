"""JupyterHub with https, under a name that is not localhost, so the widgets treat it as another machine."""

from __future__ import annotations

import json
import ssl
import sys
import urllib.request
from pathlib import Path

import trustme
from playwright.sync_api import Page

from akool_nb.web.hatch_build import install
from tests.browser.servers import JupyterLab, free_port

PROXY = Path(__file__).parent / "hub_proxy"
BARE = "bare"
"""A user whose Jupyter server has no jupyter-server-proxy and forbids the camera."""

OPTIONS = ["--allow-root", "--LabApp.expose_app_in_browser=True"]
BARE_OPTIONS = [
    '--ServerApp.jpserver_extensions={"jupyter_server_proxy": False}',
    '--ServerApp.tornado_settings={"headers": {"Permissions-Policy": "camera=()"}}',
]


class Hub(JupyterLab):
    """A hub with its proxy; every user may sign in and has their own JupyterLab."""

    ready_path = "/hub/health"

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self._authority = trustme.CA()
        self._certificate = home / "certificate.pem"
        issued = self._authority.issue_cert("hub.test", "127.0.0.1")
        issued.private_key_and_cert_chain_pem.write_to_path(str(self._certificate))
        self._settings = home / "hub.json"
        self._settings.write_text(json.dumps(self._configuration()))

    @property
    def url(self) -> str:
        return f"https://hub.test:{self.port}"

    def user_url(self, user: str) -> str:
        """The address of the user's Jupyter server."""
        return f"{self.url}/user/{user}"

    def answer(self) -> None:
        trust = ssl.create_default_context()
        self._authority.configure_trust(trust)
        urllib.request.urlopen(f"https://127.0.0.1:{self.port}{self.ready_path}", timeout=5, context=trust).close()

    def sign_in(self, page: Page, user: str) -> None:
        """Sign in, and wait until the user's Jupyter server runs."""
        page.goto(f"{self.url}/hub/login")
        page.get_by_label("Username").fill(user)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{self.user_url(user)}/**", timeout=60_000)

    def command(self) -> list[str]:
        return [sys.executable, "-m", "jupyterhub", "--config", str(self._settings)]

    def _configuration(self) -> dict[str, dict[str, object]]:
        """The settings of the hub's parts, by class."""
        return {
            "JupyterHub": {
                "bind_url": f"https://127.0.0.1:{self.port}",
                "hub_port": free_port(),
                "ssl_cert": str(self._certificate),
                "ssl_key": str(self._certificate),
                "authenticator_class": "dummy",
                "spawner_class": "simple",
                "load_groups": {BARE: {"users": [BARE]}},
            },
            "ConfigurableHTTPProxy": {"command": _proxy(), "api_url": f"http://127.0.0.1:{free_port()}"},
            "Authenticator": {"allow_all": True},
            "SimpleLocalProcessSpawner": {"home_dir_template": str(self.home)},
            "Spawner": self._spawner(),
        }

    def _spawner(self) -> dict[str, object]:
        """How a user's Jupyter server is started; its first page is a small one."""
        return {
            "cmd": [sys.executable, "-m", "jupyterhub.singleuser"],
            "args": OPTIONS,
            "group_overrides": {BARE: {"groups": [BARE], "spawner_override": {"args": OPTIONS + BARE_OPTIONS}}},
            "env_keep": list(self.environment()),
            "notebook_dir": str(self.folder),
            "default_url": "/api/status",
        }


def _proxy() -> list[str]:
    """The command of the hub's own proxy, which is installed if it is missing."""
    node = install(PROXY)
    return [node, str(PROXY / "node_modules/configurable-http-proxy/bin/configurable-http-proxy")]
