"""PageWatch: it detects a lost page, and does not mistake a busy kernel for one."""

import asyncio
import threading
import time

from akool_nb.widgets.page_watch import PageWatch


def watch_for_lost_page(patience, tick):
    """A watch, and the event that it sets when it reports the page as lost."""
    lost = asyncio.Event()
    return PageWatch(lost.set, patience=patience, tick=tick), lost


def page_is_lost(scene):
    """Run the scene with a watch that waits half a second; returns whether it reported the page as lost."""

    async def play():
        lost = []
        watch = PageWatch(lambda: lost.append(True), patience=0.5, tick=0.1)
        watch.start()
        await scene(watch)
        return bool(lost)

    return asyncio.run(play())


def test_a_page_that_sends_nothing_is_reported_as_lost():
    async def play():
        watch, lost = watch_for_lost_page(0.5, 0.1)
        watch.start()
        await asyncio.wait_for(lost.wait(), 60)

    asyncio.run(play())


def test_a_page_that_sends_messages_is_not_reported_as_lost():
    async def send(watch):
        for _ in range(12):
            await asyncio.sleep(0.08)
            watch.received()

    assert not page_is_lost(send)


def test_a_busy_kernel_does_not_make_a_page_lost():
    async def run_cells(watch):
        for _ in range(5):
            time.sleep(0.25)  # a cell blocks the loop
            await asyncio.sleep(0.01)

    assert not page_is_lost(run_cells)


def test_a_stopped_watch_reports_nothing():
    async def stop(watch):
        watch.stop()
        await asyncio.sleep(0.8)

    assert not page_is_lost(stop)


def test_a_watch_can_be_started_from_another_thread_and_stopped_before_it_runs():
    async def play():
        watch, lost = watch_for_lost_page(0.2, 0.05)
        await asyncio.to_thread(watch.start)
        watch.start()
        watch.stop()
        await asyncio.sleep(0.5)
        assert not lost.is_set()
        await asyncio.to_thread(watch.start)
        await asyncio.wait_for(lost.wait(), 60)

    asyncio.run(play())


def test_a_stop_from_another_thread_during_the_start_takes_effect():
    async def play():
        lost = []
        watch = PageWatch(lambda: lost.append(True), patience=0.2, tick=0.05)

        def start_task_during_stop(loop, coroutine, **options):
            stopping = threading.Thread(target=watch.stop)
            stopping.start()
            stopping.join(0.1)
            return asyncio.Task(coroutine, loop=loop, **options)

        asyncio.get_running_loop().set_task_factory(start_task_during_stop)
        watch.start()
        await asyncio.sleep(0.6)
        assert lost == []

    asyncio.run(play())


def test_a_script_without_an_event_loop_has_no_page_to_watch():
    PageWatch(lambda: None).start()
