"""Secrets with a marker are used in every call, and every output is searched for them."""

from __future__ import annotations

import base64
import copy
import io
import json
import logging
import os
import pickle
import pprint
import signal
import subprocess
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType

import nbclient
import nbconvert
import nbformat
import pytest
from IPython.core.ultratb import VerboseTB

from akool_nb import Client, Photo, connect, errors, samples
from akool_nb.agora import RtcToken
from tests.faultserver import FaultServer, by_path, close_connection, hang, redirect, reply, truncated
from tests.replay import Replay, sample
from tests.wire.test_faults import wait_until

MARK = "SENTINEL"
CREDENTIALS = {"client_id": f"id-{MARK}-1234567", "client_secret": f"secret-{MARK}-12345678"}
API_TOKEN = f"token-{MARK}-123456789012"
RTC_TOKEN = RtcToken("a" * 32, "room", "1", 1, 3600, 1, {1: 3600}).encode(MARK)
SOURCE = sample("create.request")["sourceImage"][0]
PHOTO = samples.photo("astronaut")

SECRETS = [*CREDENTIALS.values(), API_TOKEN, RTC_TOKEN, RTC_TOKEN[3:60], MARK]
"""The whole secrets, and parts of them."""


class MarkedReplay(Replay):
    """The documented answers, with marked tokens."""

    def _sign_in(self):
        self.signed_in += 1
        return {"code": 1000, "token": API_TOKEN}

    def _session(self, name, body):
        answer = super()._session(name, body)
        if name == "create":
            answer["data"]["front_rtc_token"] = RTC_TOKEN
        return answer


@pytest.fixture
def server():
    with MarkedReplay() as marked:
        yield marked


@pytest.fixture
def used(server):
    """A client that has made every call once, with one session still open."""
    client = Client(**CREDENTIALS, base_url=server.url, timeout=5)
    client.detect(PHOTO)
    client.credits()
    client.create(SOURCE)
    yield client
    for session in client.sessions:
        session.close()


def leaks(text: str, *more: str) -> list[str]:
    return [secret for secret in (*SECRETS, *more) if secret in text]


def everything(client):
    """All objects that a user can get."""
    session = client.sessions[0]
    detection = client.detect(PHOTO)
    return [client, client.calls, client.calls[-1], session, session.channel, session.source, detection, detection[0],
            detection.photo, client._credentials, client._service.transport]  # fmt: skip


def tracebacks(error: BaseException) -> str:
    """Every form in which a traceback is printed, also with all locals; without the frames of the tests."""
    facts = (type(error), error, beyond_tests(error.__traceback__))
    plain = "".join(traceback.format_exception(*facts))
    with_locals = "".join(traceback.TracebackException(*facts, capture_locals=True).format())
    verbose = VerboseTB(theme_name="nocolor", include_vars=True).text(*facts)
    return plain + with_locals + verbose + chained(error)


