"""The simulated sensors over the virtual radio, met with Bleak's own client and scanner."""

import asyncio
import contextlib
import struct
import time

import numpy as np
import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakBluetoothNotAvailableError, BleakError, BleakGATTProtocolError

from firmware_sim import Faults, Window, bridges, open_world, profile

pytestmark = pytest.mark.system

START_BOTH = bytes.fromhex("03 03")


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


async def find(world, name="EMG-GL", within_s=3.0):
    return await BleakScanner.find_device_by_name(name, timeout=within_s, **world.scanner_kwargs)


class Host:
    """A Bleak client that keeps what it receives, by characteristic."""

    def __init__(self, world, device):
        self.world = world
        self.lost = asyncio.Event()
        self.answered = asyncio.Event()
        self.client = BleakClient(device, lambda _: self.lost.set(), timeout=3.0, **world.client_kwargs)
        self.values = {profile.CONTROL: [], profile.EMG_DATA: [], profile.IMU_DATA: [], profile.STATUS: []}

    async def connect(self):
        self.lost.clear()
        await self.client.connect()
        for uuid in self.values:
            await self.client.start_notify(uuid, self.received)

    def received(self, characteristic, value):
        self.values[characteristic.uuid].append((self.world.clock_ns(), bytes(value)))
        if characteristic.uuid == profile.CONTROL:
            self.answered.set()

    async def command(self, data):
        """Write to the control point and wait for its answer."""
        self.answered.clear()
        await self.client.write_gatt_char(profile.CONTROL, data, response=True)
        await asyncio.wait_for(self.answered.wait(), 2.0)
        return self.values[profile.CONTROL][-1][1]

    def headers(self, uuid=profile.EMG_DATA):
        return [struct.unpack_from("<BBHIIBB", value) for _, value in self.values[uuid]]


def test_scan_with_a_service_filter_finds_the_six(script):
    async def main():
        async with open_world(script) as world:
            found = await BleakScanner.discover(
                0.3, service_uuids=[profile.SERVICE], return_adv=True, **world.scanner_kwargs
            )
            names = {data.local_name for _, data in found.values()}
            assert names == {"EMG-GL", "EMG-GR", "EMG-HL", "EMG-HR", "EMG-EL", "EMG-ER"}
            for device, data in found.values():
                assert data.service_uuids == [profile.SERVICE]
                battery = world.sensors[device.name].read(profile.BATTERY_LEVEL)
                assert data.service_data[profile.SERVICE][:2] == b"\x01" + battery
            other = await BleakScanner.discover(0.2, service_uuids=[profile.BATTERY_SERVICE], **world.scanner_kwargs)
            assert other == []

    run(main)


def test_connect_read_start_receive_disconnect_and_again(script):
    async def main():
        async with open_world(script, sensors=["EMG-GL"], speed=4.0) as world:
            host = Host(world, await find(world))
            for _ in range(2):
                for values in host.values.values():
                    values.clear()
                await host.connect()
                assert host.client.mtu_size == 247
                description = await host.client.read_gatt_char(profile.DESCRIPTION)
                assert bytes(description) == world.sensors["EMG-GL"].read(profile.DESCRIPTION)
                assert bytes(await host.client.read_gatt_char("2a29")) == b"emgmon"
                assert (await host.client.read_gatt_char("2a19"))[0] > 50
                assert (await host.command(START_BOTH))[:3] == bytes.fromhex("80 03 01")
                await asyncio.sleep(0.3)
                for uuid, size in ((profile.EMG_DATA, 25), (profile.IMU_DATA, 5)):
                    headers = host.headers(uuid)
                    assert len(headers) * size > {25: 900, 5: 90}[size]
                    assert [h[2] for h in headers] == list(range(len(headers)))
                    assert [h[3] for h in headers] == list(range(0, len(headers) * size, size))
                assert host.values[profile.STATUS]
                assert (await host.command(bytes.fromhex("04 03"))) == bytes.fromhex("80 04 01")
                await host.client.disconnect()
                assert host.lost.is_set()
                assert not host.client.is_connected

    run(main)


