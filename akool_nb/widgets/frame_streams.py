"""The frames that Python gets of a live picture: to a function, or one by one in a loop."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import itertools
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any, NamedTuple

from akool_nb.api.arguments import number, whole
from akool_nb.errors import AkoolError
from akool_nb.widgets import texts
from akool_nb.widgets.frame import Frame
from akool_nb.widgets.live_host import RUNNING, LiveHost
from akool_nb.widgets.waiting import require_answers

# How long a loop waits for a frame before it is called missing (s).
PATIENCE = 30.0
MOST_SECONDS = 3600
MOST_FRAMES = 1_000_000


class Request(NamedTuple):
    """Who gets frames: at most one in `every` seconds, with one's own picture if `own`; `end` is the picture's end."""

    every: float
    own: bool
    take: Callable[[Frame], object]
    end: Callable[[], object]


class FrameStreams:
    """The part of a live view that gets frames from the page that runs the call.

    Messages to the page: `frames {id, every, own}` asks for frames, `frames_taken {id}` for the next one, and
    `frames_end {id}` for no more. The page sends `frame(swapped, own, id, time, delay)` and then none with this id
    until Python has taken it: a frame in between is dropped, so that no queue grows while Python is busy. After the
    call the page sends `frames_over`.
    """

    def __init__(self, view: LiveHost) -> None:
        self._view = view
        self._requests: dict[str, Request] = {}

    def call(self, function: Callable[[Frame], object], *, every: float, own: bool) -> None:
        """Call the function with frames, in the context of the present cell, until it returns False."""
        # By its name, so that a cell that is run again replaces its function. Other objects have no name of their own.
        is_named = inspect.isfunction(function)
        name = f"{function.__module__}.{function.__qualname__}" if is_named else repr(function)
        context = contextvars.copy_context()

        def take(frame: Frame) -> None:
            if self._result(context, function, frame) is False:
                self._close(name)
            else:
                self._view.post("frames_taken", {"id": name})

        self._open(name, Request(every, own, take, lambda: None))

    async def iterate(self, *, every: float, limit: int | None, own: bool) -> AsyncIterator[Frame]:
        """Yield frames until there are `limit`, or the picture stops."""
        every = number("every", every, 0, MOST_SECONDS)
        if limit is not None:
            limit = whole("limit", limit, 0, MOST_FRAMES)
        require_answers(self._view, texts.FRAMES_INSTEAD)
        name = uuid.uuid4().hex
        inbox = Inbox()
        self._open(name, Request(every, own, inbox.put, inbox.end))
        try:
            for _ in itertools.count() if limit is None else range(limit):
                frame = await inbox.next(every + PATIENCE)
                if frame is None:
                    return
                yield frame
                self._view.post("frames_taken", {"id": name})
        finally:
            self._close(name)

    def follow(self, state: str) -> None:
        """The state has changed: a page that has begun to run the call does not know who wants frames."""
        if state == "live":
            for name in list(self._requests):
                self._ask(name)
        elif state not in RUNNING:
            self.end()

    def end(self) -> None:
        for request in list(self._requests.values()):
            request.end()

    def _open(self, name: str, request: Request) -> None:
        self._requests[name] = request
        self._ask(name)

    def _ask(self, name: str) -> None:
        request = self._requests[name]
        self._view.post("frames", {"id": name, "every": request.every, "own": request.own})

    def _close(self, name: str) -> None:
        self._requests.pop(name, None)
        self._view.post("frames_end", {"id": name})

    def _receive_frame(self, swapped: memoryview, *own: memoryview, id: str, time: float, delay: float | None) -> None:
        request = self._requests.get(id)
        if request is not None:  # else it is late
            own_jpeg = bytes(own[0]) if own else None
            request.take(Frame(bytes(swapped), own_jpeg, time, delay))

    def _receive_frames_over(self) -> None:
        # The page also stops to show the next session; then the frames go on.
        if self._view.state != "starting":
            self.end()

    def _result(self, context: contextvars.Context, function: Callable[[Frame], object], frame: Frame) -> Any:
        try:
            # A copy, because a context cannot be entered twice.
            return context.copy().run(function, frame)
        except Exception as problem:
            self._view.fail(problem)
            return None


class Inbox:
    """The newest frame for a loop; any thread may put one in."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._arrived = asyncio.Event()
        self._newest: Frame | None = None
        self._over = False

    def put(self, frame: Frame) -> None:
        self._newest = frame
        self._loop.call_soon_threadsafe(self._arrived.set)

    def end(self) -> None:
        self._over = True
        self._loop.call_soon_threadsafe(self._arrived.set)

    async def next(self, seconds: float) -> Frame | None:
        """Wait for a frame; None after the end. Raises AkoolError if none comes in `seconds`."""
        try:
            await asyncio.wait_for(self._arrived.wait(), seconds)
        except asyncio.TimeoutError:
            raise AkoolError(texts.NO_ANSWER.format(seconds=seconds)) from None
        self._arrived.clear()
        return None if self._over else self._newest
