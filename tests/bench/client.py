"""The cost of a call through the client, and its behaviour with faulty servers: python -m tests.bench.client"""

import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

import requests

from akool_nb import Client
from akool_nb.errors import AkoolError
from tests.faultserver import MIB, FaultServer, Reply, bomb, by_path, drip, hang, huge, reply, response

CALLS, ROUNDS = 300, 9
ANSWER = {"code": 1000, "msg": "OK", "data": {"_id": "684f8fb744b8795862e45cbe", "faceswap_status": 2}}
BODY = {"_id": "684f8fb744b8795862e45cbe"}
BYTES = response(200, b'{"code": 1000, "data": {"credit": 1}}')
DRIPS = {
    "body that drips": drip(BYTES, from_byte=len(BYTES) - 36, every=0.2),
    "head that drips": drip(BYTES, every=0.2),
    "silence": hang,
}
FLOODS = {
    "256 MiB body": huge(256 * MIB),
    "256 MiB in chunks": huge(256 * MIB, chunked=True),
    "gzip of 512 MiB": bomb(512 * MIB),
}


def main() -> None:
    print_overhead()
    print_deadlines()
    print_memory()


def print_overhead() -> None:
    """CPU time of one small call with its deadline thread, alternating; the server is in another process."""
    with _elsewhere() as url:
        client = Client(token="bench", base_url=url)
        session = requests.Session()
        header = {"Authorization": "Bearer bench"}
        address = f"{url}/api/open/v3/faceswap/live/info"
        ours, bare = [], []
        for _ in range(ROUNDS):
            bare.append(_cpu_us(lambda: session.post(address, json=BODY, headers=header, timeout=30).json()))
            ours.append(_cpu_us(lambda: client.info(BODY["_id"])))
    middle, base = statistics.median(ours), statistics.median(bare)
    print(f"one small call: requests.Session.post {base:.0f} µs, Client {middle:.0f} µs of CPU")
    print(f"ratio {middle / base:.2f}   (aim: 1.25 at most)\n")


def print_deadlines() -> None:
    """How exactly the total deadline is kept."""
    for name, broken_reply in DRIPS.items():
        with FaultServer(broken_reply) as server:
            begun = time.monotonic()
            outcome = _outcome(Client(token="bench", base_url=server.url, timeout=2.0))
            late = time.monotonic() - begun - 2.0
        print(f"deadline of 2 s, {name:16} {late:+.3f} s, {outcome}   (aim: +0.25 s at most)")
    print()


def print_memory() -> None:
    """The memory that an endless answer needs, each in a new process."""
    for name, broken_reply in FLOODS.items():
        with multiprocessing.get_context("fork").Pool(1) as pool, FaultServer(broken_reply) as server:
            more, outcome = pool.apply(_memory, (server.url,))
        print(f"{name:18} {more:6.1f} MiB more, {outcome}   (aim: 32 MiB at most)")


def _cpu_us(work: Callable[[], object]) -> float:
    begun = time.process_time()
    for _ in range(CALLS):
        work()
    return (time.process_time() - begun) / CALLS * 1e6


def _outcome(client: Client) -> str:
    try:
        return f"answered {client.credits()}"
    except AkoolError as error:
        return type(error).__name__


def _memory(url: str) -> tuple[float, str]:
    client = Client(token="bench", base_url=url)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcome = _outcome(client)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024, outcome


class _elsewhere:  # noqa: N801 - it reads like a function in a with statement
    """A server in another process, so that its CPU time is not counted."""

    def __enter__(self) -> str:
        here, there = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("fork").Process(
            target=_serve, args=(there, by_path(info=reply(200, ANSWER)))
        )
        self._process.start()
        url: str = here.recv()
        return url

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join()


def _serve(pipe: Connection, broken_reply: Reply) -> None:
    with FaultServer(broken_reply) as server:
        pipe.send(server.url)
        time.sleep(3600)


if __name__ == "__main__":
    main()
