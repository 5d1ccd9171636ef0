"""Unmodified Bleak over a real BlueZ and a real kernel, without a radio; run by ``tests/system/bluez.sh``.

The machine's adapter is plugged into the simulated air, as a dongle would be into real air. Everything above it is what
a user of Linux has: the kernel's Bluetooth stack, bluetoothd, D-Bus, Bleak, and emgmon.
"""

import asyncio
import os
import threading
import time
from itertools import pairwise
from pathlib import Path

import pytest
from bluezroom import HCI, NEEDED, SHELL, room

import firmware_sim
from emgmon.devices.base import StreamSettings
from emgmon.devices.emgmon_gatt import EMG
from emgmon.exercise.catalogue import packaged
from emgmon.model import Mark, Packet
from emgmon.report import session_json
from emgmon.runner import analyse
from emgmon.runner.live import Live, Session
from emgmon.sources.ble import Radio, scan
from emgmon.storage.recorder import Recorder
from emgmon.storage.recording import read_recording
from firmware_sim.faults import Faults, Window

pytestmark = [pytest.mark.bluez, NEEDED]
PACKET_S = 0.1
WATCHED = ("EMG-HR", EMG)


async def session(path, script, **how):
    """Record a session over BlueZ."""
    async with room(script, **how) as world:

        async def person():
            world.begin()
            async for cue in world.cues():
                yield cue.kind, cue.data

        radio = Radio(time.monotonic_ns)
        plan = Session(
            radio, packaged()["bridge_2leg"], {"simulated": True}, 6, StreamSettings(packet_s=PACKET_S), scan_s=20.0
        )
        with Recorder(path) as recorder:
            live = Live(plan, recorder.append, lambda _events: None)
            await live.run(person, threading.Event())


def test_the_main_path_of_six_sensors_one_of_which_goes_and_comes_back(tmp_path):
    """From advertisements to a summary: every rep, the shares of the truth, and what was lost is counted.

    A sensor is away for four seconds while the person lies still: the session goes on, and it comes back into the same
    channel.
    """
    script, path = firmware_sim.bridges(2, seed=5), tmp_path / "bluez.mcap"
    asyncio.run(session(path, script, seed=5, faults=Faults(outages=(Window("EMG-HR", 2.0, 4.0),))))
    marks = [e.kind for e in read_recording(path) if isinstance(e, Mark) and e.data.get("device") == "EMG-HR"]
    assert marks.count("connected") == 2
    assert "lost" in marks
    summary = session_json(analyse(read_recording(path)))
    lost = {channel["device"]: channel["lost"] for channel in summary["channels"] if channel["quantity"] == "emg"}
    came_s = [e.host_ns * 1e-9 for e in read_recording(path) if isinstance(e, Packet) and (e.device, e.port) == WATCHED]
    away_s = max(later - earlier for earlier, later in pairwise(came_s))
    assert away_s > 3.5
    assert lost.pop("EMG-HR") == pytest.approx(1000 * (away_s - PACKET_S), abs=300), "1000 samples a second"
    assert lost == dict.fromkeys(("EMG-GL", "EMG-GR", "EMG-HL", "EMG-EL", "EMG-ER"), 0)
    (done,) = summary["sets"]
    assert len(done["reps"]) == 2
    for rep, true in zip(done["reps"], script.reps, strict=True):
        values = {(v["metric"], v["phase"], v["where"]): v["value"] for v in rep["values"]}
        assert values["share_glute", "hold", "both"] == pytest.approx(true.share_glute, abs=0.06)


def test_sensors_of_other_makers_are_recognised():
    """What they advertise passes through BlueZ whole: name, services, maker's data."""

    async def heard():
        async with room(firmware_sim.bridges(1, seed=8), kit="mixed", seed=8) as world:
            return await scan(Radio(time.monotonic_ns), 15.0, enough=len(world.sensors)), world.sensors

    found, worn = asyncio.run(heard())
    assert {item.name: item.driver.name for item in found if item.driver} == {
        name: sensor.driver for name, sensor in worn.items()
    }


def test_the_script_that_makes_the_machine_listens_nowhere():
    """Its sockets are files of a private folder."""
    assert Path(HCI).parent == Path(SHELL).parent
    assert os.environ["DBUS_SYSTEM_BUS_ADDRESS"].startswith("unix:path=")
