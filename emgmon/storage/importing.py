"""Other people's files, turned into entries like those of a sensor.

A map (TOML) says what the file does not: which channel is which muscle and side, in what unit, and which exercise it
was. What neither says is asked for or marked unknown, never invented. The samples go into packets of the driver
``imported`` and are analysed like any other.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from emgmon import __version__
from emgmon.devices import imported
from emgmon.errors import ImportFailed
from emgmon.exercise.catalogue import packaged
from emgmon.model import Entry, Mark, Packet
from emgmon.storage.foreign import Foreign, ForeignMark, read_foreign
from emgmon.storage.foreign.base import Index, Options
from emgmon.storage.foreign.maps import ImportMap, SetMap, read_map
from emgmon.storage.foreign.matching import names_of, wanted
from emgmon.storage.foreign.taking import Wanted

__all__ = ["ImportMap", "import_file", "read_map"]

BLOCK_S = 0.1
HOST_START_NS = 1_000_000_000
NEAR_S = 60.0


def import_file(path: Path, mapping: ImportMap | None) -> tuple[Iterator[Entry], list[str]]:
    """Read a foreign file.

    Parameters
    ----------
    path : path
        Of any kind in `emgmon.storage.foreign.READERS`.
    mapping : ImportMap or None
        None only tells, in the error, what the file has.

    Returns
    -------
    entries : iterator of Entry
        A whole session with the sets of the map, or one set.
    told : list of str
        One line for each thing the user should know: channels left out, missing samples, a rate that differs.

    Raises
    ------
    ImportFailed
        When the file cannot be read, or map and file do not fit.
    """
    foreign = read_foreign(path, mapping.options if mapping else Options())
    if mapping is None:
        raise ImportFailed(
            f"{path}: say with --map which column is which muscle (--guess proposes it);"
            f" columns are {', '.join(names_of(foreign))}"
        )
    return import_foreign(path, foreign, mapping)


def import_foreign(path: Path, foreign: Foreign, mapping: ImportMap) -> tuple[Iterator[Entry], list[str]]:
    """Do what `import_file` does with a file that was read already."""
    streams, told = wanted(path, foreign, mapping)
    session = _Session(path, tuple(streams), foreign.marks, mapping)
    if outside := sum(not session.holds(note) for note in foreign.marks):
        told.append(f"{outside} marks of the file lie far outside its samples and are left out")
    for one in mapping.sets:
        if not session.start_s <= one.start_s < one.stop_s <= session.stop_s + 1.0:
            raise ImportFailed(
                f"{mapping.where}: the set from {one.start_s:g} to {one.stop_s:g} s lies outside the file,"
                f" which has {session.start_s:g} to {session.stop_s:g} s"
            )
    return session.entries(), [*foreign.told, *told]


@dataclass(frozen=True, slots=True)
class _Session:
    """What becomes a recording. Host times are as if each block arrived when its last sample was taken."""

    path: Path
    streams: tuple[Wanted, ...]
    notes: tuple[ForeignMark, ...]
    mapping: ImportMap
    start_s: float = field(init=False)
    stop_s: float = field(init=False)

    def __post_init__(self) -> None:
        ends = [one.start_s + (int(one.index[-1]) + 1) / one.fs_hz for one in self.streams]
        starts = [one.start_s + int(one.index[0]) / one.fs_hz for one in self.streams]
        object.__setattr__(self, "start_s", min(starts))
        object.__setattr__(self, "stop_s", max(ends))

    def entries(self) -> Iterator[Entry]:
        """Yield header, packets and marks in the order of host time."""
        yield from self._header()
        devices = dict.fromkeys(one.device for one in self.streams)
        packets = [
            self._packets(device, port, one)
            for device in devices
            for port, one in enumerate(one for one in self.streams if one.device == device)
        ]
        yield from heapq.merge(self._marks(), *packets, key=lambda entry: entry.host_ns)

    def holds(self, note: ForeignMark) -> bool:
        """Whether a mark lies within the samples, or near them."""
        return self.start_s - NEAR_S <= note.time_s <= self.stop_s + NEAR_S

    def host_ns(self, time_s: float) -> int:
        """Host time of a moment on the file's clock, not before the first sample."""
        return HOST_START_NS + max(0, round((time_s - self.start_s) * 1e9))

    def _header(self) -> Iterator[Entry]:
        begin_ns = HOST_START_NS
        header = {
            "program": f"emgmon {__version__}",
            "source": self.mapping.source or f"imported from {self.path.name}",
            "started_utc": self.mapping.started_utc,
            "simulated": False,
            "file_start_s": self.start_s,
        }
        yield Mark(begin_ns, "session", header)
        for name in dict.fromkeys(one.exercise for one in self._sets()):
            yield Mark(begin_ns, "exercise", packaged()[name].table())
        for device in dict.fromkeys(one.device for one in self.streams):
            yield Mark(begin_ns, "device", {"device": device, "driver": imported.DRIVER.name})
            yield Mark(begin_ns, "connected", {"device": device})
            streams = [one.description() for one in self.streams if one.device == device]
            yield Packet(device, imported.DESCRIPTION, begin_ns, imported.description_payload(streams))

    def _sets(self) -> Sequence[SetMap]:
        return self.mapping.sets or (SetMap(self.mapping.exercise, self.start_s, self.stop_s),)

    def _marks(self) -> Iterator[Entry]:
        marks = [
            Mark(self.host_ns(note.time_s), "note", {"text": note.text}) for note in self.notes if self.holds(note)
        ]
        for one in self._sets():
            marks.append(Mark(self.host_ns(one.start_s), "set_start", {"exercise": one.exercise}))
            marks.append(Mark(self.host_ns(one.stop_s), "set_stop", {}))
        order = {"set_stop": 0, "set_start": 1}
        yield from sorted(marks, key=lambda mark: (mark.host_ns, order.get(mark.kind, 2)))

    def _packets(self, device: str, port: int, one: Wanted) -> Iterator[Entry]:
        offset_s = one.start_s - self.start_s
        for start, stop in _blocks(one.index, max(1, min(round(BLOCK_S * one.fs_hz), 65_535))):
            first, last = int(one.index[start]), int(one.index[stop - 1])
            payload = imported.data_payload(first, offset_s + first / one.fs_hz, one.block(start, stop))
            yield Packet(device, str(port), self.host_ns(one.start_s + last / one.fs_hz), payload)


def _blocks(index: Index, longest: int) -> Iterator[tuple[int, int]]:
    """Yield runs of rows without a hole, at most `longest` rows long."""
    holes = (np.flatnonzero(np.diff(index) != 1) + 1).tolist()
    for start, stop in zip([0, *holes], [*holes, len(index)], strict=True):
        for at in range(start, stop, longest):
            yield at, min(at + longest, stop)
