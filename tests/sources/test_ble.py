"""Finding and keeping sensors, over the virtual radio and Bleak's own client and scanner."""

import asyncio
import time
from types import SimpleNamespace

import pytest
from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason, BleakError

import firmware_sim
from emgmon.devices.base import StreamSettings
from emgmon.devices.emgmon_gatt import DESCRIPTION, EMG
from emgmon.errors import BluetoothUnavailable, DeviceNotFound, HandshakeFailed
from emgmon.model import Mark, Packet
from emgmon.sources.ble import Found, Radio, named, scan
from emgmon.sources.supervisor import BleSource
from firmware_sim.faults import Faults

pytestmark = [pytest.mark.system, pytest.mark.slow]
NAMES = ("EMG-GL", "EMG-HL")


def in_world(test, **options):
    """Run a coroutine in a world of two sensors."""

    async def run():
        script = firmware_sim.bridges(1, seed=1)
        async with firmware_sim.open_world(script, seed=1, sensors=NAMES, **options) as world:
            return await test(world, Radio(world.clock_ns, world.client_kwargs, world.scanner_kwargs))

    return asyncio.run(run())


def kinds(entries, device):
    return [e.kind for e in entries if isinstance(e, Mark) and e.data.get("device") == device]


def test_scan_finds_all_and_stops_when_it_has_enough():
    async def test(_world, radio):
        began_s = time.monotonic()
        found = await scan(radio, 20.0, enough=2)
        return found, time.monotonic() - began_s

    found, took_s = in_world(test)
    assert {item.name for item in found} == set(NAMES)
    assert all(item.driver and item.driver.name == "emgmon_gatt" for item in found)
    assert took_s < 5


def test_every_byte_is_handed_on_and_samples_are_contiguous():
    entries = []

    async def test(_world, radio):
        source = BleSource(radio, StreamSettings(), entries.append)
        async with source.streaming(await scan(radio, 20.0, enough=2)) as ready:
            await asyncio.sleep(1.0)
            return ready

    assert set(in_world(test)) == set(NAMES)
    for name in NAMES:
        assert kinds(entries, name) == ["device", "connected", "started"]
        packets = [e for e in entries if isinstance(e, Packet) and e.device == name]
        assert packets[0].port == DESCRIPTION
        first = [int.from_bytes(p.payload[4:8], "little") for p in packets if p.port == EMG]
        assert len(first) > 20
        assert first == list(range(0, 25 * len(first), 25))
    times = [entry.host_ns for entry in entries]
    assert times == sorted(times)


def test_a_sensor_that_vanishes_is_found_again():
    entries = []
    faults = firmware_sim.Faults(outages=(firmware_sim.Window("EMG-HL", 0.3, 1.0),))

    async def test(world, radio):
        source = BleSource(radio, StreamSettings(), entries.append)
        async with source.streaming(await scan(radio, 20.0, enough=2)):
            world.begin()
            for _ in range(200):
                await asyncio.sleep(0.05)
                if kinds(entries, "EMG-HL").count("connected") == 2:
                    await asyncio.sleep(0.3)
                    return

    in_world(test, faults=faults)
    assert kinds(entries, "EMG-HL") == ["device", "connected", "started", "lost", "connected", "started"]
    assert kinds(entries, "EMG-GL") == ["device", "connected", "started"]
    again = [e for e in entries if isinstance(e, Packet) and e.device == "EMG-HL" and e.port == EMG]
    starts = [k for k, e in enumerate(again) if e.payload[4:8] == bytes(4)]
    assert len(starts) == 2, "the sensor counts from 0 again after it was lost"


def test_a_sensor_that_refuses_tells_why():
    async def test(world, radio):
        for sensor in world.sensors.values():
            sensor.conditions.charging = True
        source = BleSource(radio, StreamSettings(), lambda _entry: None)
        async with source.streaming(await scan(radio, 20.0, enough=2), wait_s=3.0):
            pass

    with pytest.raises(HandshakeFailed, match="on its charger and refuses to measure; unplug it"):
        in_world(test)


def test_sensors_that_demand_pairing_are_paired():
    async def test(world, radio):
        entries = []
        source = BleSource(radio, StreamSettings(), entries.append)
        async with source.streaming(await scan(radio, 20.0, enough=2)) as ready:
            assert sorted(ready) == sorted(NAMES)
            assert all(world.encrypted(name) for name in NAMES)
        assert not [e for e in entries if isinstance(e, Mark) and e.kind == "trouble"]

    in_world(test, faults=Faults(demands_pairing=True))


def test_nobody_there_is_said():
    async def test(_world, radio):
        async with BleSource(radio, StreamSettings(), lambda _entry: None).streaming([]):
            pass

    with pytest.raises(DeviceNotFound, match="switch them on"):
        in_world(test)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (BleakBluetoothNotAvailableError("off", BleakBluetoothNotAvailableReason.POWERED_OFF), "switched off"),
        (BleakBluetoothNotAvailableError("none", BleakBluetoothNotAvailableReason.NO_BLUETOOTH), "no Bluetooth radio"),
        (BleakBluetoothNotAvailableError("no", BleakBluetoothNotAvailableReason.DENIED_BY_USER), "privacy settings"),
        (BleakError("odd"), "does not answer (odd)"),
        (FileNotFoundError(2, "No such file"), "is it installed and running?"),
    ],
)
def test_no_bluetooth_is_one_sentence_with_a_way_out(error, words):
    class Broken:
        def __init__(self, *_args, **_kwargs):
            pass

        async def start(self):
            raise error

        async def stop(self):
            pass

    radio = Radio(time.monotonic_ns, {}, {"backend": Broken})
    with pytest.raises(BluetoothUnavailable) as raised:
        asyncio.run(scan(radio, 1.0))
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_two_sensors_of_one_name_are_told_apart():
    driver = SimpleNamespace(name="d")
    found = [Found("EMG", f"AA:BB:CC:DD:EE:0{k}", -50, driver, None) for k in (1, 2)]
    found.append(Found("other", "x", -50, None, None))
    assert list(named(found)) == ["EMG EE:01", "EMG EE:02"]
