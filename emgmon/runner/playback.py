"""Reads a recording through the live analysis in a thread of its own, for whoever shows it; can be cancelled."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from emgmon.errors import EmgmonError
from emgmon.model import Array, Entry, Event, Frame, Mark, SessionSummary
from emgmon.pipeline import Pipeline
from emgmon.runner import SWITCH_S
from emgmon.runner.loops import load_beside
from emgmon.runner.playback_raw import spreads
from emgmon.storage.recording import Recording, read_recording

Sink = Callable[[Sequence[Event]], None]

JOIN_S = 5.0
"""An entry takes milliseconds: a thread that has not ended by then hangs in the file system, and is left behind."""


class Reading:
    """One recording on its way through one pipeline.

    Parameters
    ----------
    path : Path
    sink : callable
        Is given the events, in the thread that reads.

    Attributes
    ----------
    recording : Recording
    summary : SessionSummary or None
        What the session gave, as far as it was read; None until the thread has ended.
    cancelled : bool
        The person asked to stop; what was read until then stays.
    header : mapping
        What the recording says of its session; empty before that was read.
    raw : (array, dict of str to array)
        Times and spread of each channel as from `spreads`, where nothing bears a muscle's name; else empty.
    error : str
        Why the reading ended early, one sentence; empty when it did not.

    Raises
    ------
    RecordingError
        When the file is no recording.
    """

    def __init__(self, path: Path, sink: Sink) -> None:
        self.recording: Recording = read_recording(path)
        self.summary: SessionSummary | None = None
        self.cancelled = False
        self.header: Mapping[str, Any] = {}
        self.raw: tuple[Array, dict[str, Array]] = (np.zeros(0), {})
        self.error = ""
        self._sink, self._stop = sink, threading.Event()
        self._thread = threading.Thread(target=self._run, name="emgmon-reading", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether there is more to come."""
        return self._thread.is_alive()

    @property
    def share(self) -> float:
        """How much of the file has been read, 0 to 1."""
        return self.recording.read_share

    def cancel(self) -> None:
        """Stop reading, and keep what is there; returns at once."""
        self.cancelled = self.running
        self._stop.set()

    def close(self) -> None:
        """Stop reading and wait for the thread."""
        self.cancel()
        if self._thread.ident is not None:
            self._thread.join(JOIN_S)

    def damage(self) -> str:
        """Say in one line what of the file could not be read; empty when it is whole."""
        places = self.recording.damage
        if not places:
            return ""
        more = f", and {len(places) - 1} more places" if len(places) > 1 else ""
        return f"Not whole: {places[0]}{more}. Everything else is here."

    def _run(self) -> None:
        """Read to the end; the interpreter changes threads more often meanwhile, so that the window stays quick."""
        load_beside()
        pipeline = Pipeline()
        named = False
        usual_s = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_S)
        try:
            for entry in self._entries():
                if isinstance(entry, Mark) and entry.kind == "session":
                    self.header = entry.data
                if events := pipeline.feed(entry):
                    named = named or any(isinstance(event, Frame) for event in events)
                    self._sink(events)
            if not named:
                self.raw = spreads(self._entries())
        except EmgmonError as error:
            self.error = str(error)
        finally:
            sys.setswitchinterval(usual_s)
            self._sink(pipeline.close())
            self.summary = pipeline.summary()

    def _entries(self) -> Iterator[Entry]:
        for entry in self.recording:
            if self._stop.is_set():
                return
            yield entry
