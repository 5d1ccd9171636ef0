"""Time that passes only when there is nothing left to do."""

import asyncio
import threading
import time

import pytest

from firmware_sim import bridges, open_world
from firmware_sim.virtualtime import BEGIN_S, LONGEST_STEP_S, run_virtually


def test_an_hour_of_waiting_passes_at_once_and_to_the_second():
    async def work():
        await asyncio.sleep(3600.0)
        return asyncio.get_running_loop().time()

    assert run_virtually(work()) == pytest.approx(BEGIN_S + 3600.0, abs=1e-6)


def test_timers_come_in_the_order_of_their_times_however_long_the_work_between():
    came = []

    async def work():
        async def after(length_s):
            await asyncio.sleep(length_s)
            came.append(length_s)

        await asyncio.gather(*(after(length_s) for length_s in (0.3, 0.1, 5.0, 0.2, 0.0)))

    run_virtually(work())
    assert came == [0.0, 0.1, 0.2, 0.3, 5.0]


def test_a_time_limit_is_kept():
    async def work():
        async with asyncio.timeout(20.0):
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        run_virtually(work())


def test_what_comes_from_another_thread_is_waited_for_when_nothing_is_planned():
    async def work():
        loop, came = asyncio.get_running_loop(), asyncio.Event()
        threading.Timer(0.05, loop.call_soon_threadsafe, [came.set]).start()
        await came.wait()
        return loop.time()

    assert run_virtually(work()) == BEGIN_S


def test_a_pace_slows_down_for_a_computer_that_cannot_keep_it():
    """Callbacks of 0.3 s are 2.4 s at eight times the pace; of the loop's time they take no more than a step."""

    async def work():
        loop = asyncio.get_running_loop()
        late_s = []
        for _ in range(5):
            due_s = loop.time() + 0.05
            await asyncio.sleep(0.05)
            late_s.append(loop.time() - due_s)
            time.sleep(0.3)  # noqa: ASYNC251 - what is tested
        return late_s

    assert all(-1e-6 <= late_s <= 2 * LONGEST_STEP_S for late_s in run_virtually(work(), 8.0))


def test_a_pace_is_kept():
    async def work():
        begun_s = time.monotonic()
        await asyncio.sleep(2.0)
        return time.monotonic() - begun_s, asyncio.get_running_loop().time() - BEGIN_S

    real_s, loop_s = run_virtually(work(), 8.0)
    assert real_s >= 0.24
    assert 2.0 - 1e-6 <= loop_s <= 2.0 + 2 * LONGEST_STEP_S


def test_a_thread_that_would_be_waited_for_is_refused():
    async def work():
        await asyncio.to_thread(sum, ())

    with pytest.raises(RuntimeError, match="virtual"):
        run_virtually(work())


@pytest.mark.system
def test_the_world_runs_in_the_loops_time():
    async def work():
        async with open_world(bridges(1, seed=4), sensors=["EMG-GL"], speed=2.0) as world:
            before_ns = world.clock_ns()
            await asyncio.sleep(10.0)
            return before_ns, world.clock_ns()

    before_ns, after_ns = run_virtually(work())
    assert after_ns - before_ns == pytest.approx(20e9, abs=1e3)
    assert run_virtually(work()) == (before_ns, after_ns)
