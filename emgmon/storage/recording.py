"""Reads recordings back: all that was written before a tear, and what lies after damage in the middle.

The layout is described in ``docs/recording-format.md``; `emgmon.storage.recorder` writes it.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

from emgmon.errors import RecordingError
from emgmon.model import Entry, Mark, Packet
from emgmon.storage import container
from emgmon.storage.container import FORMAT, LIBRARY, MAGIC, OP_CHANNEL, OP_MESSAGE, Chunk, header
from emgmon.storage.copies import SEQUENCE_RANGE
from emgmon.storage.textform import from_text, to_text

__all__ = ["PART_SUFFIX", "SUFFIX", "Recording", "from_text", "read_recording", "to_text"]

SUFFIX = ".mcap"
PART_SUFFIX = ".part.mcap"
MARK_TOPIC = "mark"
MARK_CHANNEL = 1
CHANNEL_TABLE, KEPT = "channels", "kept"
"""Marks of the container itself, never handed out: names of all channels, and entries that no damage may take."""

KEPT_WITHIN = 400
"""Entries that damage took are looked for in the copies that stand in this many chunks after it."""

_MESSAGE = struct.Struct("<BQHIQ8x")
_PREFIX = container.RECORD.size
_LENGTH = struct.Struct("<I")
TEXTS_BEFORE_PAIRS = 2
Channels = dict[int, tuple[str, str]]


class _Parsed(NamedTuple):
    """What is in a chunk; `nameless` packets are on channels that `Channels` lacks."""

    entries: list[Entry]
    first: int | None
    last: int
    nameless: int


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

    def __iter__(self) -> Iterator[Entry]:
        return self.entries()

    def entries(self, start_ns: int | None = None, stop_ns: int | None = None) -> Iterator[Entry]:
        """Yield the entries with ``start_ns <= host_ns < stop_ns``, without reading chunks that have none of them.

        What an analysis needs to know from before `start_ns` (which sensors there are, references) is not among them.
        """
        self.damage = []
        try:
            with self.path.open("rb") as stream:
                size = max(stream.seek(0, 2), 1)
                whole = start_ns is None and stop_ns is None
                chunks = container.walk(stream, self.damage) if whole else self._window(stream, start_ns, stop_ns)
                for chunk, entries in self._in_order(stream, chunks, expected=0 if whole else None):
                    self.read_share = chunk.next_at / size
                    if whole:
                        yield from entries
                    else:
                        yield from (e for e in entries if _within(e.host_ns, start_ns, stop_ns))
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

    def _window(self, stream: IO[bytes], start_ns: int | None, stop_ns: int | None) -> Iterator[Chunk]:
        """Chunks that may hold a stretch of time.

        The times of a chunk's header are in no checksum. So where the index is not right, the neighbours of a chunk
        are read too, and every chunk whose times do not rise: one wrong time then hides nothing.
        """
        places, unsure_at = container.places(stream)
        wanted = {
            number
            for number, place in enumerate(places)
            if _within(place.end_ns, start_ns, None) and _within(place.start_ns, None, stop_ns)
        }
        if unsure_at is not None:
            wanted |= {near for number in wanted for near in (number - 1, number + 1) if 0 <= near < len(places)}
            newest_ns = 0
            for number, place in enumerate(places):
                if not newest_ns <= place.start_ns <= place.end_ns:
                    wanted |= {max(number - 1, 0), number}
                newest_ns = place.end_ns
            wanted.add(len(places) - 1)
        for number in sorted(wanted & set(range(len(places)))):
            chunk = container.chunk_at(stream, places[number].at, self.damage)
            if chunk is None:
                self.damage.append(f"damage at byte {places[number].at}")
            else:
                yield chunk
        if unsure_at is not None:
            yield from container.walk(stream, self.damage, max(unsure_at, len(header())))

    def _in_order(
        self, stream: IO[bytes], chunks: Iterable[Chunk], expected: int | None
    ) -> Iterator[tuple[Chunk, list[Entry]]]:
        """Entries of each chunk, with what is missing before it found in copies, and without what comes twice."""
        channels: Channels = {}
        learnt = False
        gapless = expected is not None
        for chunk in chunks:
            parsed = _parse(chunk.content, channels)
            if parsed.nameless and not learnt:
                parsed = self._parse_anew(stream, chunk, channels)
                learnt = parsed.nameless > 0
            if parsed.nameless:
                self.damage.append(f"{parsed.nameless} packets from byte {chunk.at} on have lost their sensor's name")
            if parsed.first is None:
                continue
            entries = parsed.entries
            if any(not chunk.start_ns <= entry.host_ns <= chunk.end_ns for entry in (*entries[:1], *entries[-1:])):
                self.damage.append(f"the chunk at byte {chunk.at} has other times than its header says; they were read")
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

    def _parse_anew(self, stream: IO[bytes], chunk: Chunk, channels: Channels) -> _Parsed:
        """Parse a chunk once more when its channels are known: from the index, or else from the other chunks."""
        index = container.summary(stream, stream.seek(0, 2))
        for content in (index,) if index is not None else (other.content for other in container.walk(stream, [])):
            known = len(channels)
            _parse(content, channels)
            if len(channels) > known and not (parsed := _parse(chunk.content, channels)).nameless:
                return parsed
        return _parse(chunk.content, channels)

    def _from_copies(self, at: int, first: int, count: int) -> list[Entry]:
        """Entries with sequence numbers from `first` on that stand as copies in the chunks from byte `at` on."""
        with self.path.open("rb") as stream:
            for number, chunk in enumerate(container.walk(stream, [], at)):
                copies = _copies(chunk.content)
                if copies is not None:
                    lines = [line for n, line in copies if (n - first) % SEQUENCE_RANGE < count]
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


def _version(stream: IO[bytes], start: bytes) -> int | None:
    """Format of a file whose first bytes are not the usual ones; a chunk that can be read is believed first."""
    at = container.find_chunk(stream, 0, 4 << 20)
    chunk = None if at is None else container.chunk_at(stream, at, [])
    if chunk is not None:
        for opcode, begin, end in container.records(chunk.content):
            if opcode == OP_CHANNEL and chunk.content[begin : begin + 2] == b"\x01\x00":
                claimed = _metadata(chunk.content[begin:end]).get("format", str(FORMAT))
                return int(claimed) if claimed.isdecimal() else None
    _, found, rest = start.partition(LIBRARY.encode() + b"/")
    digits = rest[: len(rest) - len(rest.lstrip(b"0123456789"))]
    return int(digits) if start.startswith(MAGIC) and found and digits else None


def _copies(content: bytes) -> list[tuple[int, str]] | None:
    """Sequence number and text form of the entries that a chunk repeats; None when it repeats none."""
    if f'"{KEPT}"'.encode() not in content:
        return None
    for opcode, start, end in container.records(content):
        if opcode == OP_MESSAGE and content[start : start + 2] == b"\x01\x00":
            mark = _mark(0, content[start + _MESSAGE.size - _PREFIX : end])
            if mark is not None and mark.kind == KEPT:
                return [(int(number), str(line)) for number, line in mark.data.get("entries", ())]
    return None


def _within(host_ns: int, start_ns: int | None, stop_ns: int | None) -> bool:
    return (start_ns is None or host_ns >= start_ns) and (stop_ns is None or host_ns < stop_ns)


def _parse(content: bytes, channels: Channels) -> _Parsed:
    """Entries of a chunk; adds the channels that it names."""
    entries: list[Entry] = []
    append, unpack, size = entries.append, _MESSAGE.unpack_from, _MESSAGE.size
    sequence, first = -1, None
    nameless = at = 0
    end, content = len(content), content + bytes(size)
    while at < end:
        opcode, length, channel, number, host_ns = unpack(content, at)
        start = at + size
        at += _PREFIX + length
        if opcode == OP_MESSAGE:
            sequence = number
            if first is None:
                first = number
            if channel in channels:
                device, port = channels[channel]
                append(Packet(device, port, host_ns, content[start:at]))
            elif channel != MARK_CHANNEL:
                nameless += 1
            elif (mark := _mark(host_ns, content[start:at])) is None or mark.kind == KEPT:
                continue
            elif mark.kind == CHANNEL_TABLE:
                channels.update({int(n): (str(k[0]), str(k[1])) for n, k in mark.data.items() if n.isdecimal()})
            else:
                append(mark)
        elif opcode == OP_CHANNEL:
            said = _metadata(content[start - size + _PREFIX : at])
            if "device" in said and "port" in said:
                channels[channel] = (said["device"], said["port"])
    return _Parsed(entries, first, sequence, nameless)


def _mark(host_ns: int, payload: bytes) -> Mark | None:
    try:
        said = json.loads(payload)
        return Mark(host_ns, str(said["kind"]), dict(said["data"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _metadata(record: bytes) -> dict[str, str]:
    """Pairs at the end of a Channel record: number and schema (u16 each), topic, encoding, size of the pairs, pairs."""
    texts: list[str] = []
    at = 4
    while at + 4 <= len(record):
        (length,) = _LENGTH.unpack_from(record, at)
        at += 4
        if len(texts) == TEXTS_BEFORE_PAIRS:
            length = 0
        texts.append(record[at : at + length].decode("utf-8", "replace"))
        at += length
    return dict(zip(texts[3::2], texts[4::2], strict=False))
