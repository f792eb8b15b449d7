"""PageWatch: a page that is gone is told from a kernel that is busy."""

import asyncio
import threading
import time

from akool_nb.widgets.page_watch import PageWatch


def gone_after(patience, tick):
    """A watch, and the event that it sets when it calls the page gone."""
    gone = asyncio.Event()
    return PageWatch(gone.set, patience=patience, tick=tick), gone


def run(scene):
    """Let the scene play with a watch that loses patience after half a second; whether it called the page gone."""

    async def play():
        gone = []
        watch = PageWatch(lambda: gone.append(True), patience=0.5, tick=0.1)
        watch.start()
        await scene(watch)
        return bool(gone)

    return asyncio.run(play())


def test_a_silent_page_is_gone():
    async def play():
        watch, gone = gone_after(0.5, 0.1)
        watch.start()
        await asyncio.wait_for(gone.wait(), 60)

    asyncio.run(play())


def test_a_page_that_speaks_is_there():
    async def talk(watch):
        for _ in range(12):
            await asyncio.sleep(0.08)
            watch.received()

    assert not run(talk)


def test_a_busy_kernel_is_no_silent_page():
    async def cells(watch):
        for _ in range(5):
            time.sleep(0.25)  # a cell holds the loop
            await asyncio.sleep(0.01)

    assert not run(cells)


def test_a_watch_that_was_stopped_says_nothing():
    async def stop(watch):
        watch.stop()
        await asyncio.sleep(0.8)

    assert not run(stop)


def test_it_can_be_started_from_another_thread_and_stopped_before_it_has_begun():
    async def play():
        watch, gone = gone_after(0.2, 0.05)
        await asyncio.to_thread(watch.start)
        watch.start()
        watch.stop()
        await asyncio.sleep(0.5)
        assert not gone.is_set()
        await asyncio.to_thread(watch.start)
        await asyncio.wait_for(gone.wait(), 60)

    asyncio.run(play())


def test_a_stop_from_another_thread_just_while_it_begins_is_heeded():
    async def play():
        gone = []
        watch = PageWatch(lambda: gone.append(True), patience=0.2, tick=0.05)

        def begun_while_it_is_stopped(loop, coroutine, **options):
            stopping = threading.Thread(target=watch.stop)
            stopping.start()
            stopping.join(0.1)
            return asyncio.Task(coroutine, loop=loop, **options)

        asyncio.get_running_loop().set_task_factory(begun_while_it_is_stopped)
        watch.start()
        await asyncio.sleep(0.6)
        assert gone == []

    asyncio.run(play())


def test_a_plain_script_has_no_page_to_watch():
    PageWatch(lambda: None).start()
