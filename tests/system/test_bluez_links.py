"""What links do wrong, over unmodified Bleak, BlueZ and a real kernel; run by ``tests/system/bluez.sh``."""

import asyncio
import contextlib
import time
from itertools import pairwise

import pytest
from bluezroom import DIES, LIVES, NEEDED, daemon, machine_runs, room

import firmware_sim
from emgmon.devices.base import StreamSettings
from emgmon.devices.emgmon_gatt import EMG, IMU, StreamDecoder
from emgmon.errors import PacketError
from emgmon.model import Mark, Packet
from emgmon.sources.ble import Radio, scan
from emgmon.sources.supervisor import BleSource
from firmware_sim import faults as air
from firmware_sim.faults import Faults, Window

pytestmark = [pytest.mark.bluez, NEEDED]
GL, GR, HL, HR = "EMG-GL", "EMG-GR", "EMG-HL", "EMG-HR"
SETTLE_S = 0.6
"""Between two sessions: Linux 6.1 forgets a connection that is asked for while the last one is taken down."""


class Heard:
    """Entries of a session."""

    def __init__(self):
        self.entries = []

    def data(self, device):
        """Values of the data characteristics."""
        return [
            (e.port, e.payload)
            for e in self.entries
            if isinstance(e, Packet) and e.device == device and e.port in {EMG, IMU}
        ]

    def marks(self, device):
        """Kinds of marks in their order."""
        return [e.kind for e in self.entries if isinstance(e, Mark) and e.data.get("device") == device]

    def troubles(self, device):
        """What the user was told."""
        told = [e.data for e in self.entries if isinstance(e, Mark) and e.kind == "trouble"]
        return [data["text"] for data in told if data["device"] == device]

    async def until(self, condition, patience_s=60.0):
        """Wait for something to be heard."""
        until_s = time.monotonic() + patience_s
        while not condition():
            assert time.monotonic() < until_s, [e for e in self.entries if isinstance(e, Mark)]
            await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def streaming(found, wait_s=15.0, packet_s=0.1):
    """Keep sensors; yields the names that stream and what is heard."""
    heard = Heard()
    source = BleSource(Radio(time.monotonic_ns), StreamSettings(packet_s=packet_s), heard.entries.append)
    async with source.streaming(found, wait_s=wait_s) as ready:
        yield ready, heard


async def all_heard(count):
    found = await scan(Radio(time.monotonic_ns), 20.0, enough=count)
    return [item for item in found if item.driver]


def emg_counts(heard, device):
    """Samples that came, samples that are missing between them, packets that could not be read."""
    decoder, blocks, bad = StreamDecoder(device), [], 0
    for entry in heard.entries:
        if isinstance(entry, Packet) and entry.device == device:
            try:
                blocks += [block for block in decoder.decode(entry) if block.stream.quantity == "emg"]
            except PacketError:
                bad += 1
    came = sum(len(block.samples) for block in blocks)
    holes = [later.first - first.first - len(first.samples) for first, later in pairwise(blocks)]
    return came, sum(hole for hole in holes if hole > 0), bad


def test_packets_are_as_large_as_each_link_can_carry():
    """Bleak reports an MTU of 23 on BlueZ whatever was agreed on; what really was decides the length of packets."""
    mtus = {GL: 185, GR: 247, HL: 517, HR: 23}

    async def lengths():
        async with room(firmware_sim.bridges(1, seed=7), seed=7, sensors=list(mtus)) as world:
            for name, mtu in mtus.items():
                world.limits_mtu(name, mtu)
            async with streaming(await all_heard(4), wait_s=4.0, packet_s=0.2) as (_ready, heard):
                ready = (GL, GR, HL)
                await heard.until(lambda: heard.troubles(HR) and all("started" in heard.marks(name) for name in ready))
                assert "started" not in heard.marks(HR)
                assert heard.troubles(HR)[0].startswith("the sensor needs a larger MTU than this link has")
                await asyncio.sleep(1.5)
                assert {name: world.mtu(name) for name in ready} == {name: mtus[name] for name in ready}
            for name in ready:
                came, missing, bad = emg_counts(heard, name)
                assert (missing, bad) == (0, 0)
                assert came > 1000
            return {name: max(len(value) for port, value in heard.data(name) if port == EMG) for name in ready}

    found = asyncio.run(lengths())
    assert found == {GL: 182, GR: 244, HL: 244}, "the third sensor itself has no longer packets"


