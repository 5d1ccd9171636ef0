"""A live session that a person conducts: listen, connect, place, then record what they do until they finish."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from emgmon.errors import DeviceError, EmgmonError, PlacementError
from emgmon.model import (
    MUSCLE_QUANTITIES,
    DeviceChanged,
    Entry,
    Event,
    Mark,
    Notice,
    Placement,
    RepClosed,
    SetOpened,
    Stream,
)
from emgmon.pipeline import Pipeline
from emgmon.runner import Sink
from emgmon.runner.board import CONNECTING, OVER, PLACING, RECORDING, Board, Channel
from emgmon.runner.conduct import Conductor, Said
from emgmon.runner.listening import TICK_S, Listening, Plan
from emgmon.runner.live import Taking, head
from emgmon.runner.placing import doubles, main_stream, parse_places, unplaced, write_places
from emgmon.runner.rehearsal import Rehearsal
from emgmon.sources.ble import Found
from emgmon.sources.supervisor import BleSource

FIRST_SIGNAL_S = 5.0
"""So long a session that begins by itself waits for the first samples of sensors that were started."""

Record = Callable[[Entry], None]


class Attended:
    """One session; `run` is its whole life.

    Parameters
    ----------
    plan : Plan
    board : Board
        Shows what goes on, and brings the person's commands.
    sink : callable
        Takes the events.
    open_recording : callable
        Gives, when the recording begins, a context that hands out what takes entries.
    anew : callable
        Called when events told so far are void, because a sensor was placed elsewhere.

    Attributes
    ----------
    pipeline : Pipeline or None
        Of the recorded session; None before.
    """

    def __init__(
        self,
        plan: Plan,
        board: Board,
        sink: Sink,
        open_recording: Callable[[], AbstractContextManager[Record]],
        anew: Callable[[], None] = lambda: None,
    ) -> None:
        self.plan, self.board = plan, board
        self.pipeline: Pipeline | None = None
        self.conductor = Conductor(plan.catalogue, plan.exercise, plan.reps, plan.timings)
        self._sink, self._open_recording, self._anew = sink, open_recording, anew
        self._rehearsal = Rehearsal(self._tell, plan.places)
        self._take: Callable[[Entry], None] = self._rehearsal.take
        self._source = BleSource(plan.radio, plan.stream, self._pass_on)
        self._epoch_ns = plan.radio.clock_ns()
        self._tasks: set[asyncio.Task[None]] = set()
        self._obeyed = self._reps = 0

    async def run(self, stop: threading.Event) -> None:
        """Go through all stages; returns early when `stop` is set or the person finishes.

        Raises
        ------
        BluetoothUnavailable, DeviceError, PlacementError
            When it begins by itself and cannot. With somebody to ask, the board says so and it tries again.
        RecordingError
            When the recording cannot be written.
        """
        self.board.show(exercise=self.conductor.exercise.id)
        try:
            found: list[Found] | None = None
            while not stop.is_set():
                listening = Listening(self.plan, self.board, self._commands)
                found = found or await listening.run(stop)
                if found is None:
                    return
                try:
                    await self._connected(found, stop)
                except DeviceError as error:
                    self._trouble(error)
                    found = None
                else:
                    return
        finally:
            self.board.show(stage=OVER)

    # --- connecting and placing -----------------------------------------------------------------------------------

    async def _connected(self, found: list[Found], stop: threading.Event) -> None:
        self.board.show(stage=CONNECTING, problem="")
        self._rehearsal = Rehearsal(self._tell, self._rehearsal.places)
        self._take = self._rehearsal.take
        self._source = BleSource(self.plan.radio, self.plan.stream, self._pass_on)
        self._epoch_ns = self.plan.radio.clock_ns()
        async with contextlib.AsyncExitStack() as stack:
            entering = asyncio.create_task(
                stack.enter_async_context(self._source.streaming(found, wait_s=self.plan.wait_s))
            )
            try:
                while not entering.done() and not stop.is_set():
                    await asyncio.wait([entering], timeout=TICK_S)
                    self._look()
            finally:
                if not entering.done():
                    entering.cancel()
                    await asyncio.gather(entering, return_exceptions=True)
            if stop.is_set():
                return
            ready = entering.result()
            self.board.show(stage=PLACING)
            self._notice(f"{len(ready)} of {len(found)} sensors stream.")
            if await self._placed(ready, stop):
                with self._open_recording() as record:
                    await self._recorded(record, stop)

    async def _placed(self, ready: Sequence[str], stop: threading.Event) -> bool:
        """Show the sensors until the person goes on; false when they leave instead."""
        waited_s = 0.0
        while not stop.is_set():
            await asyncio.sleep(TICK_S)
            waited_s += TICK_S
            self._look()
            if self.plan.by_itself and (waited_s > FIRST_SIGNAL_S or set(ready) <= set(self.board.view.streaming)):
                return self._may_go_on()
            for word, text in self._commands():
                if word == "finish":
                    return False
                if word == "go" and self._may_go_on():
                    return True
                if word == "place":
                    self._place(text)
                elif word == "identify":
                    self._identify(text)
        return False

    def _place(self, text: str) -> None:
        """Take ``NAME=muscle/side,…``; a channel alone is not named."""
        name, _, places = text.rpartition("=")
        try:
            self._rehearsal.places[name] = parse_places(places, name)
        except PlacementError as error:
            self._trouble(error)
        self._look()

    def _look(self) -> None:
        """See what streams now, and place it."""
        rehearsal = self._rehearsal
        if rehearsal.failure is not None:
            raise rehearsal.failure
        if rehearsal.learn():
            self._anew()
            rehearsal.begin_anew()
        shown = self._said(rehearsal)
        rows = tuple(
            Channel(stream.device, stream.quantity, number, place)
            for stream in shown
            for number, place in enumerate(stream.placements)
        )
        claimed = tuple(f"{' and '.join(names)} both claim {place.title}." for place, names in doubles(shown).items())
        self.board.show(channels=rows, doubles=claimed)

    def _said(self, rehearsal: Rehearsal) -> list[Stream]:
        """Return the stream that speaks for each sensor, where the person says it is."""
        names = dict.fromkeys(stream.device for stream in rehearsal.streams)
        mains = [main for name in names if (main := main_stream(rehearsal.streams, name)) is not None]
        shown = []
        for main in mains:
            row = rehearsal.places.get(main.device)
            placed = main.placements if row is None else (*row, *[None] * len(main.placements))[: len(main.placements)]
            shown.append(Stream(main.device, main.quantity, main.unit, main.fs_hz, placed))
        return shown

    def _may_go_on(self) -> bool:
        """See whether a recording can begin; say why not, and what is left out."""
        view, shown = self.board.view, self._said(self._rehearsal)
        if view.doubles:
            self._trouble(PlacementError(f"{' '.join(view.doubles)} Place one of them elsewhere."))
            return False
        if not any(p for s in shown if s.quantity in MUSCLE_QUANTITIES for p in s.placements):
            names = ", ".join(dict.fromkeys(stream.device for stream in shown)) or "no sensor"
            self._trouble(
                PlacementError(
                    f"No muscle is assigned to {names}: choose one on the Sensors page, "
                    "or use --place NAME=gluteus_maximus/left."
                )
            )
            return False
        idle, silent = unplaced(shown), sorted(set(view.wanted) - set(view.streaming))
        parts = [f"{', '.join(idle)} without a place"] if idle else []
        parts += [f"{', '.join(silent)} not streaming"] if silent else []
        if parts:
            self._notice(f"Going on with {len(view.placed)} of {len(view.wanted)} sensors: {'; '.join(parts)}.")
        self.board.show(problem="")
        self._remember(shown)
        return True

    def _remember(self, shown: Sequence[Stream]) -> None:
        if self.plan.memory is None:
            return
        try:
            write_places(self.plan.memory, {s.device: s.placements for s in shown if any(s.placements)})
        except PlacementError as error:
            self._notice(str(error))

    # --- recording ------------------------------------------------------------------------------------------------

    async def _recorded(self, record: Record, stop: threading.Event) -> None:
        opening = list(self._rehearsal.opening())
        taking = Taking(record, self._tell)
        self.pipeline = taking.pipeline
        self._anew()
        self._epoch_ns = opening[0].host_ns
        ago_s = (self.plan.radio.clock_ns() - self._epoch_ns) * 1e-9
        taking.take(Mark(self._epoch_ns, "session", head(self.plan.header, ago_s)))
        for entry in opening:
            taking.take(entry)
        self._take = taking.take
        self.board.show(stage=RECORDING)
        async for kind, data in self._conducted(stop):
            taking.take(Mark(self.plan.radio.clock_ns(), kind, data))
            taking.check()
        taking.check()
        self._take = _nothing  # what still comes while sensors are told farewell is not part of the session
        self._tell(taking.pipeline.close())

    async def _conducted(self, stop: threading.Event) -> AsyncIterator[tuple[str, Mapping[str, Any]]]:
        """Yield the marks that the person's words and the passing of time bring, until they finish."""
        finished = False
        while not finished and not stop.is_set():
            await asyncio.sleep(TICK_S / 2)
            now_s = self._now_s()
            for mark in self.conductor.pass_time(now_s):
                yield mark
            for word, text in self._commands():
                if word == "finish":
                    finished = True
                    break
                for mark in self._obeyed_word(word, text, now_s):
                    yield mark
            self._show_conduct(now_s)
        for mark in self.conductor.finish(self._now_s()):
            yield mark

    def _obeyed_word(self, word: str, text: str, now_s: float) -> Said:
        if word == "identify":
            self._identify(text)
            return []
        if word in {"connect", "go", "place"}:
            self._notice("Sensors are placed before the recording begins: finish this session first.")
            return []
        marks = self.conductor.obey(now_s, word, text, self._worn())
        if any(kind == "baseline_start" for kind, _data in marks):
            self.board.show(rested=True)
        return marks

    def _worn(self) -> list[Placement]:
        muscles = (channel for channel in self.board.view.channels if channel.quantity in MUSCLE_QUANTITIES)
        return [channel.placement for channel in muscles if channel.placement is not None]

    def _show_conduct(self, now_s: float) -> None:
        conductor = self.conductor
        for text in conductor.said:
            self._notice(text)
        conductor.said.clear()
        self.board.show(
            doing=conductor.doing,
            now_s=now_s,
            exercise=conductor.exercise.id,
            kind=conductor.kind,
            pain=conductor.pain,
            tries=dict(conductor.tries),
            reps=self._reps,
            obeyed=self._obeyed,
        )

    # --- both ways ------------------------------------------------------------------------------------------------

    def _commands(self) -> list[tuple[str, str]]:
        """Take all commands that wait."""
        commands = []
        while (command := self.board.told()) is not None:
            commands.append(command)
        self._obeyed += len(commands)
        self.board.show(obeyed=self._obeyed)
        return commands

    def _identify(self, name: str) -> None:
        async def ask() -> None:
            try:
                await self._source.identify(name)
            except EmgmonError as error:
                self._notice(str(error))

        task = asyncio.create_task(ask())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _pass_on(self, entry: Entry) -> None:
        """Hand an entry to whoever takes them at this stage."""
        self._take(entry)

    def _trouble(self, error: EmgmonError) -> None:
        """Say why it does not go on; an error where there is nobody to ask."""
        if self.plan.by_itself:
            raise error
        self.board.show(problem=str(error))

    def _notice(self, text: str) -> None:
        self._tell([Notice(self._now_s(), text)])

    def _now_s(self) -> float:
        return (self.plan.radio.clock_ns() - self._epoch_ns) * 1e-9

    def _tell(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, SetOpened):
                self._reps = 0
            elif isinstance(event, RepClosed):
                self._reps += 1
            elif isinstance(event, DeviceChanged) and event.battery_percent is not None:
                self.board.show(batteries={**self.board.view.batteries, event.device: event.battery_percent})
        self._sink(events)


def _nothing(_entry: Entry) -> None:
    """Take an entry of no session."""
