"""Whether every widget of a new notebook works on a slow machine: python -m tests.bench.fresh [--runs 20]

Each run opens a new notebook in a browser without a cache, with a slow processor, and shows five widgets in one cell.
A widget that is initialised too late receives neither traits nor messages.
"""

import argparse
import time

from tests.bench._lab import lab, load
from tests.browser.chromium import Browsers
from tests.browser.harness import NotebookPage, write_notebook
from tests.browser.servers import JupyterLab

WIDGETS = """from IPython.display import display
from akool_nb import Client
from akool_nb.widgets import FacePicker, ImageUploader, LiveView, SessionPanel
widgets = [ImageUploader(), FacePicker(), SessionPanel(Client(api_key="key")), LiveView(), ImageUploader()]
display(*widgets)"""
SEND = "for number, widget in enumerate(widgets): widget.error = f'Message {number}'"
SHOWN = (
    "() => [...document.querySelectorAll('.ak-error')].filter(line => line.textContent.startsWith('Message')).length"
)
PATIENCE = 90_000
"""Milliseconds within which the widgets must appear and show Python's messages."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=int, default=20, help="how many fresh notebooks are opened")
    arguments.add_argument("--throttle", type=int, default=8, help="how many times slower the page's processor is")
    given = arguments.parse_args()
    with lab() as (server, browsers):
        missing = [run(server, browsers, given.throttle) for _ in range(given.runs)]
    print(
        f"of five widgets without the message, processor {given.throttle} × slower: {missing}   aim: 0   load {load()}"
    )


def run(server: JupyterLab, browsers: Browsers, throttle: int) -> int:
    """How many of the five widgets do not show Python's message."""
    context = browsers.fresh_context()
    path = write_notebook(server.folder / f"fresh-{time.monotonic_ns()}.ipynb", [WIDGETS])
    page = NotebookPage(context.new_page(), server, path)
    page.open()
    session = context.new_cdp_session(page.page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": throttle})
    page.run_all()
    page.page.wait_for_function("() => document.querySelectorAll('.akool').length === 5", timeout=PATIENCE)
    page.execute(SEND)
    shown = wait_until_shown(page)
    context.close()
    server.end_kernels(path)
    return 5 - shown


def wait_until_shown(page: NotebookPage) -> int:
    end = time.monotonic() + PATIENCE / 1000
    while (shown := int(page.page.evaluate(SHOWN))) < 5 and time.monotonic() < end:
        page.page.wait_for_timeout(500)
    return shown


if __name__ == "__main__":
    main()