def test_services_and_properties_are_those_of_the_profile(script):
    async def main():
        async with (
            open_world(script, sensors=["EMG-ER"]) as world,
            BleakClient(await find(world, "EMG-ER"), **world.client_kwargs) as client,
        ):
            for entry in profile.GATT_TABLE:
                characteristic = client.services.get_characteristic(entry.uuid)
                assert characteristic.service_uuid == entry.service
                assert sorted(characteristic.properties) == sorted(entry.properties)

    run(main)


def test_errors_are_bleaks(script):
    async def main():
        async with open_world(script, sensors=["EMG-GL"]) as world:
            device = await find(world)
            client = BleakClient(device, **world.client_kwargs)
            with pytest.raises(BleakError):
                await client.read_gatt_char(profile.STATUS)
            await client.connect()
            with pytest.raises(BleakGATTProtocolError) as refused:
                await client.write_gatt_char(profile.CONTROL, START_BOTH, response=True)
            assert refused.value.code == 0xFD  # nobody listens for the answer
            with pytest.raises(BleakError, match="already"):
                await client._backend.connect()
            await client.disconnect()
            nobody = BleakClient("D0:00:00:00:00:77", timeout=0.2, **world.client_kwargs)
            with pytest.raises(TimeoutError):
                await nobody.connect()
            await client.connect()  # the attempt that timed out does not block the next
            await client.disconnect()
        with pytest.raises(BleakBluetoothNotAvailableError):
            await BleakClient(device, **world.client_kwargs).connect()
        with pytest.raises(BleakBluetoothNotAvailableError):
            await BleakScanner.discover(0.1, **world.scanner_kwargs)

    run(main)


def test_a_cancelled_connection_attempt_does_not_block_the_next(script):
    async def main():
        async with open_world(script, sensors=["EMG-GL"]) as world:
            device = await find(world)
            nobody = BleakClient("D0:00:00:00:00:77", timeout=5.0, **world.client_kwargs)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(nobody.connect(), 0.1)
            async with BleakClient(device, timeout=2.0, **world.client_kwargs) as client:
                assert client.is_connected

    run(main)


@pytest.mark.slow
def test_an_outage_is_noticed_and_the_sensor_comes_back(script):
    async def main():
        faults = Faults(outages=(Window("EMG-GL", 1.0, 2.0),))
        async with open_world(script, sensors=["EMG-GL"], speed=4.0, faults=faults) as world:
            host = Host(world, await find(world))
            await host.connect()
            await host.command(START_BOTH)
            world.begin()
            await asyncio.wait_for(host.lost.wait(), 1.0)
            assert (world.clock_ns() - world.host_ns_of(1.5)) * 1e-9 == pytest.approx(0.0, abs=0.3)
            pending = [t for t, _ in host.values[profile.EMG_DATA] if t > world.host_ns_of(1.1)]
            assert pending == []
            assert await find(world, within_s=0.1) is None
            host.values[profile.EMG_DATA].clear()
            await host.connect()
            assert world.clock_ns() > world.host_ns_of(3.0)
            await host.command(START_BOTH)
            await asyncio.sleep(0.1)
            assert host.headers()[0][2:4] == (0, 0)
            await host.client.disconnect()

    run(main)


def test_a_request_that_is_pending_when_the_link_goes_fails_as_disconnected(script):
    async def main():
        faults = Faults(outages=(Window("EMG-GL", 0.1),))
        async with open_world(script, sensors=["EMG-GL"], speed=4.0, faults=faults) as world:
            host = Host(world, await find(world))
            await host.connect()
            world.begin()
            await asyncio.sleep(0.05)
            with pytest.raises(BleakError, match="disconnected"):
                await host.client.read_gatt_char(profile.STATUS)

    run(main)


def test_losses_duplicates_and_wrong_bits_reach_the_host(script):
    async def main():
        faults = Faults(loss_share=0.2, duplicate_share=0.2)
        async with open_world(script, sensors=["EMG-GL"], speed=4.0, faults=faults) as world:
            host = Host(world, await find(world))
            await host.connect()
            await host.command(bytes.fromhex("02 01 0C 01 0A"))
            await host.command(START_BOTH)
            await asyncio.sleep(0.6)
            sequence = np.array([h[2] for h in host.headers()])
            step = np.diff(sequence)
            assert set(step[step < 1]) == {0}
            assert (step > 1).any()
            assert 0.05 < 1 - np.unique(sequence).size / (sequence[-1] + 1) < 0.4

    run(main)


