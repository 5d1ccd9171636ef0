"""A live session: scan, connect, record, understand, show."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from emgmon import __version__
from emgmon.devices.base import StreamSettings
from emgmon.exercise.catalogue import Exercise
from emgmon.model import Entry, Mark, Notice
from emgmon.pipeline import Pipeline
from emgmon.runner import Sink
from emgmon.runner.loops import load_beside
from emgmon.sources.ble import Radio, scan
from emgmon.sources.supervisor import BleSource

T = TypeVar("T")
Person = Callable[[], AsyncIterator[tuple[str, Mapping[str, Any]]]]


@dataclass(frozen=True, slots=True)
class Session:
    """What a live session needs to know before it begins.

    Attributes
    ----------
    radio : Radio
    exercise : Exercise
    header : mapping
        Data of the session's first mark: where it comes from, whether it is simulated.
    sensors : int
        How many to wait for while scanning.
    stream : StreamSettings
    scan_s : float
        How long to scan at most.
    placements : sequence of mapping
        Data of a ``placement`` mark for each sensor that does not know itself where it sits.
    """

    radio: Radio
    exercise: Exercise
    header: Mapping[str, Any]
    sensors: int
    stream: StreamSettings
    scan_s: float = 10.0
    placements: Sequence[Mapping[str, Any]] = ()


class Taking:
    """Takes entries: each is recorded, then understood, then shown.

    Parameters
    ----------
    record : callable
        Takes each entry before the pipeline does.
    sink : callable
        Takes the events.
    """

    def __init__(self, record: Callable[[Entry], None], sink: Sink) -> None:
        load_beside()
        self.pipeline = Pipeline()
        self._record, self._sink = record, sink
        self._failure: Exception | None = None

    def take(self, entry: Entry) -> None:
        """Take one entry; called from the radio's callbacks, which must not raise."""
        if self._failure is not None:
            return
        try:
            self._record(entry)
            events = self.pipeline.feed(entry)
            if events:
                self._sink(events)
        except Exception as error:  # noqa: BLE001 - handed to whoever calls `check`
            self._failure = error

    def check(self) -> None:
        """Raise what an entry raised that could not be taken."""
        if self._failure is not None:
            raise self._failure


class Live:
    """A session from the air that runs by itself: everything is recorded, then understood, then shown.

    Parameters
    ----------
    session : Session
    record : callable
        Takes each entry before the pipeline does.
    sink : callable
        Takes the events.
    """

    def __init__(self, session: Session, record: Callable[[Entry], None], sink: Sink) -> None:
        self.session, self._sink = session, sink
        self._taking = Taking(record, sink)
        self.pipeline = self._taking.pipeline

    async def run(self, person: Person, stop: threading.Event) -> None:
        """Scan, connect, and go on until what `person` does is over or `stop` is set.

        Parameters
        ----------
        person : callable
            Called once the sensors stream; yields the kind and data of each mark when its time has come.
        stop : threading.Event

        Raises
        ------
        BluetoothUnavailable, DeviceNotFound, DeviceError
        RecordingError
            When the recording cannot be written any more.
        """
        session = self.session
        began_ns = self._mark("session", head(session.header))
        self._mark("exercise", session.exercise.table())
        found = await until(stop, scan(session.radio, session.scan_s, enough=session.sensors), self._taking.check)
        if found is None:
            return
        for placement in session.placements:
            self._mark("placement", placement)
        source = BleSource(session.radio, session.stream, self._taking.take)
        async with source.streaming(found, stop=stop) as ready:
            since_s = (session.radio.clock_ns() - began_ns) * 1e-9
            self._sink([Notice(since_s, f"{len(ready)} of {session.sensors} sensors stream.")])
            await until(stop, self._follow(person), self._taking.check)
        self._sink(self.pipeline.close())

    async def _follow(self, person: Person) -> None:
        async for kind, data in person():
            self._mark(kind, data)

    def _mark(self, kind: str, data: Mapping[str, Any]) -> int:
        """Mark this moment; returns it."""
        now_ns = self.session.radio.clock_ns()
        self._taking.take(Mark(now_ns, kind, data))
        return now_ns


async def until(stop: threading.Event, work: Coroutine[Any, Any, T], check: Callable[[], None]) -> T | None:
    """Wait for `work`, or cancel it when `stop` is set (None then) or `check` raises."""
    task = asyncio.ensure_future(work)
    try:
        while not task.done():
            await asyncio.wait([task], timeout=0.05)
            check()
            if stop.is_set():
                return None
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def head(header: Mapping[str, Any], ago_s: float = 0.0) -> dict[str, Any]:
    """Return the data of the first mark of a session that began `ago_s` before now."""
    began = datetime.now(UTC) - timedelta(seconds=ago_s)
    ahead = began.astimezone().utcoffset() or timedelta()
    return {
        "started_utc": began.isoformat(timespec="seconds"),
        "utc_offset_s": round(ahead.total_seconds()),
        "program": f"emgmon {__version__}",
        **header,
    }
