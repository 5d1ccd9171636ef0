"""``emgmon simulate``: be a sensor, for another process on this computer or for any Bluetooth host near it.

The other end of the virtual link is `plugged_in`: commands that take ``--radio tcp:HOST:PORT`` open it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import firmware_sim
from emgmon.cli import DONE
from emgmon.cli.console import say
from emgmon.errors import BluetoothUnavailable, DeviceNotFound
from emgmon.sources.ble import Radio
from firmware_sim import kits
from firmware_sim.world import World

LISTEN = "127.0.0.1:7300"
SCHEME = "tcp:"
SETTLED_S = 3.0
"""So long no further sensor must have been started until the person begins; host time."""


def run(options: argparse.Namespace) -> int:
    """Advertise; let the person begin when somebody listens; end with the script, or with Ctrl-C."""
    if "list" in {options.device, options.kit}:
        print(f"devices  {', '.join(kits.KINDS)}\nkits     {', '.join(kits.KITS)}")
        return DONE
    if not options.listen and not options.hci:
        raise BluetoothUnavailable("Say where to advertise: --listen for this computer, --hci NAME for a real adapter.")
    kit, sensors = options.kit, None
    if not kit:
        kit, name = _one_of(options.device)
        sensors = [name]
    asyncio.run(_simulate(options, kit, sensors))
    return DONE


def _one_of(kind: str) -> tuple[str, str]:
    """Kit and name of the first sensor of a kind."""
    for kit, units in kits.KITS.items():
        for unit in units:
            if unit.kind == kind:
                return kit, unit.name
    raise DeviceNotFound(f"There is no simulator of {kind!r}; there are {', '.join(kits.KINDS)}.")


async def _simulate(options: argparse.Namespace, kit: str, sensors: list[str] | None) -> None:
    script = firmware_sim.bridges(options.reps, seed=options.seed)
    listen = address_of(options.listen) if options.listen else None
    async with contextlib.AsyncExitStack() as stack:
        try:
            world = await stack.enter_async_context(
                firmware_sim.open_world(
                    script,
                    kit=kit,
                    seed=options.seed,
                    speed=options.speed,
                    sensors=sensors,
                    listen=listen,
                    adapter=options.hci,
                )
            )
        except (OSError, ValueError) as error:
            raise BluetoothUnavailable(f"Cannot advertise: {error}.") from error
        _introduce(world, listen, options.hci)
        await _heard(world)
        world.begin()
        while True:
            async for cue in world.cues():
                say(f"{cue.t_s:7.1f} s  {cue.kind}{' ' if cue.data else ''}{', '.join(map(str, cue.data.values()))}")
            if not options.loop:
                return
            say("once more")
            world.begin_again()


async def _heard(world: World) -> None:
    """Wait until sensors have been started, and no further one for a while."""
    say("The person lies still until somebody starts the sensors.")
    streaming, since_s = 0, time.monotonic()
    while not streaming or time.monotonic() - since_s < SETTLED_S:
        await asyncio.sleep(0.1)
        now = sum(sensor.next_due_s() is not None for sensor in world.sensors.values())
        if now != streaming:
            streaming, since_s = now, time.monotonic()


def _introduce(world: World, listen: tuple[str, int] | None, adapter: str | None) -> None:
    """Say who is there, and how to reach them."""
    say("Simulated; no person wears these sensors.")
    for name, sensor in world.sensors.items():
        say(f"  {name}  ({sensor.driver})")
    for placement in world.placements:
        for quantity, places in placement["channels"].items():
            if quantity in {"emg", "imu"}:
                say(f"  {placement['device']}  {quantity}: {', '.join(place or '-' for place in places)}")
    if listen:
        say(f"In another terminal: emgmon scan --radio {SCHEME}{listen[0]}:{world.port}")
    if adapter:
        say(f"On the air through {adapter}.")


def address_of(text: str) -> tuple[str, int]:
    """Read ``HOST:PORT``, with or without the scheme in front.

    Raises
    ------
    BluetoothUnavailable
        When it is no such address.
    """
    host, _, port = text.removeprefix(SCHEME).rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise BluetoothUnavailable(f"{text!r} is no address; it should look like {SCHEME}{LISTEN}.")
    return host, int(port)


@contextlib.asynccontextmanager
async def plugged_in(address: str) -> AsyncIterator[Radio]:
    """Open the radio that ``emgmon simulate --listen`` offers at ``tcp:HOST:PORT``.

    Raises
    ------
    BluetoothUnavailable
        When nobody listens there.
    """
    from firmware_sim.wire import remote_radio  # noqa: PLC0415 - Bumble loads only when needed

    host, port = address_of(address)
    async with contextlib.AsyncExitStack() as stack:
        try:
            radio = await stack.enter_async_context(remote_radio(host, port))
        except OSError as error:
            raise BluetoothUnavailable(
                f"Nobody listens at {host}:{port}; start 'emgmon simulate --device umyo --listen {host}:{port}' first."
            ) from error
        yield Radio(time.monotonic_ns, {"backend": radio.client_class}, {"backend": radio.scanner_class})
