"""A simulated room in which a session is conducted by what the simulated person does."""

import asyncio
import contextlib
import threading

import firmware_sim
from emgmon.devices.base import StreamSettings
from emgmon.exercise.catalogue import packaged
from emgmon.runner.attended import Attended
from emgmon.runner.board import RECORDING, Board
from emgmon.runner.doing import Timings
from emgmon.runner.listening import Plan
from emgmon.runner.script import play
from emgmon.sources.ble import Radio

QUICK = Timings(rest_s=60.0, lead_s=0.0)  # the simulated person says when the rest is over


def words_of(cue):
    """What a person would press when this cue of the script comes."""
    return {
        "baseline_start": ("rest", ""),
        "baseline_stop": ("stop", ""),
        "reference_start": ("reference", cue.data.get("group", "")),
        "reference_stop": ("stop", ""),
        "set_start": ("set", str(cue.data.get("target_reps", ""))),
        "set_stop": ("stop", ""),
    }[cue.kind]


async def attend(
    record,
    board=None,
    stop=None,
    *,
    kit="emgmon",
    reps=1,
    wait_s=20.0,
    begin_at=RECORDING,
    places=None,
    memory=None,
    sink=None,
    anew=None,
    by_itself=True,
    pain="0",
    faults=None,
    sensors=None,
    words=None,
    timings=QUICK,
):
    """Run one session; the person answers the question of pain, then does the script and finishes.

    With `words`, as `emgmon.runner.script` reads them, these are said instead. The script begins with the stage
    `begin_at`; to be run in virtual time (`firmware_sim.virtualtime`).
    """
    board, stop = board or Board(), stop or threading.Event()
    script = firmware_sim.bridges(reps, seed=2)
    async with firmware_sim.open_world(script, kit=kit, seed=2, faults=faults, sensors=sensors) as world:
        radio = Radio(world.clock_ns, world.client_kwargs, world.scanner_kwargs)
        known = (
            places
            if places is not None
            else {p["device"]: row for p in world.placements for row in [p["channels"].get("emg")] if row}
        )
        plan = Plan(
            radio,
            {"source": "simulated", "simulated": True},
            packaged(),
            "bridge_2leg",
            None,
            known,
            memory,
            by_itself=by_itself,
            scan_s=1.0,
            wait_s=wait_s,
            stream=StreamSettings(packet_s=0.1),
            timings=timings,
        )
        session = Attended(plan, board, sink or (lambda _events: None), record, anew or (lambda: None))

        async def person():
            await seen(board, lambda view: view.stage == begin_at)
            world.begin()
            await seen(board, lambda view: view.stage == RECORDING)
            board.tell("pain", pain)
            if words is not None:
                await play(words, board, world.clock_ns)
                return
            async for cue in world.cues():
                board.tell(*words_of(cue))
            board.tell("finish")

        following = asyncio.create_task(person())
        try:
            await session.run(stop)
        finally:
            following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await following
    return session


async def seen(board, true, patience_s=120.0):
    """Wait until the board shows what is waited for."""
    async with asyncio.timeout(patience_s):
        while not true(board.view):  # noqa: ASYNC110 - a view is looked at, as the window does
            await asyncio.sleep(0.02)
