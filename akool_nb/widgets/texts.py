"""Every sentence that the widgets say from Python; the sentences of the page are in web/src/texts."""

from __future__ import annotations

from typing import NamedTuple


class Instead(NamedTuple):
    """What to do where a cell cannot wait for the page."""

    next_cell: str
    callback: str
    no_page: str


NOT_BUILT = "{path} is missing. Install the package, which builds the widgets' scripts: pip install -e ."
UNKNOWN_OPTION = "{widget}() got an unexpected keyword {name!r}. It knows: {known}."
CONSENT_MISSING = "Tick 'I may use this face' first: a face belongs to a person."
UNEXPECTED = "{kind}: {message}"
TOO_LARGE = "The file is larger than {megabytes} MB. Save the photo smaller, then choose it again."
NO_SESSION = "There is no session yet. Create one first: client.create(face)."
NOT_OPEN = "No session is open."
NO_SUCH_FACE = "There is no such face: this photo has {count}, counted from 0."
NO_CLIENT = "This picker has no client to detect with. Make it with FacePicker(client=client)."
FACE = "Face {number}"
CANNOT_WAIT = "{host} does not receive what the page sends while a cell waits. {instead}"
CANNOT_WAIT_IN_VOILA = "Voila runs every cell before the page is shown. {instead}"
NO_PAGE = "There is no notebook page here. {instead}"
NO_ADDRESS = "This is not an address of the web: those begin with https:// or http://."
NO_FACE = "No face is chosen yet. Detect one and set it: panel.face = found[0]."
IDLE_CLOSED = "The session was closed because no page showed it for {minutes:g} minutes."
ENDED_ELSEWHERE = "The session is over: the service has ended it, or it was closed elsewhere. Create a new one."
SESSION_FAILED = "The service could not start the session (failed, 4). Create a new one, perhaps with another face."
NOT_CLOSED = (
    "The session could not be closed: the service does not answer, or does not know it with these credentials. "
    "It ends by itself an hour after it began."
)
SANDBOX_ACCOUNT = "The sandbox on this machine: no account, no costs, nothing is uploaded."
AKOOL_ACCOUNT = "Your AKOOL account: an open session costs credits."
CANNOT_WRITE = "A recording cannot be written to {folder} ({reason}). Choose another folder: view.folder = 'films'."
DISK = "The recording {path} has ended, because the disk refused it ({reason}). Free some space, then record again."
FILM_TOO_SHORT = "The recording was too short to hold a picture, so there is no file. Record for a second or longer."
NO_MARK = (
    'mark=False: pictures of an Agora session will not say that they are "AI-swapped". Say so yourself wherever you '
    "show them: in the EU the AI Act asks for it (Article 50)."
)
NOT_LIVE = (
    "There is no live picture (view.state is {state!r}). Press Start under the view, or Go live in the studio, "
    "and wait until you see the swapped picture."
)
NO_ANSWER = (
    "The page of the live view has sent nothing for {seconds:g} seconds. Is it still open, and is the picture live? "
    "Press Stop, then Start, and try again."
)
RECORDING_RUNS = "A recording is running. End it first: await view.stop_recording()."
NO_RECORDING = "No recording is running. Start one: view.start_recording(). Finished ones are in view.recordings."
PICK_INSTEAD = Instead(
    "Choose a face above, then run the next cell: picker.selected.",
    "Use a callback: picker.on_change(function).",
    "Choose from Python: picker.choose(0).",
)
SNAPSHOT_INSTEAD = Instead(
    "Press Snapshot under the picture, then run the next cell: view.snapshot.",
    "Press Snapshot under the picture; view.snapshot has the picture then.",
    "Run this in a notebook that shows the view, or open the view in a browser: view.open_page().",
)
FILM_INSTEAD = Instead(
    "The recording ends all the same. Run the next cell: view.recordings[-1].",
    "The recording ends all the same; view.recordings has its path then.",
    "Run this in a notebook that shows the view, or open the view in a browser: view.open_page().",
)
FRAMES_INSTEAD = Instead(
    "Use a function: @view.on_frame(every=0.5). It gets the frames between two cells.",
    "Use a function: @view.on_frame(every=0.5).",
    "Run this in a notebook that shows the view, or open the view in a browser: view.open_page().",
)
