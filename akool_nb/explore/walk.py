"""Many photos through the detector: bounded, in order, with a progress bar, here or on somebody's cluster."""

from __future__ import annotations

import functools
import hashlib
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import PurePath
from typing import Any

from PIL import Image

from akool_nb import connect
from akool_nb.api.client import Client, Endpoint
from akool_nb.api.photo import LARGEST_FILE, Photo
from akool_nb.explore.survey import Row, Survey


def detect_many(
    photos: Iterable[Any],
    client: Client | None = None,
    *,
    single_face: bool = False,
    endpoint: Endpoint | None = None,
    at_once: int = 4,
    executor: Executor | None = None,
    into: Survey | None = None,
    progress: bool = True,
) -> Survey:
    """Send every photo to the detector and return a `Survey`: one `Row` for each photo, in their order.

    To be able to stop and go on, make the survey first: `survey = Survey()` in a cell of its own, `into=survey` in the
    next. After an interrupt that cell goes on where it was: what the survey has answered is not asked again.

    Args:
        photos: whatever `Photo.open` takes. One that stands there twice, the same path or the same bytes, is asked
            about once and has one row.
        client: whom to ask; by default `connect()`.
        single_face: only the largest face of each photo.
        endpoint: "detect", the documented one, or "detect_faces", the newer one; by default the client's own choice,
            which is "detect" for an address and "detect_faces" for a photo from here.
        at_once: how many calls may be on their way at the same time.
        executor: runs the calls elsewhere: any `concurrent.futures.Executor`, such as `dask.distributed`'s
            `Client.get_executor()`. A pool of threads uses `client` itself. Other workers get its addresses only, never
            a secret: each signs in with the AKOOL_API_KEY (or id and secret) of its own environment, and opens the
            photos itself.
        into: an earlier survey to go on with; it is returned.
        progress: show a bar, where tqdm is installed.

    Raises:
        MissingCredentials: there is no client to ask with. Whatever goes wrong with one photo is that photo's row, so
            one bad file never ends the walk.
    """
    survey = Survey() if into is None else into
    client = connect() if client is None else client
    ask = functools.partial(_ask, _reach(client, executor), single_face, endpoint)
    named = {_name(photo): photo for photo in map(_kept, photos)}
    settled = survey.settled
    todo = [photo for name, photo in named.items() if (name, endpoint or "auto", single_face) not in settled]
    with _pool(executor, at_once) as pool, _bar(len(todo), progress) as tick:
        for row in _in_order(pool, ask, todo, at_once):
            survey.put(row)
            tick()
    return survey


def _reach(client: Client, executor: Executor | None) -> Callable[[], Client]:
    if executor is None or isinstance(executor, ThreadPoolExecutor):
        return lambda: client
    return functools.partial(_client_here, client.base_url, client.detect_url)


@functools.cache
def _client_here(base_url: str, detect_url: str) -> Client:
    """The one client of a worker process, which signs in with the worker's own environment."""
    return Client(base_url=base_url, detect_url=detect_url)


def _ask(reach: Callable[[], Client], single_face: bool, endpoint: Endpoint | None, source: Any) -> Row:
    row = functools.partial(
        Row, photo=_name(source), endpoint=endpoint or "auto", single_face=single_face, source=source
    )
    start = time.perf_counter()
    try:
        found = reach().detect(Photo.open(source), single_face=single_face, endpoint=endpoint)
    except Exception as error:  # a survey goes on: whatever went wrong with one photo is that photo's row
        return row(seconds=time.perf_counter() - start, **_wrong(error))
    return row(
        faces=len(found),
        seconds=time.perf_counter() - start,
        detector_seconds=found.seconds,
        trx_id=found.trx_id or "",
        regions=tuple(face.region for face in found),
        opts=tuple(face.opts for face in found),
    )


def _wrong(error: Exception) -> dict[str, Any]:
    return {
        "error": type(error).__name__,
        "code": getattr(error, "code", None),
        "message": str(error),
        "trx_id": getattr(error, "trx_id", None) or "",
    }


def _in_order(pool: Executor, ask: Callable[[Any], Row], todo: Sequence[Any], at_once: int) -> Iterator[Row]:
    """Rows in the order of the photos, with never more than `at_once` calls on their way."""
    waiting: deque[Future[Row]] = deque()
    rest = iter(todo)
    try:
        for photo in rest:
            waiting.append(pool.submit(ask, photo))
            if len(waiting) >= at_once:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


@contextmanager
def _pool(executor: Executor | None, at_once: int) -> Iterator[Executor]:
    """The caller's executor, left as it is, or threads of our own that an interrupt does not wait for."""
    if executor is not None:
        yield executor
        return
    threads = ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="akool-explore")
    try:
        yield threads
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


@contextmanager
def _bar(total: int, progress: bool) -> Iterator[Callable[[], Any]]:
    """A step of the progress bar; nothing where tqdm is not installed or nobody wants to see it."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        progress = False
    if not progress:
        yield lambda: None
        return
    with tqdm(total=total, unit="photo") as bar:
        yield bar.update


def _name(source: Any) -> str:
    """What a photo is called in the table: its path or address, or a name made of its bytes."""
    if isinstance(source, (str, PurePath)):
        return str(source)
    if isinstance(source, Photo):
        return source.url or f"photo {_digest(source.jpeg)}"
    if isinstance(source, Image.Image):
        return f"photo {_digest(_pixels(source))}"
    return f"photo {_digest(source) if isinstance(source, bytes) else _digest(repr(source).encode())}"


def _pixels(picture: Image.Image) -> bytes:
    """All that makes the picture: its `repr` holds an address in memory, which another picture may have tomorrow."""
    try:
        return repr((picture.mode, picture.size, picture.getpalette())).encode() + picture.tobytes()
    except Exception:  # a file that is cut short shows it only now; its row will say so
        return str(getattr(picture, "filename", "")).encode()


def _kept(source: Any) -> Any:
    """The source in a form that can be named, opened and shown again: an open file could be read only once."""
    if isinstance(source, (bytearray, memoryview)):
        return bytes(source)
    try:
        data = source.read(LARGEST_FILE + 1) if hasattr(source, "read") else None
    except (OSError, ValueError):  # closed, or not readable: its row will say so
        data = None
    return data if isinstance(data, bytes) else source


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]
