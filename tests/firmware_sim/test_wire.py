"""The virtual air over TCP: another adapter plugs in, hears the sensors, and leaves."""

import asyncio
import socket

import pytest
from bleak import BleakClient, BleakScanner

from firmware_sim import bridges, open_world
from firmware_sim.sensors import npg_lite, umyo
from firmware_sim.wire import LOOPBACK, remote_radio

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def script():
    return bridges(1, seed=4)


def run(main):
    """Run a test's coroutine; nothing may be left running behind it."""

    async def whole():
        await main()
        await asyncio.sleep(0.05)
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert asyncio.run(whole()) == set()


async def found(radio, name, within_s=4.0):
    return await BleakScanner.find_device_by_name(name, timeout=within_s, backend=radio.scanner_class)


async def heard(radio, name, start, port, wanted):
    """Connect, start, and wait for some values of a characteristic."""
    values, enough = [], asyncio.Event()

    def take(_characteristic, value):
        values.append(bytes(value))
        if len(values) >= wanted:
            enough.set()

    async with BleakClient(await found(radio, name), timeout=4.0, backend=radio.client_class) as client:
        await client.start_notify(port, take)
        if start:
            await client.write_gatt_char(npg_lite.CONTROL, start, response=True)
        await asyncio.wait_for(enough.wait(), 5.0)
    return values


def test_another_process_plugs_in_and_hears_what_is_worn(script):
    async def main():
        async with (
            open_world(script, kit="mixed", listen=(LOOPBACK, 0)) as world,
            remote_radio(port=world.port) as radio,
        ):
            values = await heard(radio, "NPG-Lite-3CH:4C:33", b"START", npg_lite.DATA, 3)
            assert {len(value) for value in values} == {70}
            values = await heard(radio, "uMyo-1A", b"", umyo.TELEMETRY, 8)
            assert {len(value) for value in values} == {26, 52}

    run(main)


def test_two_hosts_at_once(script):
    async def main():
        async with (
            open_world(script, kit="npg", listen=(LOOPBACK, 0)) as world,
            remote_radio(port=world.port) as one,
            remote_radio(port=world.port) as two,
        ):
            first, second = await asyncio.gather(
                heard(one, "NPG-Lite-3CH:4C:11", b"START", npg_lite.DATA, 3),
                heard(two, "NPG-Lite-3CH:4C:22", b"START", npg_lite.DATA, 3),
            )
            assert len(first) >= 3
            assert len(second) >= 3

    run(main)


def test_a_host_that_is_gone_frees_its_sensors(script):
    async def main():
        async with open_world(script, kit="npg", listen=(LOOPBACK, 0)) as world:
            async with remote_radio(port=world.port) as radio:
                client = BleakClient(await found(radio, "NPG-Lite-3CH:4C:11"), backend=radio.client_class)
                await client.connect()
                await client.write_gatt_char(npg_lite.CONTROL, b"START", response=True)
                assert world.sensors["NPG-Lite-3CH:4C:11"].next_due_s() is not None
                radio.device.host.hci_sink.transport.abort()  # as when the process is killed
                await asyncio.sleep(0.1)
            assert world.sensors["NPG-Lite-3CH:4C:11"].next_due_s() is None
            async with remote_radio(port=world.port) as radio:
                assert await found(radio, "NPG-Lite-3CH:4C:11") is not None

    run(main)


def test_a_sensor_on_an_adapter_that_is_not_ours(script):
    """The way of a real adapter: here another world's controller stands in for it."""

    async def main():
        async with open_world(script, kit="npg", listen=(LOOPBACK, 0)) as other:
            adapter = f"tcp-client:{LOOPBACK}:{other.port}"
            async with (
                open_world(script, kit="umyo", sensors=["uMyo-3C"], adapter=adapter) as world,
                remote_radio(port=other.port) as radio,
            ):
                values = await heard(radio, "uMyo-3C", b"", umyo.TELEMETRY, 8)
                assert {len(value) for value in values} == {26, 52}
                assert list(world.sensors) == ["uMyo-3C"]

    run(main)


def test_what_makes_no_sense_is_refused(script):
    async def opened(**options):
        async with open_world(script, **options):
            pass

    with pytest.raises(ValueError, match="one sensor, not 6"):
        asyncio.run(opened(kit="umyo", adapter="usb:0"))
    with pytest.raises(OSError, match="no adapter 'toaster:9'"):
        asyncio.run(opened(kit="umyo", sensors=["uMyo-1A"], adapter="toaster:9"))


def test_what_is_no_hci_is_shown_the_door(script):
    async def main():
        async with open_world(script, kit="ganglion", listen=(LOOPBACK, 0)) as world:
            reader, writer = await asyncio.open_connection(LOOPBACK, world.port)
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            assert await asyncio.wait_for(reader.read(), 2.0) == b""
            writer.close()
            await writer.wait_closed()

    run(main)


def test_nothing_listens_unless_asked(script):
    async def main():
        async with open_world(script, kit="ganglion") as world:
            assert world.port is None
        with socket.socket() as free:
            free.bind((LOOPBACK, 0))
            port = free.getsockname()[1]
        with pytest.raises(OSError, match=r"[Cc]onnect"):
            async with remote_radio(port=port):
                pass

    run(main)
