"""The first stage of a live session: which sensors are on the air, and which of them are wanted."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emgmon.devices.base import StreamSettings
from emgmon.errors import BluetoothUnavailable, DeviceNotFound
from emgmon.exercise.catalogue import Exercise
from emgmon.runner.board import SCANNING, Board, Heard
from emgmon.runner.doing import Timings
from emgmon.runner.placing import Places
from emgmon.sources.ble import Found, Radio, named, scan
from emgmon.sources.together import scan_both

TICK_S = 0.05
AGAIN_S = 2.0
"""Pause until Bluetooth is tried again."""

NOTHING = "No sensor that emgmon knows is heard. Switch it on, hold it near, and see that no phone holds it."


@dataclass(frozen=True, slots=True)
class Plan:
    """What an attended session needs to know before it begins.

    Attributes
    ----------
    radio : Radio
    header : mapping
        Data of the session's first mark.
    catalogue : mapping of str to Exercise
    exercise : str
        Chosen at first.
    reps : int or None
        Asked for in each set instead of the exercise's own number.
    places : mapping of str to tuple of Placement or None
        Where sensors sit, by name.
    memory : Path or None
        File in which placements are remembered.
    by_itself : bool
        Connect all that is heard and begin to record, as there is nobody to ask.
    streams : tuple of str or None
        Names of the streams of Lab Streaming Layer that may be used beside sensors: all when there are none; with None
        nobody looks for streams.
    scan_s, wait_s : float
        Length of one scan; how long to wait at most until sensors stream.
    """

    radio: Radio
    header: Mapping[str, Any]
    catalogue: Mapping[str, Exercise]
    exercise: str
    reps: int | None = None
    places: Mapping[str, Places] = field(default_factory=dict)
    memory: Path | None = None
    by_itself: bool = False
    streams: tuple[str, ...] | None = None
    scan_s: float = 6.0
    wait_s: float = 20.0
    stream: StreamSettings = field(default_factory=StreamSettings)
    timings: Timings = field(default_factory=Timings)


class Listening:
    """Scans until the person says connect, or once when there is nobody to ask.

    Parameters
    ----------
    plan : Plan
    board : Board
    commands : callable
        Takes the commands that wait.
    """

    def __init__(self, plan: Plan, board: Board, commands: Callable[[], list[tuple[str, str]]]) -> None:
        self.plan, self.board = plan, board
        self._commands = commands
        self._heard: dict[str, Found] = {}

    async def run(self, stop: threading.Event) -> list[Found] | None:
        """Return the sensors that are wanted; None when the person leaves instead.

        Raises
        ------
        BluetoothUnavailable, DeviceNotFound
            When there is nobody to ask; else the board says so and it goes on listening.
        """
        self.board.show(stage=SCANNING, heard=(), channels=(), doubles=(), motion=(), findings=(), tested=False)
        scanning: asyncio.Task[list[Found]] | None = None
        try:
            while not stop.is_set():
                scanning = scanning or asyncio.create_task(self._scan())
                await asyncio.wait([scanning], timeout=TICK_S)
                if scanning.done():
                    self._heard |= {item.address: item for item in scanning.result()}
                    scanning = None
                    self._show()
                    if self.plan.by_itself:
                        return self._wanted("")
                for word, text in self._commands():
                    if word == "connect" and self._heard:
                        return self._wanted(text)
                    if word == "finish":
                        return None
        finally:
            if scanning is not None:
                scanning.cancel()
                await asyncio.gather(scanning, return_exceptions=True)
        return None

    async def _scan(self) -> list[Found]:
        try:
            found = await self._found()
        except BluetoothUnavailable as error:
            if self.plan.by_itself:
                raise
            self.board.show(problem=str(error))
            await asyncio.sleep(AGAIN_S)
            return []
        known = [item for item in found if item.driver is not None]
        self.board.show(problem="" if known or self._heard else NOTHING)
        return known

    async def _found(self) -> list[Found]:
        """Listen once."""
        plan = self.plan
        if plan.streams is None:
            return await scan(plan.radio, plan.scan_s)
        found = await scan_both(plan.radio, plan.scan_s, plan.streams)
        missing = set(plan.streams) - {item.name for item in found}
        if missing and plan.by_itself:
            raise DeviceNotFound(f"{', '.join(sorted(missing))}: no such stream was heard ('emgmon lsl list').")
        return found

    def _show(self) -> None:
        known = named(self._heard.values())
        rows = tuple(Heard(name, f.driver.title, f.rssi_dbm) for name, f in known.items() if f.driver is not None)
        self.board.show(heard=rows)

    def _wanted(self, names: str) -> list[Found]:
        """Return the sensors of these names, parted by tabs; all when there are none."""
        known: Mapping[str, Found] = named(self._heard.values())
        if not known:
            raise DeviceNotFound(NOTHING)
        chosen = [name for name in names.split("\t") if name in known] or list(known)
        able = frozenset(name for name in chosen if (driver := known[name].driver) and driver.identify)
        self.board.show(wanted=tuple(chosen), can_identify=able)
        return [known[name] for name in chosen]
