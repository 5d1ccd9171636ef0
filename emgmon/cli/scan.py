"""``emgmon scan``: the sensors that can be heard."""

from __future__ import annotations

import argparse
import asyncio
import time

from emgmon.cli import DONE
from emgmon.cli.console import say
from emgmon.sources.ble import Found, Radio, scan


def run(options: argparse.Namespace) -> int:
    """Listen, then list."""
    say(f"Listening for {options.seconds:g} s …")
    found = asyncio.run(_listen(options))
    known = [item for item in found if item.driver is not None]
    for item in found if options.all else known:
        print(line(item))
    if not known:
        print("No sensor that emgmon knows was heard. Switch it on, hold it near, and see that no phone holds it.")
    return DONE


async def _listen(options: argparse.Namespace) -> list[Found]:
    """Listen on the system's Bluetooth, or on the virtual radio of another process."""
    if not options.radio:
        return await scan(radio_of(options.adapter), options.seconds)
    from emgmon.cli.simulate import plugged_in  # noqa: PLC0415 - the simulator loads only when needed

    async with plugged_in(options.radio) as radio:
        return await scan(radio, options.seconds)


def radio_of(adapter: str) -> Radio:
    """Return the system's Bluetooth, through one adapter of several where it is named (Linux)."""
    choice = {"bluez": {"adapter": adapter}} if adapter else {}
    return Radio(time.monotonic_ns, client_kwargs=choice, scanner_kwargs=choice)


def line(item: Found) -> str:
    """One line about one sensor."""
    kind = item.driver.title if item.driver else "unknown to emgmon"
    return f"{item.name or '(no name)':24} {item.rssi_dbm:4d} dBm  {item.address:38} {kind}"
