"""Bought sensors on the virtual air: what Bleak sees of their advertisements, tables and conversations."""

import asyncio

import numpy as np
import pytest
from bleak import BleakClient, BleakScanner

from firmware_sim import Faults, bridges, open_world
from firmware_sim.kits import KITS, OWN_KIT
from firmware_sim.peripheral import _advertising_data
from firmware_sim.sensors import ganglion, gforce, npg_lite, shimmer3r, umyo
from firmware_sim.sensors.base import Read, Subscribe, Wait, Write

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def script():
    return bridges(1, seed=4)


def run(main):
    """Run a test's coroutine; nothing may be left running behind it."""

    async def whole():
        await main()
        await asyncio.sleep(0)
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert asyncio.run(whole()) == set()


async def by_the_book(world, name, length_s):
    """Do over the air what the sensor's book says; all that came, by characteristic."""
    device = await BleakScanner.find_device_by_name(name, timeout=3.0, **world.scanner_kwargs)
    assert device is not None
    said = {}

    def take(characteristic, value):
        said.setdefault(characteristic.uuid, []).append(bytes(value))

    async with BleakClient(device, timeout=4.0, **world.client_kwargs) as client:
        sensor = world.sensors[name]
        assert client.mtu_size == min(517, sensor.largest_mtu)
        for step in sensor.book():
            match step:
                case Read(uuid):
                    said.setdefault(uuid, []).append(bytes(await client.read_gatt_char(uuid)))
                case Subscribe(uuid):
                    await client.start_notify(uuid, take)
                case Write(uuid, payload, _):
                    confirmed = "write" in client.services.get_characteristic(uuid).properties
                    await client.write_gatt_char(uuid, payload, response=confirmed)
                case Wait(wait_s):
                    await asyncio.sleep(wait_s / 4.0 + 0.02)
        await asyncio.sleep(length_s)
    return said


def test_advertisements_as_a_host_sees_them(script):
    async def main():
        async with open_world(script, kit="mixed") as world:
            found = await BleakScanner.discover(0.4, return_adv=True, **world.scanner_kwargs)
            said = {data.local_name: (device, data) for device, data in found.values()}
            assert set(said) == {unit.name for unit in KITS["mixed"]}
            device, data = said["uMyo-1A"]
            assert (device.address[:2], device.address[-2:]) == ("D7", "D4")
            assert data.service_uuids == []
            ((company, value),) = data.manufacturer_data.items()  # two bytes of it pass for a company
            joined = company.to_bytes(2, "little") + value
            assert len(joined) == 15
            assert 3200 <= 2000 + 10 * joined[1] <= 4150
            assert said["NPG-Lite-3CH:4C:33"][1].service_uuids == [npg_lite.SERVICE]
            assert said["Shimmer3R-22B1-BLE"][1].service_uuids == [shimmer3r.SERVICE]

    run(main)


def test_the_advertisement_lives(script):
    async def main():
        async with open_world(script, kit="umyo", sensors=["uMyo-1A"]) as world:
            seen = []

            def heard(_device, data):
                seen.extend(data.manufacturer_data.items())

            async with BleakScanner(heard, **world.scanner_kwargs):
                await asyncio.sleep(1.3)
            assert len(set(seen)) >= 2  # the number of the block, at least

    run(main)


def test_umyo_over_the_air(script):
    async def main():
        async with open_world(script, kit="umyo", sensors=["uMyo-1A"], speed=4.0) as world:
            said = await by_the_book(world, "uMyo-1A", 0.5)
            assert said[umyo.NAME] == [b"uMyo-1A\0"]
            packets = [value for value in said[umyo.TELEMETRY] if len(value) == 52]
            first = [int.from_bytes(value[:4], "little") for value in packets]
            assert len(packets) > 60
            assert set(np.diff(first)) == {24}

    run(main)


def test_umyo_on_a_slow_link_loses(script):
    async def main():
        async with open_world(script, kit="umyo", sensors=["uMyo-1A"], faults=Faults(interval_s=0.03)) as world:
            said = await by_the_book(world, "uMyo-1A", 1.5)
            first = [int.from_bytes(value[:4], "little") for value in said[umyo.TELEMETRY] if len(value) == 52]
            assert 0.4 < 1.0 - 24 * len(first) / (first[-1] - first[0] + 24) < 0.8

    run(main)


