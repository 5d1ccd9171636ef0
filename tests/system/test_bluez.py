"""Unmodified Bleak over a real BlueZ and a real kernel, without a radio; run by ``tests/system/bluez.sh``.

The machine's adapter is plugged into the simulated air, as a dongle would be into real air. Everything above it is what
a user of Linux has: the kernel's Bluetooth stack, bluetoothd, D-Bus, Bleak, and emgmon.
"""

import asyncio
import contextlib
import os
import threading
import time
from pathlib import Path

import pytest

import firmware_sim
from emgmon.devices.base import StreamSettings
from emgmon.errors import HandshakeFailed
from emgmon.exercise.catalogue import packaged
from emgmon.model import Mark
from emgmon.report import session_json
from emgmon.runner import analyse
from emgmon.runner.live import Live, Session
from emgmon.sources.ble import Radio, scan
from emgmon.sources.supervisor import BleSource
from emgmon.storage.recorder import Recorder
from emgmon.storage.recording import read_recording
from firmware_sim.faults import Faults, Window

HCI, SHELL = os.environ.get("EMGMON_BLUEZ_HCI", ""), os.environ.get("EMGMON_BLUEZ_SHELL", "")
LOOPBACK = "127.0.0.1"

pytestmark = [
    pytest.mark.bluez,
    pytest.mark.skipif(not HCI, reason="no machine with BlueZ: run tests/system/bluez.sh pytest -m bluez"),
]


async def carry(source, sink):
    """Carry bytes one way until the source ends."""
    with contextlib.suppress(OSError):
        while data := await source.read(4096):
            sink.write(data)
            await sink.drain()


async def machine_runs(words):
    """Let the machine's shell run a line."""
    _reader, writer = await asyncio.open_unix_connection(SHELL)
    writer.write(f"{words}\n".encode())
    await writer.drain()
    await asyncio.sleep(0.3)
    writer.close()


class Daemon:
    """What a desktop says to bluetoothd about the adapter."""

    PATH = "/org/bluez/hci0"

    def __init__(self, bus):
        self._bus = bus

    async def call(self, interface, member, signature, *body, path=PATH):
        """Return the answer to one call."""
        from dbus_fast import Message  # noqa: PLC0415 - Linux only

        return await self._bus.call(Message("org.bluez", path, interface, member, signature=signature, body=list(body)))

    async def power(self, on):
        """Switch the adapter; true when that was done."""
        from dbus_fast import MessageType, Variant  # noqa: PLC0415

        value = ("org.bluez.Adapter1", "Powered", Variant("b", on))
        answer = await self.call("org.freedesktop.DBus.Properties", "Set", "ssv", *value)
        return answer.message_type is MessageType.METHOD_RETURN

    async def power_on(self, patience_s=30.0):
        """Switch it on as soon as it is there."""
        until_s = time.monotonic() + patience_s
        while not await self.power(on=True):
            assert time.monotonic() < until_s, "bluetoothd has no adapter"
            await asyncio.sleep(0.1)

    async def forget(self):
        """Remove all devices, because the next room's wear the same addresses."""
        known = (await self.call("org.freedesktop.DBus.ObjectManager", "GetManagedObjects", "", path="/")).body[0]
        for path, interfaces in known.items():
            if "org.bluez.Device1" in interfaces:
                await self.call("org.bluez.Adapter1", "RemoveDevice", "o", path)


@contextlib.asynccontextmanager
async def daemon():
    """Open the bus."""
    from dbus_fast import BusType  # noqa: PLC0415
    from dbus_fast.aio import MessageBus  # noqa: PLC0415

    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    try:
        yield Daemon(bus)
    finally:
        bus.disconnect()


@contextlib.asynccontextmanager
async def room(script, **how):
    """Open a simulated room that BlueZ's adapter hears."""
    async with daemon() as bluez, firmware_sim.open_world(script, listen=(LOOPBACK, 0), **how) as world:
        machine_reads, machine_writes = await asyncio.open_unix_connection(HCI)
        air_reads, air_writes = await asyncio.open_connection(LOOPBACK, world.port)
        wires = [
            asyncio.create_task(carry(machine_reads, air_writes)),
            asyncio.create_task(carry(air_reads, machine_writes)),
        ]
        await machine_runs("attach")
        try:
            await bluez.power_on()
            yield world
        finally:
            await bluez.forget()
            await bluez.power(on=False)
            await machine_runs("detach")
            for wire in wires:
                wire.cancel()
            await asyncio.gather(*wires, return_exceptions=True)
            machine_writes.close()
            air_writes.close()


async def session(path, script, **how):
    """Record a session over BlueZ."""
    async with room(script, **how) as world:

        async def person():
            world.begin()
            async for cue in world.cues():
                yield cue.kind, cue.data

        radio = Radio(time.monotonic_ns)
        plan = Session(
            radio, packaged()["bridge_2leg"], {"simulated": True}, 6, StreamSettings(packet_s=0.1), scan_s=20.0
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
    assert 3000 < lost.pop("EMG-HR") < 12000
    assert lost == dict.fromkeys(("EMG-GL", "EMG-GR", "EMG-HL", "EMG-EL", "EMG-ER"), 0)
    (done,) = summary["sets"]
    assert len(done["reps"]) == 2
    for rep, true in zip(done["reps"], script.reps, strict=True):
        values = {(v["metric"], v["phase"], v["where"]): v["value"] for v in rep["values"]}
        assert values["share_glute", "hold", "both"] == pytest.approx(true.share_glute, abs=0.06)


def test_a_link_whose_packets_are_too_small_is_refused_in_words():
    async def refused():
        small = {"sensors": ["EMG-GL"], "faults": Faults(largest_mtu=23)}
        async with room(firmware_sim.bridges(1, seed=7), seed=7, **small):
            radio = Radio(time.monotonic_ns)
            found = await scan(radio, 15.0, enough=1)
            source = BleSource(radio, StreamSettings(packet_s=0.1), lambda _entry: None)
            async with source.streaming(found, wait_s=5.0):
                pass

    with pytest.raises(HandshakeFailed, match="EMG-GL: the sensor needs a larger MTU than this link has"):
        asyncio.run(refused())


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
