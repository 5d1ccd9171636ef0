"""Reads recordings back: all that was written before a tear, and what lies after damage in the middle.

The layout is described in ``docs/recording-format.md``; `emgmon.storage.recorder` writes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np

from emgmon.errors import RecordingError
from emgmon.model import Entry, Packet, PacketRun, Part
from emgmon.storage import container
from emgmon.storage.container import FORMAT, LIBRARY, MAGIC, OP_CHANNEL, Chunk, Effort, header
from emgmon.storage.copies import SEQUENCE_RANGE
from emgmon.storage.messages import MOST_DIGITS, Channels, Parsed, copies, metadata, parse, parse_many
from emgmon.storage.textform import from_text, to_text

__all__ = ["PART_SUFFIX", "SUFFIX", "Recording", "from_text", "read_recording", "to_text"]

SUFFIX = ".mcap"
PART_SUFFIX = ".part.mcap"
LOOKED_AT = 4 << 20
"""A recording whose first bytes are damaged is known by a chunk that begins within so many."""

KEPT_WITHIN = 400
"""Entries that damage took are looked for in the copies that stand in this many chunks after it."""

MAX_NS = (1 << 64) - 1
MOST_CHUNKS, MOST_BYTES = 16, 1 << 20
"""So many chunks are looked at at once: a few seconds. One is at least, however large."""


class Recording:
    """A recording on disk; iterating yields its entries in the order in which they arrived.

    Parameters
    ----------
    path : path

    Attributes
    ----------
    path : path
    damage : list of str
        After an iteration: one sentence for each place that could not be read; empty for a whole recording.
    read_share : float
        How much of the file the running iteration has read, 0 to 1.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damage: list[str] = []
        self.read_share = 0.0
        self._effort = Effort(0)
        self._names: Iterator[bytes] = iter(())

    def __iter__(self) -> Iterator[Entry]:
        return self.entries()

    def entries(self, start_ns: int | None = None, stop_ns: int | None = None) -> Iterator[Entry]:
        """Yield the entries with ``start_ns <= host_ns < stop_ns``, without reading chunks that have none of them.

        What an analysis needs to know from before `start_ns` (which sensors there are, references) is not among them.
        """
        for part in self._read(start_ns, stop_ns):
            if isinstance(part, PacketRun):
                yield from part if start_ns is None and stop_ns is None else _cut(part, start_ns, stop_ns)
            elif _within(part.host_ns, start_ns, stop_ns):
                yield part

    def runs(self) -> Iterator[Part]:
        """Yield what `entries` yields, most packets in columns of a few seconds: much quicker."""
        return self._read(None, None)

    def _read(self, start_ns: int | None, stop_ns: int | None) -> Iterator[Part]:
        """Yield all that is in the chunks that hold a stretch of time."""
        self.damage = []
        told: list[str] = []
        try:
            with self.path.open("rb") as stream:
                size = max(stream.seek(0, 2), 1)
                whole = start_ns is None and stop_ns is None
                self._effort, self._names = Effort(size), self._naming(stream)
                every = container.walk(stream, told, None, self._effort)
                chunks = every if whole else self._window(stream, start_ns, stop_ns, told)
                for chunk, parts in self._in_order(chunks, told, expected=0 if whole else None):
                    self.read_share = chunk.next_at / size
                    yield from parts
        except OSError as error:
            raise RecordingError(f"{self.path}: cannot be read: {error.strerror or error}") from error

    def span_ns(self) -> tuple[int, int]:
        """Host times of the first and the last entry, (0, 0) without any; reads only the index where it is right."""
        with self.path.open("rb") as stream:
            places, unsure_at = container.places(stream)
        if unsure_at is None and places:
            return min(place.start_ns for place in places), max(place.end_ns for place in places)
        first_ns = last_ns = None
        for entry in self:
            first_ns = entry.host_ns if first_ns is None else min(first_ns, entry.host_ns)
            last_ns = entry.host_ns if last_ns is None else max(last_ns, entry.host_ns)
        return first_ns or 0, last_ns or 0

    def _window(self, stream: IO[bytes], start_ns: int | None, stop_ns: int | None, told: list[str]) -> Iterator[Chunk]:
        """Chunks that may hold a stretch of time.

        The times of a chunk's header are in no checksum. So where the index is not right, the neighbours of a chunk
        are read too, and every chunk whose times do not rise: one wrong time then hides nothing.
        """
        sure = container.places_within(stream, start_ns or 0, MAX_NS if stop_ns is None else stop_ns)
        if sure is not None:
            yield from self._chunks_at(stream, sure, told)
            return
        places, unsure_at = container.places(stream)
        wanted = {
            number
            for number, place in enumerate(places)
            if _within(place.end_ns, start_ns, None) and _within(place.start_ns, None, stop_ns)
        }
        wanted |= {near for number in wanted for near in (number - 1, number + 1) if 0 <= near < len(places)}
        newest_ns = 0
        for number, place in enumerate(places):
            if not newest_ns <= place.start_ns <= place.end_ns:
                wanted |= {max(number - 1, 0), number}
            newest_ns = place.end_ns
        wanted.add(len(places) - 1)
        inside = sorted(wanted & set(range(len(places))))
        yield from self._chunks_at(stream, [places[number].at for number in inside], told)
        yield from container.walk(stream, told, max(unsure_at or 0, len(header())), self._effort)

    def _chunks_at(self, stream: IO[bytes], starts: Sequence[int], told: list[str]) -> Iterator[Chunk]:
        """Chunks that begin at these bytes; what cannot be read is told."""
        for at in starts:
            chunk = container.chunk_at(stream, at, told, self._effort)
            if chunk is None:
                told.append(f"damage at byte {at}")
            else:
                yield chunk

    def _in_order(
        self, chunks: Iterator[Chunk], told: list[str], expected: int | None
    ) -> Iterator[tuple[Chunk, Sequence[Part]]]:
        """Entries of the chunks, with what is missing before each found in copies, and without what comes twice.

        `told` is what the chunks' reader found damaged on the way to the next one.
        """
        channels: Channels = {}
        gapless, size = expected is not None, 1
        while group := _next_few(chunks, told, size):
            many = parse_many([chunk for chunk, _damage in group], channels)
            size = min(2 * size, MOST_CHUNKS) if many else 1
            if many and (many.first == expected or not gapless):
                self.damage += [place for _chunk, damage in group for place in damage]
                expected = (many.last + 1) % SEQUENCE_RANGE
                yield group[-1][0], many.parts
                continue
            for chunk, damage in group:
                self.damage += damage
                parsed = self._parsed(chunk, channels)
                entries = parsed.entries
                if parsed.first is None:
                    continue
                if gapless and expected is not None and parsed.first != expected:
                    missing = (parsed.first - expected) % SEQUENCE_RANGE
                    if missing > SEQUENCE_RANGE // 2:
                        self.damage.append(f"the chunk at byte {chunk.at} came before and was left out")
                        continue
                    found = self._from_copies(chunk.at, expected, missing)
                    entries = found + entries
                    saved = f"; {len(found)} of them were found in copies" if found else ""
                    self.damage.append(f"{missing} entries are missing before byte {chunk.at}{saved}")
                expected = (parsed.last + 1) % SEQUENCE_RANGE
                yield chunk, entries
        self.damage += told

    def _parsed(self, chunk: Chunk, channels: Channels) -> Parsed:
        """Parse one chunk, and tell what is wrong with it."""
        parsed = parse(chunk.content, channels, chunk.packed_size)
        while parsed.nameless and (names := next(self._names, None)) is not None:
            known = len(channels)
            parse(names, channels, len(names))
            if len(channels) > known:
                parsed = parse(chunk.content, channels, chunk.packed_size)
        if parsed.nameless:
            self.damage.append(f"{parsed.nameless} packets from byte {chunk.at} on have lost their sensor's name")
        if parsed.cut:
            self.damage.append(f"the chunk at byte {chunk.at} holds more entries than bytes; the rest was left out")
        ends = (*parsed.entries[:1], *parsed.entries[-1:])
        if any(not chunk.start_ns <= entry.host_ns <= chunk.end_ns for entry in ends):
            self.damage.append(f"the chunk at byte {chunk.at} has other times than its header says; they were read")
        return parsed

    def _naming(self, stream: IO[bytes]) -> Iterator[bytes]:
        """Yield what may name the channels of nameless packets: the index, or else the other chunks, each once."""
        index = container.summary(stream, stream.seek(0, 2))
        if index is not None:
            yield from (index[: container.chunks_from(index)], index)
        else:
            yield from (chunk.content for chunk in container.walk(stream, [], None, self._effort))

    def _from_copies(self, at: int, first: int, count: int) -> list[Entry]:
        """Entries with sequence numbers from `first` on that stand as copies in the chunks from byte `at` on."""
        with self.path.open("rb") as stream:
            for number, chunk in enumerate(container.walk(stream, [], at, self._effort)):
                kept = copies(chunk.content)
                if kept is not None:
                    lines = [line for n, line in kept if (n - first) % SEQUENCE_RANGE < count]
                    return list(from_text("\n".join(lines), str(self.path)))
                if number == KEPT_WITHIN:
                    break
        return []