def test_gforce_over_the_air(script):
    async def main():
        async with open_world(script, kit="gforce", speed=4.0) as world:
            said = await by_the_book(world, "gForceOct-3F7A", 0.5)
            assert [answer[:2].hex() for answer in said[gforce.COMMAND]] == ["0008", "0006", "003f", "0026", "004f"]
            emg = [value for value in said[gforce.DATA] if value[0] == 8]
            assert len(emg) > 60
            assert [value[1] for value in emg] == [(emg[0][1] + n) % 256 for n in range(len(emg))]

    run(main)


def test_shimmer_over_the_air(script):
    async def main():
        async with open_world(script, kit="shimmer", sensors=["Shimmer3R-22B1-BLE"], speed=4.0) as world:
            said = await by_the_book(world, "Shimmer3R-22B1-BLE", 0.4)
            line = b"".join(said[shimmer3r.PIPE_1])
            assert line[:2] == b"\xff\x2f"
            inquiry = bytes.fromhex("FF 02 40 00 00 00 01 00 00 00 00 09 01 0A 0B 0C 00 01 02 1D 1E 1F")
            assert inquiry in line
            frames = line[line.index(inquiry) + len(inquiry) + 6 :]  # two acknowledgements with their checksums
            assert len(frames) // 25 > 500
            assert set(frames[0 : len(frames) // 25 * 25 : 25]) == {0}

    run(main)


@pytest.mark.parametrize("kit", [kit for kit in KITS if kit != OWN_KIT])
def test_tables_over_the_air(script, kit):
    async def main():
        async with open_world(script, kit=kit) as world:
            for name, sensor in world.sensors.items():
                device = await BleakScanner.find_device_by_name(name, timeout=3.0, **world.scanner_kwargs)
                async with BleakClient(device, timeout=4.0, **world.client_kwargs) as client:
                    for entry in sensor.gatt_table:
                        characteristic = client.services.get_characteristic(entry.uuid)
                        assert characteristic.service_uuid == entry.service
                        assert sorted(characteristic.properties) == sorted(entry.properties)
                break

    run(main)


def test_a_sensor_that_runs_empty_leaves_the_air(script):
    async def main():
        async with open_world(script, kit="npg", sensors=["NPG-Lite-3CH:4C:11"], speed=4.0) as world:
            name = "NPG-Lite-3CH:4C:11"
            device = await BleakScanner.find_device_by_name(name, timeout=3.0, **world.scanner_kwargs)
            lost = asyncio.Event()
            async with BleakClient(device, lambda _: lost.set(), timeout=3.0, **world.client_kwargs) as client:
                await client.write_gatt_char(npg_lite.CONTROL, b"START", response=True)
                world.sensors[name].conditions.battery_percent = 4.0
                await asyncio.wait_for(lost.wait(), 2.0)
            assert await BleakScanner.find_device_by_name(name, timeout=0.4, **world.scanner_kwargs) is None

    run(main)


@pytest.mark.parametrize("kit", KITS)
def test_a_real_radio_has_room_for_every_advertisement(script, kit):
    async def main():
        async with open_world(script, kit=kit) as world:
            for sensor in world.sensors.values():
                said = sensor.advertisement()
                first, second = _advertising_data(said, split=True)
                assert max(len(first), len(second)) <= 31
                for part in (said.name.encode(), said.manufacturer, *said.service_data.values()):
                    assert part in first + second

    run(main)


def test_ganglion_over_the_air(script):
    async def main():
        async with open_world(script, kit="ganglion", sensors=["Ganglion-5c1e"], speed=4.0) as world:
            said = await by_the_book(world, "Ganglion-5c1e", 0.4)
            assert said[ganglion.SOFTWARE] == [b"3.0.2"]
            assert said[ganglion.DATA][0][0] == 99
            assert {len(value) for value in said[ganglion.DATA]} == {20}

    run(main)
