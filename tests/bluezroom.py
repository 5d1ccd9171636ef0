"""A simulated room that the adapter of the machine of ``tests/system/bluez.sh`` hears."""

import asyncio
import contextlib
import os
import time

import pytest

import firmware_sim

HCI, SHELL = os.environ.get("EMGMON_BLUEZ_HCI", ""), os.environ.get("EMGMON_BLUEZ_SHELL", "")
LOOPBACK = "127.0.0.1"

NEEDED = pytest.mark.skipif(not HCI, reason="no machine with BlueZ: run tests/system/bluez.sh pytest -m bluez")
DIES = 'kill -9 $(pidof bluetoothd); sleep 1; echo 0123456789abcdef0123456789abcdef >"$line"'
"""The daemon is killed; what is no message makes the bus drop its connection, as it would by itself on one machine."""
LIVES = "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/bus /usr/libexec/bluetooth/bluetoothd -n >/dev/ttyS0 2>&1 &"


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
