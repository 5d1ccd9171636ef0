"""The index of a growing recording as rows: the same file, a fraction of the memory."""

import io
import tracemalloc

import pytest
from mcap.records import ChunkIndex
from mcap.writer import Writer

from emgmon.model import Mark, Packet
from emgmon.storage import recorder
from emgmon.storage.chunk_rows import KEPT_IN, ChunkRows
from emgmon.storage.recorder import EntryWriter

STEP_NS = 100_000_000


def entries(count):
    """Packets of two sensors, five in a chunk, with a mark first."""
    yield Mark(0, "session", {"source": "test"})
    for k in range(count):
        yield Packet(f"S{k % 2}", "emg", k * STEP_NS, bytes([k % 251] * (k % 40)))


def written(count):
    """Bytes of a recording."""
    stream = io.BytesIO()
    writer = EntryWriter(stream)
    for entry in entries(count):
        writer.append(entry)
    writer.finish()
    return stream.getvalue()


def test_the_file_is_the_same_byte_for_byte(monkeypatch):
    with_rows = written(300)
    monkeypatch.setattr(recorder, "with_rows", lambda writer: writer)
    assert written(300) == with_rows


def test_the_installed_writer_keeps_rows():
    """Fails when a new version of the package keeps its index elsewhere: then memory grows as before."""
    writer = EntryWriter(io.BytesIO())
    assert isinstance(getattr(writer._writer, KEPT_IN), ChunkRows)


def test_a_writer_that_keeps_its_index_elsewhere_is_left_alone(monkeypatch):
    monkeypatch.setattr("emgmon.storage.chunk_rows.KEPT_IN", "elsewhere")
    assert recorder.with_rows(made := Writer(io.BytesIO())) is made
    assert not hasattr(made, "elsewhere")


@pytest.mark.parametrize("count", [0, 1, 3])
def test_rows_come_back(count):
    rows = ChunkRows()
    indices = [ChunkIndex(7 + k, 2**40 + k, "zstd", 5, 2**63 + k, 0, {}, 2**62 + k, 9) for k in range(count)]
    for index in indices:
        rows.append(index)
    assert list(rows) == indices


def test_a_chunk_takes_less_than_eighty_bytes():
    index = ChunkIndex(1, 2, "zstd", 5, 2**63, 0, {}, 2**62, 9)
    tracemalloc.start()
    try:
        rows = ChunkRows()
        for _ in range(10_000):
            rows.append(index)
        assert tracemalloc.get_traced_memory()[0] < 80 * 10_000
    finally:
        tracemalloc.stop()
