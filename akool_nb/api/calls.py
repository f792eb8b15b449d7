"""The call log: requests and responses without secrets and pictures.

`client.calls` in a cell is a table, `client.calls[-1]` is one call in full, and `client.calls.to_curl()` is the same
call as a command for a terminal. The log keeps the newest calls only, with long values shortened.
"""

from __future__ import annotations

import json
import shlex
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from html import escape
from typing import Any, overload
from urllib.parse import urlsplit

from akool_nb.api import html
from akool_nb.wire import redact

KEPT = 500
_ROWS_SHOWN = 50
_COLUMNS = ("#", "time", "call", "try", "HTTP", "code", "ms", "said")
_NEXT_LINE = " \\\n  "
"""A shell continues the command on the next line."""
_AUTH = {"token": f"Authorization: Bearer {redact.TOKEN}", "api key": f"x-api-key: {redact.API_KEY}"}
_VARIABLES = (redact.CLIENT_ID, redact.CLIENT_SECRET, redact.API_KEY, redact.TOKEN, redact.PICTURE)

_STYLE = """<style>
.akool-calls{border-collapse:collapse;font-variant-numeric:tabular-nums}
.akool-calls th,.akool-calls td{text-align:left!important;padding:2px 10px;vertical-align:top;word-break:normal}
.akool-calls tr.akool-bad td{color:var(--jp-error-color1,#c62828)}
.akool-calls pre{margin:4px 0;white-space:pre-wrap;max-width:80ch}
</style>"""


@dataclass(frozen=True)
class Call:
    """One request and its answer, without secrets. A call that was retried is in the log once for each try.

    Attributes:
        at: when it was sent, a `datetime` in UTC.
        method, url, endpoint: "POST" or "GET", the whole address, and its path alone.
        auth: the credential that was sent: "token", "api key", or "" for none.
        request, answer: the JSON of the request and of the response, without secrets and pictures; else None.
        attempt: 1 for the first try.
        seconds: from sending to the answer.
        http_status: the answer's HTTP status; None when no answer came.
        code: AKOOL's number: 1000 for a success, 0 from a detector; None where there was none.
        said: the service's message, or the error's message where no answer came.
        trx_id: the transaction id (text); only "detect" gives one, else None.
        error: the name of the error it became; "" for a success.
        ok: whether it was a success.
    """

    at: datetime
    method: str
    url: str
    auth: str
    request: Any
    attempt: int
    seconds: float
    http_status: int | None = None
    code: int | None = None
    said: str = ""
    answer: Any = None
    trx_id: str | None = None
    error: str = ""

    @property
    def endpoint(self) -> str:
        return urlsplit(self.url).path

    @property
    def ok(self) -> bool:
        return not self.error

    def to_curl(self) -> str:
        """The call as a command; credentials are shell variables, a picture is read from `photo.jpg`."""
        parts = [f"curl -X {self.method}", shlex.quote(self.url)]
        if self.auth:
            parts.append(f'-H "{_AUTH[self.auth]}"')
        if self.request is not None:
            parts.append('-H "Content-Type: application/json"')
            parts.append(_curl_body(self.request))
        return Command(_NEXT_LINE.join(parts))

    def __repr__(self) -> str:
        outcome = self.error or f"code {self.code}"
        return f"<Call {self.method} {self.endpoint}: HTTP {self.http_status}, {outcome}>"

    def _repr_html_(self) -> str:
        head = f"<b>{escape(self.method)} {escape(self.url)}</b>"
        outcome = f"HTTP {self.http_status}, code {self.code}, {1000 * self.seconds:.0f} ms. {self.said}"
        parts = [f"<p>{head}<br>{escape(outcome)}</p>"]
        for name, value in (("sent", self.request), ("answered", self.answer)):
            parts.append(f"<details open><summary>{name}</summary><pre>{escape(_pretty(value))}</pre></details>")
        return "".join(parts)


