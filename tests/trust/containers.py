"""Parts of a recording whose checksums are right, whatever they hold."""

import struct
import zlib

import zstandard

from emgmon.storage.container import MAGIC, OP_DATA_END, OP_FOOTER, RECORD

DATA_END = RECORD.pack(OP_DATA_END, 4) + bytes(4)


def chunk(content, *, claimed=None, crc=None, packed_size=None):
    """A chunk as a recorder writes it; what it says of itself may be another thing."""
    packed = zstandard.ZstdCompressor(level=1, write_content_size=True).compress(content)
    claimed, crc = len(content) if claimed is None else claimed, zlib.crc32(content) if crc is None else crc
    size = len(packed) if packed_size is None else packed_size
    body = struct.pack("<QQQII4sQ", 0, 2**63, claimed, crc, 4, b"zstd", size) + packed
    return RECORD.pack(6, len(body)) + body


def message(channel, number, host_ns, payload):
    """A message record."""
    return RECORD.pack(5, 22 + len(payload)) + struct.pack("<HIQQ", channel, number, host_ns, host_ns) + payload


def closed(recording, index):
    """A closed recording with another index."""
    end = recording.index(DATA_END) + len(DATA_END)
    footer = RECORD.pack(OP_FOOTER, 20) + struct.pack("<QQ", end, 0)
    return recording[:end] + index + footer + struct.pack("<I", zlib.crc32(footer, zlib.crc32(index))) + MAGIC
