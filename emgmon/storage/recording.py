"""Reads recordings back: all that was written before a tear, and what lies after damage in the middle.

The layout is described in ``docs/recording-format.md``; `emgmon.storage.recorder` writes it.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import zstandard

from emgmon.errors import RecordingError
from emgmon.model import Entry, Mark, Packet

SUFFIX = ".mcap"
PART_SUFFIX = ".part.mcap"
PROFILE = "emgmon/1"
LIBRARY = "emgmon"
MARK_TOPIC = "mark"
CHANNEL_TABLE = "channels"
MAGIC = b"\x89MCAP0\r\n"
MAX_CHUNK_BYTES = 64 << 20

_HEADER, _FOOTER, _CHANNEL, _MESSAGE, _CHUNK, _DATA_END = 0x01, 0x02, 0x04, 0x05, 0x06, 0x0F
_RECORD = struct.Struct("<BQ")
_CHUNK_HEAD = struct.Struct("<QQQII")
_MESSAGE_HEAD = struct.Struct("<HIQQ")
_MARK_CHANNEL = 1
Channels = dict[int, tuple[str, str]]


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
        self.damage = []
        try:
            with self.path.open("rb") as stream:
                channels = self._channel_tables(stream)
                size = max(stream.seek(0, 2), 1)
                stream.seek(len(MAGIC))
                for chunk in self._chunks(stream, self.damage):
                    self.read_share = stream.tell() / size
                    yield from _entries(chunk, channels)
        except OSError as error:
            raise RecordingError(f"{self.path}: cannot be read: {error.strerror or error}") from error

    def _channel_tables(self, stream: IO[bytes]) -> Channels:
        """All channels that any readable chunk names; looks no further than the first table when nothing is torn."""
        channels: Channels = {}
        stream.seek(len(MAGIC))
        for chunk in self._chunks(stream, []):
            _channels_of(chunk, channels)
        return channels

    def _chunks(self, stream: IO[bytes], damage: list[str]) -> Iterator[bytes]:
        """Uncompressed content of each chunk whose checksum is right."""
        while True:
            at = stream.tell()
            head = stream.read(_RECORD.size)
            if not head:
                damage.append(f"the file was not closed; it ends at byte {at}")
                return
            opcode, length = _RECORD.unpack(head) if len(head) == _RECORD.size else (0, 0)
            if opcode == _FOOTER:
                return
            content = None
            if _HEADER <= opcode <= _DATA_END and length <= MAX_CHUNK_BYTES:
                body = stream.read(length)
                if len(body) < length:
                    damage.append(f"the file is torn at byte {at}; everything before was read")
                    return
                if opcode != _CHUNK:
                    continue
                content = _uncompress(body)
            if content is not None:
                yield content
                continue
            damage.append(f"damage at byte {at}")
            if not _resynchronise(stream, at + 1):
                return


def read_recording(path: str | Path) -> Recording:
    """Open a recording for reading.

    Parameters
    ----------
    path : path
        File written by emgmon, closed or not.

    Raises
    ------
    RecordingError
        When there is no such file, it cannot be read, or it is no recording.
    """
    path = Path(path)
    try:
        with path.open("rb") as stream:
            start = stream.read(len(MAGIC) + 64)
    except OSError as error:
        raise RecordingError(f"{path}: cannot be opened: {error.strerror or error}") from error
    if not start:
        raise RecordingError(f"{path}: the file is empty, nothing was recorded")
    if not start.startswith(MAGIC) or LIBRARY.encode() not in start:
        raise RecordingError(f"{path}: not an emgmon recording; other people's files come in by 'emgmon import'")
    return Recording(path)


def _uncompress(body: bytes) -> bytes | None:
    """Content of a chunk record, None when it is damaged or larger than any that emgmon writes."""
    if len(body) < _CHUNK_HEAD.size:
        return None
    _start, _end, size, crc, name_length = _CHUNK_HEAD.unpack_from(body)
    at = _CHUNK_HEAD.size + name_length
    if size > MAX_CHUNK_BYTES or name_length > 16 or len(body) < at + 8:
        return None
    packed = body[at + 8 :]
    try:
        compression = body[_CHUNK_HEAD.size : at]
        content = zstandard.ZstdDecompressor().decompress(packed, size) if compression == b"zstd" else packed
    except zstandard.ZstdError:
        return None
    return content if len(content) == size and zlib.crc32(content) == crc else None


def _resynchronise(stream: IO[bytes], at: int) -> bool:
    """Go to the next place that looks like a chunk; false when there is none."""
    window = b""
    while True:
        stream.seek(at)
        window = stream.read(1 << 20)
        found = window.find(bytes([_CHUNK]))
        while found >= 0:
            body = _peek_chunk(stream, at + found)
            if body is not None and _uncompress(body) is not None:
                stream.seek(at + found)
                return True
            found = window.find(bytes([_CHUNK]), found + 1)
        if len(window) < 1 << 20:
            return False
        at += len(window)


def _peek_chunk(stream: IO[bytes], at: int) -> bytes | None:
    stream.seek(at)
    head = stream.read(_RECORD.size)
    if len(head) < _RECORD.size:
        return None
    _opcode, length = _RECORD.unpack(head)
    if not _CHUNK_HEAD.size < length <= MAX_CHUNK_BYTES:
        return None
    body = stream.read(length)
    return body if len(body) == length else None


def _records(chunk: bytes) -> Iterator[tuple[int, int, int]]:
    """Opcode, start and end of each record in a chunk's content."""
    at = 0
    while at + _RECORD.size <= len(chunk):
        opcode, length = _RECORD.unpack_from(chunk, at)
        at += _RECORD.size
        if length > len(chunk) - at:
            return
        yield opcode, at, at + length
        at += length


def _entries(chunk: bytes, channels: Channels) -> Iterator[Entry]:
    for opcode, start, end in _records(chunk):
        if opcode != _MESSAGE or end - start < _MESSAGE_HEAD.size:
            continue
        channel, _sequence, host_ns, _publish = _MESSAGE_HEAD.unpack_from(chunk, start)
        payload = chunk[start + _MESSAGE_HEAD.size : end]
        if channel == _MARK_CHANNEL:
            mark = _mark(host_ns, payload)
            if mark is not None and mark.kind != CHANNEL_TABLE:
                yield mark
        elif channel in channels:
            device, port = channels[channel]
            yield Packet(device, port, host_ns, payload)


def _mark(host_ns: int, payload: bytes) -> Mark | None:
    try:
        said = json.loads(payload)
        return Mark(host_ns, str(said["kind"]), dict(said["data"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _channels_of(chunk: bytes, channels: Channels) -> None:
    """Add the channels that a chunk's Channel records and tables name."""
    for opcode, start, end in _records(chunk):
        if opcode == _CHANNEL and end - start > 8:
            number, _schema, length = struct.unpack_from("<HHI", chunk, start)
            topic = chunk[start + 8 : min(start + 8 + length, end)].decode("utf-8", "replace")
            kind, _, rest = topic.partition("/")
            device, _, port = rest.rpartition("/")
            if kind == "packet":
                channels[number] = (device, port)
        elif opcode == _MESSAGE and chunk[start : start + 2] == b"\x01\x00":
            mark = _mark(0, chunk[start + _MESSAGE_HEAD.size : end])
            if mark is not None and mark.kind == CHANNEL_TABLE:
                channels.update({int(n): (str(k[0]), str(k[1])) for n, k in mark.data.items() if n.isdecimal()})