def beyond_tests(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and "tests" in Path(trace.tb_frame.f_code.co_filename).parts:
        trace = trace.tb_next
    return trace


def chained(error: BaseException) -> str:
    """Causes and contexts of an error, and the locals of all their frames."""
    text, todo = "", [error]
    while todo:
        one = todo.pop()
        text += repr(one) + str(one) + str(vars(one)) + repr(one.args)
        text += "".join(repr(frame.f_locals) for frame, _ in traceback.walk_tb(beyond_tests(one.__traceback__)))
        todo += [other for other in (one.__cause__, one.__context__) if other is not None]
    return text


DUMPS = [repr, str, "{}".format, pprint.pformat, lambda thing: str(getattr(thing, "__dict__", ""))]


@pytest.mark.parametrize("show", DUMPS)
def test_no_object_shows_a_secret(used, show):
    text = "".join(show(thing) for thing in everything(used))
    assert leaks(text) == []


def test_no_object_shows_a_secret_in_a_cell(used):
    html = "".join(thing._repr_html_() for thing in everything(used) if hasattr(thing, "_repr_html_"))
    assert leaks(html) == []


@pytest.mark.parametrize("carry", [pickle.dumps, lambda thing: repr(copy.deepcopy(thing)).encode()])
def test_no_pickle_and_no_copy_contains_a_secret(used, carry):
    for thing in everything(used):
        try:
            data = carry(thing)
        except TypeError as refusal:
            assert leaks(str(refusal)) == []
        else:
            assert leaks(data.decode("latin-1")) == []


FAULTS = {
    "refused": reply(200, {"code": 1101, "msg": f"bad token {API_TOKEN}", "you": CREDENTIALS}),
    "echoed": reply(500, {"code": 1003, "msg": f"Bearer {API_TOKEN} {CREDENTIALS['client_secret']} {RTC_TOKEN}"}),
    "no answer": close_connection,
    "late": hang,
    "truncated": truncated(json.dumps({"code": 1000, "data": {"front_rtc_token": RTC_TOKEN}}).encode()),
    "page": reply(200, f"<html>{API_TOKEN}</html>".encode(), kind="text/html"),
    "elsewhere": redirect(307, f"http://127.0.0.1:1/?token={API_TOKEN}"),
    "half a session": reply(200, {"code": 1000, "data": {"front_rtc_token": RTC_TOKEN}}),
    "bad gzip": reply(200, API_TOKEN.encode(), "Content-Encoding: gzip"),
}
USES = {
    "get_token": lambda client: client.get_token(),
    "detect": lambda client: client.detect(PHOTO),
    "create": lambda client: client.create(SOURCE),
    "close": lambda client: client.close("f" * 24),
}


PAIRS = [(use, fault) for use in USES for fault in FAULTS if (use, fault) != ("close", "half a session")]


@pytest.mark.parametrize(("use", "fault"), PAIRS)
def test_no_error_traceback_log_or_pickled_error_contains_a_secret(use, fault):
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with FaultServer(FAULTS[fault]) as server:
            client = Client(**CREDENTIALS, token=API_TOKEN, base_url=server.url, timeout=0.3, retries=1)
            with pytest.raises(errors.AkoolError) as caught:
                USES[use](client)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    text = tracebacks(caught.value) + log.getvalue() + client.calls._repr_html_()
    text += pickle.dumps(caught.value).decode("latin-1")
    assert leaks(text) == []


def test_an_interrupt_during_a_call_shows_no_secret():
    with FaultServer(hang) as server:
        client = Client(**CREDENTIALS, token=API_TOKEN, base_url=server.url, timeout=20)
        threading.Timer(0.3, interrupt_main).start()
        with pytest.raises(KeyboardInterrupt) as caught:
            client.detect(PHOTO)
    picture = client_picture()
    assert leaks(tracebacks(caught.value), picture) == []


def interrupt_main():
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)


def client_picture() -> str:
    """A part of the photo as it is sent."""
    return base64.b64encode(Photo.open(PHOTO).jpeg).decode()[200:300]


def test_no_log_call_or_curl_command_contains_a_face(used):
    log = used.calls
    text = log._repr_html_() + repr(list(log)) + "".join(log.to_curl(i) for i in range(len(log)))
    assert leaks(text + log.to_pandas().to_csv(), client_picture()) == []


def test_no_child_process_gets_a_secret_by_argument_or_environment(server, tmp_path):
    """The helper processes of a Python whose environment contains secrets: the watchdog and the sandbox."""
    code = f"""
import psutil
from akool_nb import Client, connect
from akool_nb.guard.guard import GUARD
with Client(base_url={server.url!r}).create({SOURCE!r}), connect(sandbox=True):
    children = [*psutil.Process().children(recursive=True), psutil.Process(GUARD._watchdog.pid)]
    print(len(children), [(child.cmdline(), child.environ()) for child in children])
"""
    environment = {**os.environ, "AKOOL_CLIENT_ID": CREDENTIALS["client_id"], "AKOOL_NB_STATE": str(tmp_path)}
    environment["AKOOL_CLIENT_SECRET"] = CREDENTIALS["client_secret"]
    output = subprocess.check_output([sys.executable, "-c", code], text=True, env=environment)
    assert int(output.splitlines()[-1].partition(" ")[0]) == 2
    assert leaks(output) == []


def test_the_journal_contains_no_secret(used):
    entries = list((Path(os.environ["AKOOL_NB_STATE"]) / "open").iterdir())
    assert entries
    assert leaks("".join(entry.read_text() for entry in entries)) == []


NOTEBOOK = """
import logging; logging.basicConfig(level=logging.DEBUG)
import akool_nb; from akool_nb import samples, widgets
client = akool_nb.Client(base_url=URL, timeout=2); client
---
found = client.detect(samples.photo("astronaut")); display(found, found[0], found.photo, client.calls)
---
session = client.create(found[0]); display(session, session.channel, client.calls[-1])
---
display(widgets.FacePicker(found, client=client), widgets.LiveView(session), widgets.SessionPanel(client))
display(widgets.Studio(client), widgets.ImageUploader())
---
%xmode Verbose
client.close("f" * 24)
---
session.close(); print(client.calls.to_curl(0)); client.calls.to_pandas()
"""


