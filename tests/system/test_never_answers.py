"""A sensor that is heard and never answers: the session begins without it, and ends whenever it is told to."""

import asyncio
import threading

import pytest

import firmware_sim
from emgmon.devices.base import StreamSettings
from emgmon.exercise.catalogue import packaged
from emgmon.model import Mark, Notice
from emgmon.runner.live import Live, Session
from emgmon.sources.ble import Radio
from firmware_sim.virtualtime import run_virtually

pytestmark = pytest.mark.system
DEAD, ALIVE = "EMG-GL", "EMG-GR"


async def session(stop_after_s, silent=(DEAD,), script_s=5.0):
    """One session in virtual time; returns how long it took, its entries, and its events."""
    loop, stop, entries, events = asyncio.get_running_loop(), threading.Event(), [], []
    script = firmware_sim.bridges(1, seed=4)
    async with firmware_sim.open_world(script, sensors=[DEAD, ALIVE]) as world:
        for name in silent:
            world.ignores_connections(name)

        async def person():
            await asyncio.sleep(script_s)
            yield "set_stop", {}

        radio = Radio(world.clock_ns, world.client_kwargs, world.scanner_kwargs)
        plan = Session(radio, packaged()["bridge_2leg"], {"simulated": True}, 2, StreamSettings())
        live = Live(plan, entries.append, events.extend)
        begun_s = loop.time()
        loop.call_later(stop_after_s, stop.set)
        await live.run(person, stop)
        took_s = loop.time() - begun_s
    return took_s, [entry for entry in entries if isinstance(entry, Mark)], events


@pytest.mark.parametrize("stop_after_s", [0.3, 1.0, 5.0, 14.99, 15.02, 15.5, 16.0, 19.0, 21.0])
def test_a_session_is_stopped_at_once_though_a_sensor_is_still_being_connected(stop_after_s):
    took_s, _marks, _events = run_virtually(session(stop_after_s, script_s=100.0))
    assert took_s == pytest.approx(stop_after_s, abs=0.25)


def test_nobody_answers_and_the_session_is_stopped_without_an_error():
    took_s, marks, _events = run_virtually(session(3.0, silent=(DEAD, ALIVE)))
    assert took_s == pytest.approx(3.0, abs=0.25)
    assert "connected" not in [mark.kind for mark in marks]


def test_the_session_goes_on_without_it_and_says_why():
    took_s, marks, events = run_virtually(session(1000.0))
    assert took_s == pytest.approx(25.0, abs=1.0)
    trouble = [mark.data["text"] for mark in marks if mark.kind == "trouble" and mark.data["device"] == DEAD]
    assert trouble == ["the sensor does not answer; hold it nearer to the computer"]
    assert any(isinstance(event, Notice) and "1 of 2 sensors stream" in event.text for event in events)