class CallLog(Sequence[Call]):
    """The newest calls of one client: a sequence of `Call`, oldest first; safe to use from several threads.

    It shows itself as a table; `calls[-1]` is one call in full, with `calls[-1].request` and `.answer` as JSON (no
    secret, no picture), `.seconds`, `.http_status`, `.code`, `.trx_id` and `.error`.

    Args:
        kept: how many calls are kept, by default 500; the oldest is removed first.

    Raises:
        IndexError: for a call that is not there, also by `to_curl` of an empty log.
        ImportError: `to_pandas` where pandas is not installed.

    The calls: https://docs.akool.com/ai-tools-suite/live-faceswap
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._calls: deque[Call] = deque(maxlen=kept)
        self._lock = threading.Lock()
        self._forgotten = 0

    def add(self, call: Call) -> None:
        """Add one call; beyond the limit the oldest one is removed."""
        with self._lock:
            self._forgotten += len(self._calls) == self._calls.maxlen
            self._calls.append(call)

    def failed(self) -> CallLog:
        """Only the calls that ended in an error, as a log of their own."""
        return self._only([call for call in self if not call.ok])

    def find(self, text: str) -> CallLog:
        """Only the calls whose address holds `text`, for example `calls.find("create")`."""
        return self._only([call for call in self if text in call.url])

    def to_curl(self, index: int = -1) -> str:
        """One call as a curl command, by default the last one."""
        return self[index].to_curl()

    def to_pandas(self) -> Any:
        """The log as a DataFrame, one row a call; needs pandas (`pip install pandas`)."""
        import pandas as pd  # here, because it is optional

        names = [*Call.__dataclass_fields__]
        return pd.DataFrame([asdict(call) for call in self], columns=names)

    @overload
    def __getitem__(self, index: int) -> Call: ...
    @overload
    def __getitem__(self, index: slice) -> CallLog: ...
    def __getitem__(self, index: int | slice) -> Call | CallLog:
        calls = self._snapshot()
        if isinstance(index, slice):
            return self._only(calls[index])
        if not -len(calls) <= index < len(calls):
            raise IndexError(f"The log holds {len(calls)} calls; there is no number {index}.")
        return calls[index]

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Call]:
        return iter(self._snapshot())

    def __repr__(self) -> str:
        failed = sum(not call.ok for call in self)
        return f"<CallLog: {len(self)} calls, {failed} failed>"

    def _repr_html_(self) -> str:
        calls = self._snapshot()
        first = max(0, len(calls) - _ROWS_SHOWN)
        rows = (_row(number, call) for number, call in enumerate(calls[first:], first))
        left_out = first + self._forgotten
        note = f"{left_out} older calls are not shown" if left_out else ""
        return _STYLE + html.table(rows, _COLUMNS, caption=note, css_class="akool-calls")

    def _snapshot(self) -> list[Call]:
        with self._lock:
            return list(self._calls)

    def _only(self, calls: list[Call]) -> CallLog:
        part = CallLog(max(1, len(calls)))
        for call in calls:
            part.add(call)
        return part


class Command(str):
    """A shell command; a cell shows it without quotes and with its line breaks."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _row(number: int, call: Call) -> html.Markup:
    cells: list[object] = [number, f"{call.at:%H:%M:%S}", f"{call.method} {call.endpoint}", call.attempt]
    cells += ["–" if value is None else value for value in (call.http_status, call.code)]
    cells += [f"{1000 * call.seconds:.0f}", _details(call)]
    return html.row(cells, "" if call.ok else "akool-bad")


def _details(call: Call) -> html.Markup:
    """The message, which opens to the request and the response."""
    message = call.said or "ok"
    if call.error:
        message = f"{call.error}: {call.said}"
    blocks = "".join(f"<pre>{escape(_pretty(value))}</pre>" for value in (call.request, call.answer))
    return html.Markup(f"<details><summary>{escape(message)}</summary>{blocks}</details>")


def _pretty(value: Any) -> str:
    if value is None:
        return "nothing"
    return json.dumps(value, indent=1, ensure_ascii=False)


def _curl_body(request: Any) -> str:
    """A plain body in quotes; one with variables as a here-document, which expands them and has no length limit."""
    body = json.dumps(request, ensure_ascii=False, indent=2)
    if not any(name in body for name in _VARIABLES):
        return f"-d {shlex.quote(body)}"
    # Escape every character that the shell would expand, then restore our own variables.
    for character in "\\$`":
        body = body.replace(character, f"\\{character}")
    for name in _VARIABLES:
        body = body.replace(name.replace("$", "\\$"), name)
    return f"-d @- <<AKOOL\n{body}\nAKOOL"
