"""What is in the chunks of a recording: channels, packets and marks; one record after the other, or many at once.

Many at once is a short cut for what a recorder writes in a whole file, and leaves everything else to the slow way.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgmon.model import Entry, Ints, Mark, Packet, PacketRun
from emgmon.storage import container
from emgmon.storage.container import OP_CHANNEL, OP_MESSAGE, Chunk

MARK_TOPIC = "mark"
MARK_CHANNEL = 1
CHANNEL_TABLE, KEPT = "channels", "kept"
"""Marks of the container itself, never handed out: names of all channels, and entries that no damage may take."""

MESSAGE = struct.Struct("<BQHIQ8x")
_PREFIX = container.RECORD.size
_LEAST = MESSAGE.size - _PREFIX
_LENGTH, _RECORD_LENGTH = struct.Struct("<I"), struct.Struct("<Q")
_HEAD = np.dtype(
    {
        "names": ["opcode", "length", "channel", "number", "host_ns"],
        "formats": ["u1", "<u8", "<u2", "<u4", "<u8"],
        "offsets": [0, 1, 9, 11, 15],
        "itemsize": MESSAGE.size,
    }
)
_KEPT_END = f'"kind": "{KEPT}"}}'.encode()
TEXTS_BEFORE_PAIRS = 2
MOST_DIGITS, MOST_CHANNELS = 5, 1 << 16
"""Of the number of a channel."""
MANY_ALIKE = 16
"""After so many messages of one size the next are looked at together."""

MOST_BYTES = 4 << 20
"""So much is looked at at once, at most."""

Channels = dict[int, tuple[str, str]]


class Parsed(NamedTuple):
    """What is in a chunk; `nameless` packets are on channels that `Channels` lacks, `cut` says that there is more."""

    entries: list[Entry]
    first: int | None
    last: int
    nameless: int
    cut: bool = False


class Columns(NamedTuple):
    """What is in chunks that follow each other: packets and marks, and numbers of the first and the last message."""

    parts: list[PacketRun | Mark]
    first: int
    last: int


def parse(content: bytes, channels: Channels, packed_size: int) -> Parsed:
    """Entries of a chunk that takes so many bytes in the file; adds the channels that it names.

    More records than bytes are not read: entries differ in number and time, so no honest chunk can be packed like that.
    """
    entries: list[Entry] = []
    append, unpack, size = entries.append, MESSAGE.unpack_from, MESSAGE.size
    sequence, first = -1, None
    nameless = at = seen = 0
    end, content = len(content), content + bytes(size)
    while at < end and seen < packed_size:
        seen += 1
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
            elif (mark := read_mark(host_ns, content[start:at])) is None or mark.kind == KEPT:
                continue
            elif mark.kind == CHANNEL_TABLE:
                channels.update(_table(mark))
            else:
                append(mark)
        elif opcode == OP_CHANNEL:
            said = metadata(content[start - size + _PREFIX : at])
            if "device" in said and "port" in said:
                channels[channel] = (said["device"], said["port"])
    return Parsed(entries, first, sequence, nameless, cut=at < end)


def _table(mark: Mark) -> Channels:
    said = {n: k for n, k in mark.data.items() if n.isdecimal() and len(n) <= MOST_DIGITS}
    pairs = {n: k for n, k in said.items() if isinstance(k, list) and len(k) == len(("device", "port"))}
    return {int(n): (str(device), str(port)) for n, (device, port) in pairs.items() if int(n) < MOST_CHANNELS}


def parse_many(chunks: Sequence[Chunk], channels: Channels) -> Columns | None:
    """Entries of chunks that follow each other, as columns: the same as `parse` gives one by one.

    None where it would not be quick or anything is not usual: a channel is named or nameless, numbers do not follow
    each other, times are other than a chunk's header says.
    """
    content = chunks[0].content if len(chunks) == 1 else b"".join([chunk.content for chunk in chunks])
    found = _messages(content) if len(content) <= MOST_BYTES else None
    if found is None or len(found[0]) > sum(chunk.packed_size for chunk in chunks):
        return None
    at, heads = found
    begins = np.cumsum([0, *(len(chunk.content) for chunk in chunks)])
    number, channel, times_ns = heads["number"], heads["channel"], heads["host_ns"]
    firsts = at.searchsorted(begins)
    whole = (at[np.minimum(firsts[:-1], len(at) - 1)] == begins[:-1]).all()
    if not whole or (np.diff(number) != 1).any() or times_ns.max() >> 63:
        return None
    sources = list(channels.values())
    lookup = np.full(max(int(channel.max()), *channels, 0) + 1, -1)
    lookup[list(channels)] = np.arange(len(sources))
    host_ns, source = times_ns.astype(np.int64), lookup[channel]
    start, stop = at + MESSAGE.size, at + _PREFIX + heads["length"].astype(np.int64)
    marks: dict[int, Mark] = {}
    for k in np.flatnonzero(source < 0).tolist():
        payload = content[start[k] : stop[k]]
        if channel[k] != MARK_CHANNEL:
            return None
        mark = None if payload.endswith(_KEPT_END) else read_mark(int(host_ns[k]), payload)
        if mark is None or mark.kind == KEPT:
            continue
        if mark.kind != CHANNEL_TABLE:
            marks[k] = mark
        elif not _table(mark).items() <= channels.items():
            return None
    if not _in_time(chunks, firsts, host_ns, source, marks):
        return None
    run = PacketRun(sources, source, host_ns, content, start, stop)
    return Columns(_parts(run, marks), int(number[0]), int(number[-1]))


def _messages(content: bytes) -> tuple[Ints, NDArray[np.void]] | None:
    """Where the messages begin of which a content consists from its first to its last byte, and their heads.

    None if it does not consist of messages. Of those that are all of one size, as the packets of one kind of sensor
    are, only the first are looked at one by one.
    """
    parts: list[Ints] = []
    starts: list[int] = []
    append, length_at = starts.append, _RECORD_LENGTH.unpack_from
    at, end = 0, len(content)
    size = alike = 0
    try:
        while at < end:
            append(at)
            before, size = size, _PREFIX + length_at(content, at + 1)[0]
            at += size
            alike = alike + 1 if size == before else 0
            if alike == MANY_ALIKE:
                n, alike = _alike(content, at, size), 0
                parts += [np.array(starts, np.int64), at + size * np.arange(n)]
                starts.clear()
                at += n * size
    except struct.error:
        return None
    found = np.concatenate([*parts, np.array(starts, np.int64)])
    if at != end or not len(found) or end - int(found[-1]) < MESSAGE.size:
        return None
    everywhere = np.ndarray((len(content) - MESSAGE.size + 1,), f"V{MESSAGE.size}", content, strides=(1,))
    heads = everywhere[found].view(_HEAD)
    whole = (heads["opcode"] == OP_MESSAGE).all() and (heads["length"] >= _LEAST).all()
    return (found, heads) if whole else None


def _alike(content: bytes, at: int, size: int) -> int:
    """Count the records from byte `at` on that are whole and of this size, as long as they follow each other."""
    n = (len(content) - at) // size
    lengths = np.ndarray((n,), "<u8", content, at + 1, (size,)) if n else np.empty(0, np.uint64)
    same = lengths == size - _PREFIX
    return n if same.all() else int(same.argmin())


def _in_time(
    chunks: Sequence[Chunk], firsts: NDArray[np.int64], host_ns: Ints, source: Ints, marks: dict[int, Mark]
) -> bool:
    """Whether the first and the last entry of each chunk have times that its header allows."""
    told = source >= 0
    told[list(marks)] = True
    index = np.flatnonzero(told)
    bounds = index.searchsorted(firsts).tolist()
    for chunk, first, stop in zip(chunks, bounds[:-1], bounds[1:], strict=True):
        ends = host_ns[index[[first, stop - 1]]].tolist() if stop > first else ()
        if not all(chunk.start_ns <= end_ns <= chunk.end_ns for end_ns in ends):
            return False
    return True


def _parts(whole: PacketRun, marks: dict[int, Mark]) -> list[PacketRun | Mark]:
    """Packets up to each mark, and the marks between them; without what is not handed out."""
    parts: list[PacketRun | Mark] = []
    at = 0
    for k in [*np.flatnonzero(whole.source < 0).tolist(), len(whole)]:
        if k > at:
            parts.append(whole.part(at, k))
        if k in marks:
            parts.append(marks[k])
        at = k + 1
    return parts


def read_mark(host_ns: int, payload: bytes) -> Mark | None:
    """Return the mark of a message; None where it is none."""
    try:
        said = json.loads(payload)
        return Mark(host_ns, str(said["kind"]), dict(said["data"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def copies(content: bytes) -> list[tuple[int, str]] | None:
    """Sequence number and text form of the entries that a chunk repeats; None when it repeats none."""
    if f'"{KEPT}"'.encode() not in content:
        return None
    for opcode, start, end in container.records(content):
        if opcode == OP_MESSAGE and content[start : start + 2] == b"\x01\x00":
            mark = read_mark(0, content[start + MESSAGE.size - _PREFIX : end])
            if mark is not None and mark.kind == KEPT:
                return _numbered(mark.data.get("entries"))
    return None


def _numbered(entries: object) -> list[tuple[int, str]]:
    """Return what is said to be kept, without what is no pair of number and text."""
    said = [tuple(pair) for pair in entries if isinstance(pair, list)] if isinstance(entries, list) else []
    return [pair for pair in said if [type(part) for part in pair] == [int, str]]


def metadata(record: bytes) -> dict[str, str]:
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
