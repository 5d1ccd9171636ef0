"""The index of a recording while it grows: a row of numbers for each chunk, in place of an object of nine."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from mcap.records import ChunkIndex
from mcap.writer import Writer

NUMBERS = 7
KEPT_IN = "_Writer__chunk_indices"
"""Where `mcap.writer.Writer` keeps them until it writes the summary."""


class ChunkRows:
    """Chunk indices without message indices, in 56 bytes each: half a second is a chunk, ten hours are 72,000."""

    def __init__(self) -> None:
        self._numbers = array("Q")
        self._compression = ""

    def append(self, index: ChunkIndex) -> None:
        """Keep the next one; all have the same compression."""
        self._compression = index.compression
        self._numbers.extend(
            (
                index.message_start_time,
                index.message_end_time,
                index.chunk_start_offset,
                index.chunk_length,
                index.message_index_length,
                index.compressed_size,
                index.uncompressed_size,
            )
        )

    def __iter__(self) -> Iterator[ChunkIndex]:
        """Make them, in order."""
        for at in range(0, len(self._numbers), NUMBERS):
            start, end, offset, length, indices, compressed, plain = self._numbers[at : at + NUMBERS]
            yield ChunkIndex(
                chunk_length=length,
                chunk_start_offset=offset,
                compression=self._compression,
                compressed_size=compressed,
                message_end_time=end,
                message_index_length=indices,
                message_index_offsets={},
                message_start_time=start,
                uncompressed_size=plain,
            )


def with_rows(writer: Writer) -> Writer:
    """Let a writer that has not begun keep its index so; a version that keeps it elsewhere goes on with objects."""
    if getattr(writer, KEPT_IN, None) == []:
        setattr(writer, KEPT_IN, ChunkRows())
    return writer