@pytest.fixture(scope="module")
def saved_notebook(tmp_path_factory) -> Path:
    """A notebook, executed and saved_notebook with its widget state as nbconvert and papermill do it."""
    environment = {**os.environ, "AKOOL_CLIENT_ID": CREDENTIALS["client_id"]}
    environment["AKOOL_CLIENT_SECRET"] = CREDENTIALS["client_secret"]
    path = tmp_path_factory.mktemp("notebook") / "saved_notebook.ipynb"
    with MarkedReplay() as server:
        notebook = nbformat.v4.new_notebook()
        cells = f"URL = {server.url!r}\n---\n{NOTEBOOK}".split("---\n")
        notebook.cells = [nbformat.v4.new_code_cell(cell.strip()) for cell in cells]
        runner = nbclient.NotebookClient(notebook, timeout=60, allow_errors=True, store_widget_state=True)
        runner.execute(env=environment)
    nbformat.write(notebook, path)
    return path


def test_no_secret_is_in_a_saved_notebook_its_widget_state_or_its_html(saved_notebook):
    text = saved_notebook.read_text()
    html, _ = nbconvert.HTMLExporter().from_filename(str(saved_notebook))
    assert "application/vnd.jupyter.widget-state+json" in text
    assert "ParameterError" in text and "Traceback" in text and "LiveSession(" in text
    assert leaks(text + html) == []


def test_the_widget_state_of_a_saved_notebook_contains_no_face(saved_notebook):
    (kept,) = json.loads(saved_notebook.read_text())["metadata"]["widgets"].values()
    # A widget's script is the same in every notebook, and it contains the media types of pictures.
    values = [{**model["state"], "_esm": ""} for model in kept["state"].values()]
    state = json.dumps(values)
    assert "_anywidget_id" in state
    assert "image/jpeg" not in state
    assert leaks(state, client_picture()) == []


def test_a_leak_is_found():
    """The search can fail: it finds the marker."""
    error = ValueError(API_TOKEN)
    assert leaks(chained(error)) == [API_TOKEN, MARK]
    assert leaks(json.dumps(CREDENTIALS)) == [*CREDENTIALS.values(), MARK]
    assert leaks(API_TOKEN[:-3]) == [MARK]


def test_a_python_process_whose_environment_contains_secrets_prints_none(server, tmp_path):
    """A whole run in a separate process, with everything it prints."""
    code = f"""
import logging, sys; logging.basicConfig(level=logging.DEBUG, stream=sys.stdout)
import http.client
from akool_nb import Client
client = Client(base_url={server.url!r})
with client.create({SOURCE!r}) as session: print(session, vars(session), session.channel, client, vars(client))
client.close("f" * 24)
"""
    environment = {**os.environ, "AKOOL_CLIENT_ID": CREDENTIALS["client_id"], "AKOOL_NB_STATE": str(tmp_path)}
    environment["AKOOL_CLIENT_SECRET"] = CREDENTIALS["client_secret"]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert "ParameterError" in done.stderr
    assert leaks(done.stdout + done.stderr) == []


@pytest.mark.parametrize("mistake", [{"base_url": "http://openapi.akool.com"}, {"timout": 5}, {"retries": "3"}])
def test_a_wrong_argument_of_connect_shows_no_secret(mistake):
    with FaultServer(close_connection) as server, pytest.raises((errors.AkoolError, TypeError)) as caught:
        connect(**CREDENTIALS, **{"base_url": server.url, "timeout": 1, **mistake}).credits()
    assert leaks(tracebacks(caught.value)) == []


def test_the_password_of_a_proxy_is_not_in_an_error(monkeypatch):
    with FaultServer(reply(407, b"")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("http://", f"http://user:{MARK}@"))
        client = Client(token="t", base_url="https://openapi.akool.invalid", timeout=3, retries=0)
        with pytest.raises(errors.ConnectionFailed) as caught:
            client.credits()
        wait_until(lambda: proxy.seen)
    assert MARK not in tracebacks(caught.value) + client.calls._repr_html_() + repr(vars(client._service.transport))


def test_a_wrong_certificate_path_raises_transport_error(monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", f"/no/such/{MARK}.pem")
    with FaultServer(by_path()) as server:
        port = server.url.rpartition(":")[2]
        with pytest.raises(errors.TransportError):
            Client(token="t", base_url=f"https://127.0.0.1:{port}", timeout=3, retries=0).credits()