def read_recording(path: str | Path) -> Recording:
    """Open a recording for reading.

    Parameters
    ----------
    path : path
        File written by emgmon, closed or not.

    Raises
    ------
    RecordingError
        When there is no such file, it cannot be read, it is no recording, or a newer emgmon wrote it.
    """
    path = Path(path)
    try:
        with path.open("rb") as stream:
            start = stream.read(len(MAGIC) + 64)
            version = FORMAT if start.startswith(header()) else _version(stream, start)
    except OSError as error:
        raise RecordingError(f"{path}: cannot be opened: {error.strerror or error}") from error
    if not start:
        raise RecordingError(f"{path}: the file is empty, nothing was recorded")
    if len(start) < len(header()) and header().startswith(start):
        raise RecordingError(f"{path}: the file is torn before the first entry, nothing was recorded")
    if version is None:
        raise RecordingError(f"{path}: not an emgmon recording; other people's files come in by 'emgmon import'")
    if version > FORMAT:
        raise RecordingError(f"{path}: written in format {version} by a newer emgmon; update emgmon to read it")
    return Recording(path)


def _next_few(chunks: Iterator[Chunk], told: list[str], most: int) -> list[tuple[Chunk, list[str]]]:
    """Take the next chunks, each with what was told on the way to it."""
    group: list[tuple[Chunk, list[str]]] = []
    size = 0
    while len(group) < most and size < MOST_BYTES and (chunk := next(chunks, None)) is not None:
        group.append((chunk, told.copy()))
        size += len(chunk.content)
        told.clear()
    return group


