"""The container of a recording: chunks with checksums, found again after any damage. Knows nothing of entries.

Only the checksum of a chunk's content is believed. What stands around it (record type, lengths, times, the index at
the end) helps to find chunks and is checked against them; ``docs/recording-format.md`` has the layout.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import IO, NamedTuple

import numpy as np
import zstandard
from numpy.typing import NDArray

FORMAT = 1
PROFILE = f"emgmon/{FORMAT}"
LIBRARY = "emgmon"
MAGIC = b"\x89MCAP0\r\n"
MAX_CHUNK_BYTES = 64 << 20
"""Larger chunks are never written; bounds the memory that a damaged length can ask for."""

OP_HEADER, OP_FOOTER, OP_CHANNEL, OP_MESSAGE, OP_CHUNK, OP_CHUNK_INDEX, OP_DATA_END = 1, 2, 4, 5, 6, 8, 15
RECORD = struct.Struct("<BQ")
_CHUNK = struct.Struct("<BQQQQII4sQ")
_AROUND = _CHUNK.size - RECORD.size
_INDEX_RECORD = struct.Struct("<QQQ")
_INDEX = np.dtype([("start_ns", "<u8"), ("end_ns", "<u8"), ("at", "<u8")])
_FOOTER = struct.Struct("<BQQQI8s")
_DATA_END = RECORD.pack(OP_DATA_END, 4) + bytes(4)
_NAME = struct.pack("<I4s", 4, b"zstd")
_NAME_AT = _CHUNK.size - 8 - len(_NAME)
_WINDOW = 1 << 20
_FARTHEST = 1 << 40
_EFFORT, _EFFORT_PER_BYTE, _EFFORT_PER_TRY = 1 << 30, 1000, 1 << 12


class Effort:
    """How many bytes may be read and unpacked of a file, also in vain; so that a small file cannot take hours.

    Parameters
    ----------
    size : int
        Bytes of the file. Recordings of silence unpack into some hundred times their size.

    Attributes
    ----------
    unpack : callable
        Unpacks for all that is read with this effort: to make one for each chunk takes longer than to unpack it.
    """

    def __init__(self, size: int) -> None:
        self.unpack = zstandard.ZstdDecompressor().decompress
        self._left = _EFFORT + _EFFORT_PER_BYTE * size

    def __bool__(self) -> bool:
        return self._left > 0

    def take(self, size: int) -> None:
        """Count one try that reads or unpacks so many bytes."""
        self._left -= size + _EFFORT_PER_TRY


class Chunk(NamedTuple):
    """A chunk whose checksum is right. `start_ns` and `end_ns` stand outside the checksum."""

    at: int
    next_at: int
    start_ns: int
    end_ns: int
    content: bytes

    @property
    def packed_size(self) -> int:
        """Bytes that it takes in the file, its header among them."""
        return self.next_at - self.at


class ChunkPlace(NamedTuple):
    """Where a chunk should be, and which host times it should hold."""

    at: int
    start_ns: int
    end_ns: int


def header(version: int = FORMAT) -> bytes:
    """First bytes of a recording: magic number and Header record."""
    texts = (f"emgmon/{version}".encode(), LIBRARY.encode())
    body = b"".join(struct.pack("<I", len(text)) + text for text in texts)
    return MAGIC + RECORD.pack(OP_HEADER, len(body)) + body


def chunk_at(stream: IO[bytes], at: int, damage: list[str], effort: Effort) -> Chunk | None:
    """Read the chunk that begins at byte `at`; None when its content is not what its checksum says.

    Type, lengths and compression name are not needed: a chunk with a damaged header is read, and told in `damage`.
    Without effort left nothing is read.
    """
    if at > _FARTHEST:
        return None
    stream.seek(at)
    head = stream.read(_CHUNK.size)
    if len(head) < _CHUNK.size:
        return None
    opcode, length, start_ns, end_ns, size, crc, name_length, name, packed_size = _CHUNK.unpack(head)
    if not 0 < size <= MAX_CHUNK_BYTES or not effort:
        return None
    for claimed in dict.fromkeys((packed_size, length - _AROUND)):
        if not 0 < claimed <= MAX_CHUNK_BYTES:
            continue
        stream.seek(at + _CHUNK.size)
        packed = stream.read(claimed)
        effort.take(len(packed))
        content = _uncompress(packed, size, crc, effort)
        if content is not None:
            if (opcode, length, name_length, name, packed_size) != (OP_CHUNK, claimed + _AROUND, 4, b"zstd", claimed):
                damage.append(f"the header of the chunk at byte {at} is damaged; its content was read")
            return Chunk(at, at + _CHUNK.size + claimed, start_ns, end_ns, content)
    return None


def _uncompress(packed: bytes, size: int, crc: int, effort: Effort) -> bytes | None:
    try:
        if zstandard.get_frame_parameters(packed).content_size != size:
            return None
        effort.take(size)
        content = effort.unpack(packed, max_output_size=size, allow_extra_data=False)
    except zstandard.ZstdError:
        return None
    return content if len(content) == size and zlib.crc32(content) == crc else None


def walk(stream: IO[bytes], damage: list[str], at: int | None = None, effort: Effort | None = None) -> Iterator[Chunk]:
    """Yield every chunk whose content is right, in the order of the file; what is not goes to `damage`.

    Parameters
    ----------
    stream : binary file
    damage : list of str
        One sentence is appended for each place that could not be read.
    at : int, optional
        Byte where a chunk begins; without it the whole file is read.
    effort : Effort, optional
        What other readings of the same file have left.
    """
    size = stream.seek(0, 2)
    effort = Effort(size) if effort is None else effort
    if at is None:
        at = _first_record(stream, damage, effort)
    while at < size:
        chunk = chunk_at(stream, at, damage, effort)
        if chunk is not None:
            yield chunk
            at = chunk.next_at
            continue
        stream.seek(at)
        if stream.read(len(_DATA_END)) == _DATA_END:
            _check_end(stream, at + len(_DATA_END), size, damage)
            return
        found = find_chunk(stream, at + 1, effort)
        if not effort:
            damage.append(f"it unpacks into more than {_EFFORT_PER_BYTE} times its size; not read from byte {at} on")
            return
        damage.append(_what_is_at(stream, at) if found is None else f"damage from byte {at} to {found}")
        if found is None:
            return
        at = found
    damage.append(f"the file was not closed; it ends at byte {size}")


def _first_record(stream: IO[bytes], damage: list[str], effort: Effort) -> int:
    expected = header()
    stream.seek(0)
    if stream.read(len(expected)) == expected:
        return len(expected)
    damage.append("the first bytes of the file are damaged")
    found = find_chunk(stream, 0, effort)
    return len(expected) if found is None else found


def find_chunk(stream: IO[bytes], at: int, effort: Effort, limit: int | None = None) -> int | None:
    """First byte of the next readable chunk at or after `at`, looking at most `limit` bytes far; None without one."""
    stop = None if limit is None else at + limit
    while stop is None or at < stop:
        stream.seek(at)
        window = stream.read(_WINDOW)
        found = window.find(_NAME)
        while found >= 0:
            begin = at + found - _NAME_AT
            if begin >= 0 and chunk_at(stream, begin, [], effort) is not None:
                return begin
            if not effort:
                return None
            found = window.find(_NAME, found + 1)
        if len(window) < _WINDOW:
            return None
        at += len(window) - len(_NAME) + 1
    return None


def _what_is_at(stream: IO[bytes], at: int) -> str:
    """Say what the last bytes of a file are, after which no chunk comes."""
    stream.seek(at)
    rest = stream.read(_WINDOW)
    if not any(rest):
        return f"zeros from byte {at} on, as after a power cut; everything before was read"
    return f"the file is torn at byte {at}; everything before was read"


def _check_end(stream: IO[bytes], at: int, size: int, damage: list[str]) -> None:
    """Check what follows the last chunk; nothing of it is needed to read entries."""
    if summary(stream, size) is not None:
        return
    stream.seek(at)
    rest = stream.read(MAX_CHUNK_BYTES)
    closed = rest.find(MAGIC)
    end = closed + len(MAGIC)
    if closed >= 0 and _FOOTER.size <= end < len(rest) and _footer_start(rest[end - _FOOTER.size : end]) == at:
        damage.append(f"{size - at - end} bytes after the end of the recording were left out")
    else:
        damage.append(f"the index that begins at byte {at} is damaged or torn; all entries before it were read")


def _footer_start(raw: bytes) -> int | None:
    opcode, length, start, _offsets, _crc, magic = _FOOTER.unpack(raw)
    return start if (opcode, length, magic) == (OP_FOOTER, 20, MAGIC) else None


def summary(stream: IO[bytes], size: int) -> bytes | None:
    """Summary section of a file of `size` bytes, None unless it was closed and the checksum is right."""
    if size < _FOOTER.size:
        return None
    stream.seek(size - _FOOTER.size)
    footer = stream.read(_FOOTER.size)
    start = _footer_start(footer)
    if start is None or not size - MAX_CHUNK_BYTES <= start <= size - _FOOTER.size:
        return None
    stream.seek(start)
    content = stream.read(size - _FOOTER.size - start)
    (crc,) = struct.unpack_from("<I", footer, _FOOTER.size - len(MAGIC) - 4)
    return content if zlib.crc32(footer[:25], zlib.crc32(content)) == crc else None


def places(stream: IO[bytes]) -> tuple[list[ChunkPlace], int | None]:
    """Find all chunks without reading their content.

    Returns
    -------
    places : list of ChunkPlace
        From the index where its checksum is right; else from the headers of the chunks, whose times nothing protects.
    unsure_at : int or None
        Byte from which on only `walk` can tell; None when the index was right.
    """
    size = stream.seek(0, 2)
    content = summary(stream, size)
    if content is not None:
        return [ChunkPlace(at, start_ns, end_ns) for start_ns, end_ns, at in _index(content).tolist()], None
    found: list[ChunkPlace] = []
    at = len(header())
    while True:
        stream.seek(at)
        head = stream.read(_CHUNK.size)
        if len(head) < _CHUNK.size:
            return found, at
        opcode, length, start_ns, end_ns, _size, _crc, name_length, name, packed_size = _CHUNK.unpack(head)
        whole = (opcode, name_length, name, length) == (OP_CHUNK, 4, b"zstd", packed_size + _AROUND)
        if not whole or at + RECORD.size + length > size:
            return found, at
        found.append(ChunkPlace(at, start_ns, end_ns))
        at += RECORD.size + length


def places_within(stream: IO[bytes], start_ns: int, stop_ns: int) -> list[int] | None:
    """Where the chunks begin that hold some of a stretch of time, by the index; None where that is not right."""
    content = summary(stream, stream.seek(0, 2))
    if content is None:
        return None
    index = _index(content)
    wanted = (index["end_ns"] >= max(start_ns, 0)) & (index["start_ns"] < min(max(stop_ns, 0), (1 << 64) - 1))
    at: list[int] = index["at"][wanted].tolist()
    return at


def _index(content: bytes) -> NDArray[np.void]:
    """Least and greatest time, and first byte, of each chunk that a summary names.

    Its records of chunks are all of one length and follow each other; where they do not, they are read one by one.
    """
    at = chunks_from(content)
    size = RECORD.size + RECORD.unpack_from(content, at)[1] if at < len(content) else 0
    n = (len(content) - at) // size if size >= RECORD.size + _INDEX.itemsize else 0
    if not n:
        return np.zeros(0, _INDEX)
    heads = np.ndarray((n,), [("opcode", "u1"), ("length", "<u8")], content, at, (size,))
    alike = (heads["opcode"] == OP_CHUNK_INDEX) & (heads["length"] == size - RECORD.size)
    n = n if alike.all() else int(alike.argmin())
    first = np.ndarray((n,), _INDEX, content, at + RECORD.size, (size,)).copy()
    rest = [
        _INDEX_RECORD.unpack_from(content, begin)
        for opcode, begin, end in records(content, at + n * size)
        if opcode == OP_CHUNK_INDEX and end - begin >= _INDEX.itemsize
    ]
    return np.concatenate([first, np.array(rest, _INDEX)]) if rest else first


def chunks_from(content: bytes) -> int:
    """First byte of a summary's first record of a chunk; its end where there is none."""
    places = (begin - RECORD.size for opcode, begin, _end in records(content) if opcode == OP_CHUNK_INDEX)
    return next(places, len(content))


def records(content: bytes, at: int = 0) -> Iterator[tuple[int, int, int]]:
    """Opcode, start and end of the body of each record in a chunk's content or a summary, from byte `at` on."""
    while at + RECORD.size <= len(content):
        opcode, length = RECORD.unpack_from(content, at)
        at += RECORD.size
        if length > len(content) - at:
            return
        yield opcode, at, at + length
        at += length
