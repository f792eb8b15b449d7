"""Python processes with open sessions, for the tests of what closes them."""

import subprocess
import sys
import time

import psutil

from tests.replay import CREDENTIALS, sample

SOURCE = sample("create.request")["sourceImage"][0]
SCRIPT = """
import os, sys
from akool_nb import Client
from akool_nb.guard.guard import GUARD
client = Client(client_id={client_id!r}, client_secret={client_secret!r}, base_url={url!r})
{before}
sessions = [client.create({source!r}) for _ in range({number})]
print('child:', GUARD._watchdog.pid if GUARD._watchdog else 0, flush=True)
{then}
"""


class Child(subprocess.Popen):
    """A Python process that opens sessions and then runs `then`; `watchdog` is the process that watches them."""

    def __init__(self, replay, then="sys.stdin.read()", *, number=1, before="", **options):
        code = SCRIPT.format(**CREDENTIALS, url=replay.url, source=SOURCE, number=number, then=then, before=before)
        super().__init__([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options)
        pid = int(self.line())
        self.watchdog = psutil.Process(pid) if pid else None

    def line(self):
        """The next line that the program itself prints, without the lines of `create`."""
        mine = b"child: "
        return next(line for line in self.stdout if line.startswith(mine)).removeprefix(mine)

    def go_on(self):
        """Send the line that the process waits for."""
        self.stdin.write(b"\n")
        self.stdin.flush()

    def end(self):
        """End the standard input, wait for the process, and return its exit status."""
        with self:
            self.stdin.close()
        return self.returncode

    def ends_within(self, seconds):
        """Let it continue, and check how long it takes to end."""
        begun = time.monotonic()
        self.go_on()
        self.wait(15)
        took = time.monotonic() - begun
        self.end()
        assert took < seconds


def is_ended(process):
    """Whether a process that is not our child has ended; without an init process it stays a zombie."""
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