def _version(stream: IO[bytes], start: bytes) -> int | None:
    """Format of a file whose first bytes are not the usual ones; a chunk that can be read is believed first."""
    effort = Effort(LOOKED_AT)
    at = container.find_chunk(stream, 0, effort, LOOKED_AT)
    chunk = None if at is None else container.chunk_at(stream, at, [], effort)
    if chunk is not None:
        for opcode, begin, end in container.records(chunk.content):
            if opcode == OP_CHANNEL and chunk.content[begin : begin + 2] == b"\x01\x00":
                claimed = metadata(chunk.content[begin:end]).get("format", str(FORMAT))
                return int(claimed) if claimed.isdecimal() and len(claimed) <= MOST_DIGITS else None
    _, found, rest = start.partition(LIBRARY.encode() + b"/")
    digits = rest[: len(rest) - len(rest.lstrip(b"0123456789"))]
    return int(digits) if start.startswith(MAGIC) and found and digits else None


def _cut(run: PacketRun, start_ns: int | None, stop_ns: int | None) -> Iterator[Packet]:
    """Packets of a run that are within a stretch of time; they need not rise."""
    inside = np.ones(len(run), np.bool_)
    if start_ns is not None:
        inside &= run.host_ns >= start_ns
    if stop_ns is not None:
        inside &= run.host_ns < stop_ns
    where = np.flatnonzero(inside)
    if len(where) and where[-1] - where[0] == len(where) - 1:
        return iter(run.part(int(where[0]), int(where[-1]) + 1))
    return (run.packet(k) for k in where.tolist())


def _within(host_ns: int, start_ns: int | None, stop_ns: int | None) -> bool:
    return (start_ns is None or host_ns >= start_ns) and (stop_ns is None or host_ns < stop_ns)
