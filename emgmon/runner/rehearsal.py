"""Before a recording: sensors stream, are shown and placed, and nothing is kept but how each of them began.

What a sensor said between its connection and the end of its start-up is needed to understand it later; the recording
begins with that, as `Rehearsal.opening`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emgmon.model import Entry, Mark, Packet, Stream
from emgmon.pipeline import Pipeline
from emgmon.runner import Sink
from emgmon.runner.loops import load_beside
from emgmon.runner.placing import Places, mark_of
from emgmon.runner.tapping import Tapping


class Rehearsal:
    """Takes entries as a session does, and can begin anew when a sensor is placed elsewhere.

    Parameters
    ----------
    sink : callable
        Takes the events.
    places : mapping of str to tuple of Placement or None
        Where sensors sit, by name, as far as it is known before.

    Attributes
    ----------
    places : dict
        The same, with all that was said since.
    failure : Exception or None
        Why an entry could not be taken.
    tapped : str
        Name of the sensor that was tapped twice last; empty before.
    taps : int
        How often that happened.
    """

    def __init__(self, sink: Sink, places: Mapping[str, Places]) -> None:
        self.places = dict(places)
        self.failure: Exception | None = None
        self.tapped, self.taps = "", 0
        self._tapping = Tapping()
        self._sink = sink
        load_beside()
        self._pipeline = Pipeline()
        self._openings: dict[str, list[Entry]] = {}
        self._opening: set[str] = set()
        self._streams: dict[tuple[str, str], Stream] = {}
        self._applied: list[dict[str, Any]] = []

    @property
    def streams(self) -> list[Stream]:
        """Streams so far, each where it is said to be."""
        return list(self._streams.values())

    def take(self, entry: Entry) -> None:
        """Take one entry; called from the radio's callbacks, which must not raise."""
        self._keep(entry)
        try:
            if tapped := self._tapping.take(entry):
                self.tapped, self.taps = tapped, self.taps + 1
            events = self._pipeline.feed(entry)
            if events:
                self._sink(events)
        except Exception as error:  # noqa: BLE001 - handed to whoever looks at `failure`
            self.failure = error

    def _keep(self, entry: Entry) -> None:
        if isinstance(entry, Packet):
            if entry.device in self._opening:
                self._openings[entry.device].append(entry)
            return
        name = str(entry.data.get("device", ""))
        if entry.kind == "device":
            self._openings[name] = [entry]
        elif entry.kind == "connected":
            self._openings[name] = [self._openings[name][0], entry]
            self._opening.add(name)
        elif entry.kind in {"started", "lost"}:
            self._openings[name].append(entry)
            self._opening.discard(name)

    def learn(self) -> bool:
        """Look which streams came since the last time; true when one of them belongs elsewhere than it says."""
        for stream in self._pipeline.streams:
            self._streams[stream.device, stream.quantity] = stream
        return self.marks() != self._applied

    def marks(self) -> list[dict[str, Any]]:
        """Return the data of a ``placement`` mark for each sensor that streams and was placed."""
        found = (mark_of(name, row, self.streams) for name, row in self.places.items())
        return [data for data in found if data is not None]

    def begin_anew(self) -> None:
        """Forget all signal, and place every sensor as was said."""
        self._applied = self.marks()
        self._pipeline = Pipeline()
        for entry in self.opening():
            self._sink(self._pipeline.feed(entry))

    def opening(self) -> Iterator[Entry]:
        """Yield the placements, then how each sensor began, in the order of time."""
        began = sorted((e for entries in self._openings.values() for e in entries), key=lambda entry: entry.host_ns)
        for data in self.marks():
            yield Mark(began[0].host_ns, "placement", data)
        yield from began
