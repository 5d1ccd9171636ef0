"""A live session that a person conducts: listen, connect, place, then record what they do until they finish."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from emgmon.errors import DeviceError, EmgmonError
from emgmon.model import Entry, Event, Mark, Notice
from emgmon.pipeline import Pipeline
from emgmon.runner import Sink
from emgmon.runner.arranging import Arranging
from emgmon.runner.board import CONNECTING, OVER, PLACING, RECORDING, Board
from emgmon.runner.conduct import Conductor
from emgmon.runner.desk import Desk
from emgmon.runner.doing import Said
from emgmon.runner.joining import Joining
from emgmon.runner.listening import TICK_S, Listening, Plan
from emgmon.runner.live import Taking, head
from emgmon.runner.rehearsal import Rehearsal
from emgmon.sources.ble import Found
from emgmon.sources.together import Sources

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
        self._places = dict(plan.places)
        self._arranging: Arranging | None = None
        self._take: Callable[[Entry], None] = _nothing
        self._source = Sources(plan.radio, plan.stream, self._pass_on)
        self._epoch_ns = plan.radio.clock_ns()
        self._tasks: set[asyncio.Task[None]] = set()
        self._desk = Desk(board, self.conductor)
        self._obeyed = 0

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
                    again = await self._connected(found, stop)
                except DeviceError as error:
                    if self.plan.by_itself:
                        raise
                    self.board.show(problem=str(error))
                else:
                    if not again:
                        return
                found = None
        finally:
            self.board.show(stage=OVER)

    # --- connecting and placing -----------------------------------------------------------------------------------

    async def _connected(self, found: list[Found], stop: threading.Event) -> bool:
        """Go from the connection to the end of the session; true when the person wants to look for sensors anew."""
        self.board.show(stage=CONNECTING, problem="")
        rehearsal = Rehearsal(self._tell, self._places)
        self._arranging = Arranging(self.plan, self.board, rehearsal, self._anew, self._notice)
        self._places = rehearsal.places
        self._take = rehearsal.take
        self._source = Sources(self.plan.radio, self.plan.stream, self._pass_on)
        self._epoch_ns = self.plan.radio.clock_ns()
        async with contextlib.AsyncExitStack() as stack:
            view = self.board.view
            awaited = set(self.plan.places) - {row.name for row in view.heard} - set(view.wanted)
            entering = asyncio.create_task(
                stack.enter_async_context(self._source.streaming(found, wait_s=self.plan.wait_s, awaited=awaited))
            )
            try:
                while not entering.done() and not stop.is_set():
                    await asyncio.wait([entering], timeout=TICK_S)
                    self._arranging.look()
            finally:
                if not entering.done():
                    entering.cancel()
                    await asyncio.gather(entering, return_exceptions=True)
            if stop.is_set():
                return False
            ready = entering.result()
            self.board.show(stage=PLACING)
            self._notice(f"{len(ready)} of {len(found)} sensors stream.")
            ending = await self._placed(self._arranging, ready, stop)
            if ending == "go":
                with self._open_recording() as record:
                    await self._recorded(record, rehearsal, stop)
        return ending == "search"

    async def _placed(self, arranging: Arranging, ready: Sequence[str], stop: threading.Event) -> str:
        """Show the sensors until the person goes on, looks for others (``search``), or leaves (``finish``)."""
        waited_s = 0.0
        while not stop.is_set():
            await asyncio.sleep(TICK_S)
            waited_s += TICK_S
            arranging.look()
            if self.plan.by_itself and (waited_s > FIRST_SIGNAL_S or set(ready) <= set(self.board.view.streaming)):
                return "go" if arranging.may_go_on() else "finish"
            for word, text in self._commands():
                if word in {"finish", "search"} or (word == "go" and arranging.may_go_on()):
                    return word
                if word == "identify":
                    self._identify(text)
                else:
                    arranging.obey(word, text)
        return "finish"

    # --- recording ------------------------------------------------------------------------------------------------

    async def _recorded(self, record: Record, rehearsal: Rehearsal, stop: threading.Event) -> None:
        opening = list(rehearsal.opening())
        taking = Taking(record, self._tell)
        self._desk.begin()
        self.pipeline = taking.pipeline
        self._anew()
        self._epoch_ns = opening[0].host_ns
        ago_s = (self.plan.radio.clock_ns() - self._epoch_ns) * 1e-9
        taking.take(Mark(self._epoch_ns, "session", head(self.plan.header, ago_s)))
        for entry in opening:
            taking.take(entry)
        self._take = taking.take
        self.board.show(stage=RECORDING, now_s=self._now_s())
        async for kind, data in self._conducted(stop, taking.pipeline):
            taking.take(Mark(self.plan.radio.clock_ns(), kind, data))
            taking.check()
        taking.check()
        self._take = _nothing  # what still comes while sensors are told farewell is not part of the session
        self._tell(taking.pipeline.close())

    async def _conducted(
        self, stop: threading.Event, pipeline: Pipeline
    ) -> AsyncIterator[tuple[str, Mapping[str, Any]]]:
        """Yield the marks that the person's words and the passing of time bring, until they finish."""
        joining = Joining(self.board, self._places, self.plan.memory, self._notice)
        finished = False
        while not finished and not stop.is_set():
            await asyncio.sleep(TICK_S / 2)
            now_s = self._now_s()
            marks = [*self.conductor.pass_time(now_s)]
            for word, text in self._commands():
                if word == "finish":
                    finished = True
                    break
                marks += self._obeyed_word(word, text, now_s, joining)
            marks += [("placement", data) for data in joining.look(pipeline.streams)]
            for kind, data in marks:
                self._desk.marked(kind, now_s)
                yield kind, data
            self._show_conduct(now_s, pipeline)
        for mark in self.conductor.finish(self._now_s()):
            yield mark

    def _obeyed_word(self, word: str, text: str, now_s: float, joining: Joining) -> Said:
        if word == "identify":
            self._identify(text)
            return []
        if word == "place":
            joining.place(text)
            return []
        if word in {"connect", "go", "search", "test"}:
            self._notice("Sensors are chosen and tested before the recording begins: finish this session first.")
            return []
        return self.conductor.obey(now_s, word, text, self._desk.worn())

    def _show_conduct(self, now_s: float, pipeline: Pipeline) -> None:
        for text in self.conductor.said:
            self._notice(text)
        self.conductor.said.clear()
        self._desk.learn_noise(now_s, pipeline)
        self._desk.show(now_s)

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
        """Hand an entry to whoever takes them at this stage; a sensor that was switched on late is one of all."""
        if isinstance(entry, Mark) and entry.kind == "device":
            self.board.show(wanted=tuple(dict.fromkeys((*self.board.view.wanted, entry.data["device"]))))
        self._take(entry)

    def _notice(self, text: str) -> None:
        self._tell([Notice(self._now_s(), text)])

    def _now_s(self) -> float:
        return (self.plan.radio.clock_ns() - self._epoch_ns) * 1e-9

    def _tell(self, events: Sequence[Event]) -> None:
        for event in events:
            if self._arranging is not None and self.pipeline is None:
                self._arranging.hear(event)
            self._desk.hear(event)
        self._sink(events)


def _nothing(_entry: Entry) -> None:
    """Take an entry of no session."""