def test_sensors_that_demand_pairing_are_paired_without_a_desktop_and_stay_so():
    async def sessions():
        demanding = Faults(demands_pairing=True)
        async with room(firmware_sim.bridges(1, seed=7), seed=7, sensors=[GL, GR], faults=demanding) as world:
            found = await all_heard(2)
            for _session in ("pairs", "is paired"):
                async with streaming(found) as (ready, heard):
                    assert set(ready) == {GL, GR}
                    assert world.encrypted(GL)
                    assert world.encrypted(GR)
                    await heard.until(lambda heard=heard: heard.data(GL) and heard.data(GR))
                assert "trouble" not in heard.marks(GL) + heard.marks(GR)
                await asyncio.sleep(SETTLE_S)

    asyncio.run(sessions())


def test_a_sensor_with_new_firmware_is_read_anew_although_bluez_keeps_its_old_table():
    async def sessions():
        async with room(firmware_sim.bridges(1, seed=7), seed=7, sensors=[GL]) as world:
            found = await all_heard(1)
            for _session in ("old", "new"):
                async with streaming(found) as (_ready, heard):
                    await heard.until(lambda heard=heard: len(heard.data(GL)) > 10)
                assert "trouble" not in heard.marks(GL)
                await asyncio.sleep(SETTLE_S)
                world.updates_firmware(GL)

    asyncio.run(sessions())


def test_what_the_air_leaves_of_a_stream_arrives_byte_for_byte_and_what_is_lost_is_counted(monkeypatch):
    """Bursts of loss, repeats and wrong bits on two sensors; on one a stall, and silence until the link is given up."""
    carried = {}
    copies = air.Damage.copies

    def seen(damage, payload):
        for copy in copies(damage, payload):
            carried.setdefault(damage.device, []).append(copy)
            yield copy

    monkeypatch.setattr(air.Damage, "copies", seen)
    faults = Faults(
        loss_share=0.08,
        loss_burst=3.0,
        duplicate_share=0.05,
        corrupt_share=0.03,
        stalls=(Window(HL, 1.0, 1.5),),
        outages=(Window(HL, 4.0, 2.0),),
        devices=frozenset({GL, GR}),
    )

    async def session():
        script = firmware_sim.bridges(1, seed=9)
        async with room(script, seed=9, sensors=[GL, GR, HL], faults=faults) as world:
            async with streaming(await all_heard(3), packet_s=0.025) as (ready, heard):
                assert set(ready) == {GL, GR, HL}
                world.begin()
                await asyncio.sleep(6.5)
                await heard.until(lambda: heard.marks(HL).count("started") == 2)
                await asyncio.sleep(1.0)
            return heard, {name: world.dropped(name) for name in ready}

    heard, dropped = asyncio.run(session())
    for name in (GL, GR):
        came = [value for _port, value in heard.data(name)]
        sent = [value for value in carried[name] if len(value) > 20]
        assert came == sent[: len(came)], "BlueZ changed, lost or reordered something"
        assert len(came) > 300
        assert dropped[name] > 10
        _came, missing, _bad = emg_counts(heard, name)
        assert missing > 0
        assert heard.marks(name).count("connected") == 1
    marks = heard.marks(HL)
    assert marks.count("connected") == marks.count("started") == 2
    _came, missing, bad = emg_counts(heard, HL)
    assert bad == 0
    assert missing > 700  # of the stall of 1.5 s the sensor keeps 0.5 s


def test_bluetooth_switched_off_and_the_daemon_killed_within_a_session():
    """The user is told, and all sensors come back by themselves."""

    async def session():
        async with room(firmware_sim.bridges(1, seed=7), seed=7, sensors=[GL, GR]), daemon() as bluez:
            found = await all_heard(2)
            async with streaming(found) as (ready, heard):
                assert set(ready) == {GL, GR}
                await bluez.power(on=False)
                await heard.until(lambda: heard.troubles(GL) and heard.troubles(GR))
                await bluez.power_on()
                await heard.until(lambda: all(heard.marks(name).count("started") == 2 for name in (GL, GR)))
                told = heard.troubles(GL) + heard.troubles(GR)
                assert all("Bluetooth" in text and "org." not in text for text in told), told
                await machine_runs(DIES)
                await asyncio.sleep(4.0)
                await machine_runs(LIVES)
                await heard.until(lambda: all(heard.marks(name).count("started") >= 3 for name in (GL, GR)))
                before = len(heard.data(GL))
                await heard.until(lambda: len(heard.data(GL)) > before + 5)

    asyncio.run(session())
