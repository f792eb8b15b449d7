"""Many photos through the detector: a few at a time, in order, with a progress bar, here or on a cluster."""

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
from akool_nb.api.arguments import A_CLIENT, having
from akool_nb.api.client import Client
from akool_nb.api.photo import LARGEST_FILE, Photo
from akool_nb.api.service import Endpoint
from akool_nb.explore.row import Row
from akool_nb.explore.survey import Survey


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

    To be able to stop and continue, make the survey first: `survey = Survey()` in a cell of its own, `into=survey` in
    the next. After an interrupt, run that cell again: it skips the photos that the survey has answers for.

    Args:
        photos: a list of photos, each of any kind that `Photo.open` takes. A photo that is in it twice, as the same
            path or the same bytes, is sent once and has one row.
        client: the client to use; by default `connect()`.
        single_face: only the largest face of each photo.
        endpoint: "detect", the documented one, or "detect_faces", the newer one; by default the client's own choice,
            which is "detect" for an address and "detect_faces" for a local photo.
        at_once: how many requests may run at the same time.
        executor: runs the requests elsewhere: any `concurrent.futures.Executor`, such as `dask.distributed`'s
            `Client.get_executor()`. A pool of threads uses `client` itself. Other workers get its addresses, but no
            secret: each signs in with the AKOOL_API_KEY (or id and secret) of its own environment, and opens the
            photos itself.
        into: an earlier survey to continue; it is returned.
        progress: show a progress bar, if tqdm is installed.

    Raises:
        MissingCredentials: there is no client to use. Any error about one photo is that photo's row, so a bad file
            does not end the survey.
        TypeError: `photos` is one photo and not a list.
    """
    _refuse_one_photo(photos)
    survey = Survey() if into is None else into
    client = having("client", client or connect(), "detect", A_CLIENT)
    ask = functools.partial(_ask, _reach(client, executor), single_face, endpoint)
    named = {_name(photo): photo for photo in map(_kept, photos)}
    settled = survey.settled
    todo = [photo for name, photo in named.items() if (name, endpoint or "auto", single_face) not in settled]
    with _pool(executor, at_once) as pool, _bar(len(todo), progress) as tick:
        for photo, future in _in_order(pool, ask, todo, at_once):
            survey.put(_row(photo, future, single_face, endpoint))
            tick()
    return survey


def _refuse_one_photo(photos: Any) -> None:
    """A text is a sequence of letters and a picture is one of rows, so one photo would be taken for many."""
    is_text = isinstance(photos, (str, bytes, bytearray, memoryview))
    is_picture = hasattr(photos, "read") or getattr(photos, "ndim", 1) > 1
    if is_text or is_picture or not isinstance(photos, Iterable):
        kind = type(photos).__name__
        raise TypeError(f"detect_many takes a list of photos, not a {kind}: put one photo into brackets, [photo].")


def _row(photo: Any, future: Future[Row], single_face: bool, endpoint: Endpoint | None) -> Row:
    """The row of a photo; if the executor could not run the request, for example send the photo, its error."""
    try:
        return future.result()
    except Exception as error:
        name = _name(photo)
        return Row(name, endpoint or "auto", single_face, source=photo, **_wrong(error))


def _reach(client: Client, executor: Executor | None) -> Callable[[], Client]:
    if executor is None or isinstance(executor, ThreadPoolExecutor):
        return lambda: client
    return functools.partial(_client_here, client.base_url, client.detect_url)


@functools.cache
def _client_here(base_url: str, detect_url: str) -> Client:
    """The client of a worker process, which signs in with the worker's own environment."""
    return Client(base_url=base_url, detect_url=detect_url)


def _ask(reach: Callable[[], Client], single_face: bool, endpoint: Endpoint | None, source: Any) -> Row:
    row = functools.partial(
        Row, photo=_name(source), endpoint=endpoint or "auto", single_face=single_face, source=source
    )
    start = time.perf_counter()
    try:
        # A survey shows no cut-outs, so it asks for none: they would be public for 7 days.
        found = reach().detect(Photo.open(source), single_face=single_face, endpoint=endpoint, return_face_url=False)
    except Exception as error:  # any error is the photo's row, so that the survey continues
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
        "message": getattr(error, "text", str(error)),
        "trx_id": getattr(error, "trx_id", None) or "",
    }


def _in_order(
    pool: Executor, ask: Callable[[Any], Row], todo: Sequence[Any], at_once: int
) -> Iterator[tuple[Any, Future[Row]]]:
    """Photos and their futures in the order of the photos, with at most `at_once` requests at a time."""
    waiting: deque[tuple[Any, Future[Row]]] = deque()
    try:
        for photo in todo:
            waiting.append((photo, pool.submit(ask, photo)))
            if len(waiting) >= at_once:
                yield waiting.popleft()
        while waiting:
            yield waiting.popleft()
    finally:
        for _, future in waiting:
            future.cancel()


@contextmanager
def _pool(executor: Executor | None, at_once: int) -> Iterator[Executor]:
    """The caller's executor, which stays open, or threads of our own, for which an interrupt does not wait."""
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
    """A function that moves the progress bar by one step; it does nothing without tqdm or without `progress`."""
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
    """A photo's name in the table: its path or address, or a name made of its bytes."""
    if isinstance(source, (str, PurePath)):
        return str(source)
    if isinstance(source, Photo):
        return source.url or f"photo {_digest(source.jpeg)}"
    if isinstance(source, Image.Image):
        return f"photo {_digest(_pixels(source))}"
    if isinstance(source, bytes):
        return f"photo {_digest(source)}"
    return f"photo {_digest(repr(source).encode())}"


def _pixels(picture: Image.Image) -> bytes:
    """Mode, size, palette and pixels as bytes. `repr` contains a memory address, which may be reused."""
    try:
        return repr((picture.mode, picture.size, picture.getpalette())).encode() + picture.tobytes()
    except Exception:  # an incomplete file is noticed only here; its row has the error
        return str(getattr(picture, "filename", "")).encode()


def _kept(source: Any) -> Any:
    """The source in a form that can be read several times: an open file can be read only once."""
    if isinstance(source, (bytearray, memoryview)):
        return bytes(source)
    try:
        data = source.read(LARGEST_FILE + 1)
    except (AttributeError, OSError, ValueError):  # no file, or closed, or not readable: then its row has the error
        return source
    if isinstance(data, bytes):
        return data
    return source


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]
