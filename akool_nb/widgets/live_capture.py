"""What Python keeps of a live picture: snapshots, recordings and frames."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets
from PIL import Image

from akool_nb.api.arguments import A_FUNCTION, having, number
from akool_nb.widgets.base import F
from akool_nb.widgets.frame import Frame
from akool_nb.widgets.frame_streams import MOST_SECONDS, FrameStreams
from akool_nb.widgets.live_call import LiveCall
from akool_nb.widgets.recordings import Recordings
from akool_nb.widgets.snapshots import Snapshots

if TYPE_CHECKING:
    from akool_nb.api.session import LiveSession


class LiveCapture(LiveCall):
    """A live view's calls that take pictures out of it; nothing of them is saved in the notebook.

    Every picture carries the mark of the view and says in its metadata (XMP) that a model made it.

    Args:
        session, close_after: see `LiveCall`.
        folder: where recordings go.
    """

    snapshot = traitlets.Instance(Image.Image, allow_none=True, help="The last snapshot, or None; never saved.")
    recordings = traitlets.Tuple(help="Paths of the finished recordings, oldest first.")
    elsewhere = traitlets.Bool(False, help="The page of `open_page()` runs the picture.").tag(sync=True)

    def __init__(
        self, session: LiveSession | None, *, close_after: float | None, folder: str | Path, **options: Any
    ) -> None:
        self.folder = Path(folder).expanduser()
        self._films = Recordings(self)
        self._snapshots = Snapshots(self)
        self._frames = FrameStreams(self)
        self._parts = (*self._parts, self._films, self._snapshots, self._frames)
        super().__init__(session, close_after=close_after, **options)

    async def take_snapshot(self) -> Image.Image:
        """Take a picture of the running call and return it; it is also the new `view.snapshot`.

            picture = await view.take_snapshot()

        Raises:
            AkoolError: nothing is live; the page does not answer; or the cell would wait for ever, as it would with
                ipykernel before 7.4, in marimo and in Voila.
        """
        return await self._snapshots.take()

    def start_recording(self) -> None:
        """Record the running call to a WebM file in `view.folder`, until `stop_recording` or the end of the call.

        Raises:
            AkoolError: nothing is live, a recording is running, or the folder takes no files.
        """
        self._films.start()

    async def stop_recording(self) -> Path:
        """End the recording, wait for its last piece, and return the path of the file; it plays to its end.

            path = await view.stop_recording()

        Raises:
            AkoolError: no recording is running; it has no picture; its disk is full; the page does not answer; or the
                cell would wait for ever, as with `take_snapshot`. The recording ends in that last case too: the next
                cell finds its path in `view.recordings`.
        """
        return await self._films.stop()

    def on_frame(self, every: float = 0.5, *, own: bool = False) -> Callable[[F], F]:
        """Call a function with frames while the picture is live; a decorator.

            @view.on_frame(every=0.5)
            def show(frame):
                print(frame.time, frame.delay)

        The function runs where that of `on_state` runs. It gets the newest frame; frames that come while it runs, or
        while a cell runs, are dropped. It is called until it returns False. A function of the same name replaces it.

        Args:
            every: seconds from one frame to the next, on average at least; 0.05 is every frame.
            own: add the camera's own picture to each frame.
        """

        every = number("every", every, 0, MOST_SECONDS)

        def register(function: F) -> F:
            having("the callback", function, "__call__", A_FUNCTION)
            self._frames.call(function, every=every, own=own)
            return function

        return register

    def frames(self, every: float = 0.5, *, limit: int | None = None, own: bool = False) -> AsyncIterator[Frame]:
        """The frames of the live picture, for `async for`; the loop ends after `limit` frames, or with the picture.

            async for frame in view.frames(every=0.5, limit=20):
                print(frame)

        Frames that come while the loop's body runs are dropped.

        Args:
            every: seconds from one frame to the next, on average at least; 0.05 is every frame.
            limit: how many frames; None goes on until the picture stops.
            own: add the camera's own picture to each frame.

        Raises:
            AkoolError: nothing is live; no frame comes for half a minute; or the cell would wait for ever, as with
                `take_snapshot`.
        """
        return self._frames.iterate(every=every, limit=limit, own=own)

    def _end(self) -> None:
        self._frames.end()
        self._films.end()
        super()._end()

    @traitlets.observe("state", "page")
    def _follow_picture(self, _change: dict[str, Any]) -> None:
        self._frames.follow(self.state)
