"""Faults that only a radio shows: a sensor that refuses to start, the smallest MTU, an empty battery.

Each sensor has a virtual radio of its own; all of them run at once, in virtual time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import firmware_sim
from emgmon.devices.base import WRITTEN, StreamSettings
from emgmon.errors import DeviceError
from emgmon.model import Entry, Mark, Packet
from emgmon.pipeline import Pipeline
from emgmon.sources.ble import Radio, scan
from emgmon.sources.supervisor import BleSource
from emgmon.validation.faults import Cell, Count, Outcome, kinds
from firmware_sim.faults import SMALLEST_MTU, Faults
from firmware_sim.kits import OWN_KIT
from firmware_sim.virtualtime import run_virtually
from firmware_sim.world import World

SCAN_S, START_S, LISTEN_S, LOST_WITHIN_S = 10.0, 6.0, 2.0, 12.0
UNSENT = {"ganglion": 3}
"""Samples that a sensor itself leaves out within `LISTEN_S`: one at each turn of its counter."""

Scene = Callable[[World, list[Entry]], Coroutine[Any, Any, None]]


def over_radio(sensors: Sequence[str], told: Callable[[Cell], None]) -> list[Cell]:
    """Run the faults that need a radio on these kinds of sensors."""

    async def all_of(fault: str) -> list[Cell]:
        return await asyncio.gather(*(_cell(name, fault) for name in sensors))

    cells = [cell for fault in SCENES for cell in run_virtually(all_of(fault))]
    for cell in cells:
        told(cell)
    return cells


async def _listen(_world: World, _entries: list[Entry]) -> None:
    await asyncio.sleep(LISTEN_S)


async def _empty(world: World, entries: list[Entry]) -> None:
    """Let the battery run out while the sensor streams; kinds that do not watch it just stop."""
    await asyncio.sleep(LISTEN_S)
    for sensor in world.sensors.values():
        sensor.conditions.battery_percent = 0.0
        await asyncio.sleep(0.3)
        sensor.powered = False  # type: ignore[misc]
    for _ in range(round(LOST_WITHIN_S / 0.05)):
        if _texts(entries, "lost"):
            return
        await asyncio.sleep(0.05)


SCENES: dict[str, Scene] = {"refuses start": _listen, f"MTU {SMALLEST_MTU}": _listen, "battery flat": _empty}


async def _cell(name: str, fault: str) -> Cell:
    entries: list[Entry] = []
    try:
        await _play(name, fault, entries)
        pipeline = Pipeline()
        for entry in sorted(entries, key=lambda entry: entry.host_ns):
            pipeline.feed(entry)
        pipeline.close()
    except Exception as error:  # noqa: BLE001 - that nothing is raised is what is measured
        return Cell(name, fault, Outcome.MISSED, (), "", f"{type(error).__name__}: {error}")
    summary = pipeline.summary()
    counts = tuple({q.quantity: Count(q.quantity, 0, q.lost) for q in summary.channels}.values())
    return _judged(name, fault, entries, counts)


async def _play(name: str, fault: str, entries: list[Entry]) -> None:
    """Fill `entries` with what a session of one sensor under one fault brings."""
    kit, unit = kinds()[name]
    charging = fault == "refuses start" and unit.kind == OWN_KIT  # the others have no charger to refuse on
    faults = Faults(
        largest_mtu=SMALLEST_MTU if fault.startswith("MTU") else Faults().largest_mtu,
        refuses_writes=fault == "refuses start" and not charging,
    )
    script = firmware_sim.bridges(1, seed=1)
    async with firmware_sim.open_world(script, seed=1, kit=kit, sensors=[unit.name], faults=faults) as world:
        radio = Radio(world.clock_ns, world.client_kwargs, world.scanner_kwargs)
        world.sensors[unit.name].conditions.charging = charging
        entries += [Mark(world.clock_ns(), "placement", data) for data in world.placements]
        found = await scan(radio, SCAN_S, enough=1)
        source = BleSource(radio, StreamSettings(), entries.append)
        try:
            async with source.streaming(found, wait_s=START_S):
                await SCENES[fault](world, entries)
        except DeviceError:
            if not _texts(entries, "trouble"):
                raise


def _texts(entries: Sequence[Entry], kind: str) -> list[str]:
    return [str(e.data.get("text", "")) for e in entries if isinstance(e, Mark) and e.kind == kind]


def _judged(name: str, fault: str, entries: Sequence[Entry], counts: tuple[Count, ...]) -> Cell:
    """Either the user was told why there is nothing, or what came is whole."""
    trouble = _texts(entries, "trouble")
    said = [entry for entry in entries if isinstance(entry, Packet)]
    if fault == "battery flat":
        lost = bool(_texts(entries, "lost"))
        outcome = Outcome.KEPT if lost and counts else Outcome.MISSED
        return Cell(name, fault, outcome, (), "lost" if lost else "", "" if lost else "nobody was told")
    if fault == "refuses start" and not any(entry.port.startswith(WRITTEN) for entry in said):
        return Cell(name, fault, Outcome.IMPOSSIBLE, (), "it is never asked to start: it streams when listened to")
    if trouble:
        return Cell(name, fault, Outcome.KEPT, (), trouble[0])
    if fault == "refuses start" or not counts:
        return Cell(name, fault, Outcome.MISSED, counts, "", "nobody was told why nothing comes")
    whole = all(count.counted <= UNSENT.get(name, 0) for count in counts)
    return Cell(name, fault, Outcome.KEPT if whole else Outcome.MISSED, counts, "streams", "" if whole else "lost")