@pytest.mark.slow
def test_six_sensors_keep_up_at_four_times_the_speed(script):
    async def main():
        async with open_world(script, speed=4.0) as world:
            hosts = []
            devices = await BleakScanner.discover(0.15, **world.scanner_kwargs)
            assert len(devices) == 6
            for device in devices:
                host = Host(world, device)
                await host.connect()
                await host.command(bytes.fromhex("02 01 0C 01 64"))
                await host.command(bytes.fromhex("02 02 0C 01 0F"))
                await host.command(START_BOTH)
                hosts.append(host)
            world.begin()
            await asyncio.sleep(0.7)
            for host in hosts:
                headers = host.headers()
                assert [h[2] for h in headers] == list(range(len(headers)))
                arrived_ns = host.values[profile.EMG_DATA][-1][0]
                assert (world.clock_ns() - arrived_ns) * 1e-9 < 0.5
                start_ns, _ = host.values[profile.EMG_DATA][0]
                span_s = (arrived_ns - start_ns) * 1e-9
                assert (headers[-1][3] - headers[0][3]) / 1000.0 == pytest.approx(span_s, abs=0.3)

    run(main)


@pytest.mark.slow
def test_cues_come_when_their_time_has_come(script):
    async def main():
        async with open_world(script, sensors=["EMG-GL"], speed=40.0) as world:
            with pytest.raises(RuntimeError, match="not begun"):
                world.host_ns_of(0.0)
            started_s = time.monotonic()
            world.begin()
            cues = []
            async for cue in world.cues():
                assert world.clock_ns() > world.host_ns_of(cue.t_s) - 1_000_000
                cues.append(cue)
            assert tuple(cues) == script.cues
            assert 0.0 < time.monotonic() - started_s - script.duration_s / 40.0 < 1.0
            with pytest.raises(RuntimeError, match="already"):
                world.begin()

    run(main)


def test_clock_starts_at_the_computers_and_runs_at_the_worlds_speed(script):
    async def main():
        before_ns = time.monotonic_ns()
        async with open_world(script, sensors=["EMG-GL"], speed=10.0) as world:
            first_ns, real_ns = world.clock_ns(), time.monotonic_ns()
            assert first_ns >= before_ns
            await asyncio.sleep(0.05)
            elapsed_ns = world.clock_ns() - first_ns
            assert elapsed_ns == pytest.approx(10 * (time.monotonic_ns() - real_ns), rel=0.05)

    run(main)


def test_power_off_disconnects_and_ends_advertising(script):
    async def main():
        async with open_world(script, sensors=["EMG-GL"]) as world:
            host = Host(world, await find(world))
            await host.connect()
            assert await host.command(b"\x0a") == bytes.fromhex("80 0A 01")
            await asyncio.wait_for(host.lost.wait(), 1.0)
            assert await find(world, within_s=0.3) is None

    run(main)


@pytest.mark.parametrize("moment", ["scanning", "connecting", "streaming", "cues"])
def test_cancellation_in_any_state_shuts_down_cleanly(script, moment):
    async def work(reached):
        async with open_world(script, sensors=["EMG-GL", "EMG-GR"]) as world:
            if moment == "scanning":
                reached.set()
                await BleakScanner.discover(9.0, **world.scanner_kwargs)
            if moment == "connecting":
                reached.set()
                await BleakClient("D0:00:00:00:00:77", timeout=9.0, **world.client_kwargs).connect()
            host = Host(world, await find(world))
            await host.connect()
            await host.command(START_BOTH)
            world.begin()
            reached.set()
            if moment == "cues":
                async for _ in world.cues():
                    pass
            await asyncio.sleep(9.0)

    async def main():
        reached = asyncio.Event()
        task = asyncio.create_task(work(reached))
        await reached.wait()
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main)


def test_the_world_may_close_under_connected_clients(script):
    async def main():
        async with open_world(script, sensors=["EMG-GL"]) as world:
            host = Host(world, await find(world))
            await host.connect()
            await host.command(START_BOTH)
        assert host.lost.is_set()
        assert not host.client.is_connected
        await host.client.disconnect()

    run(main)
