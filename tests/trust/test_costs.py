"""Recordings made to cost: little in the file, much in the computer. Bytes and entries are counted, not time."""

import json

import pytest
from trust.containers import DATA_END, chunk, closed, message

from emgmon.storage import container
from emgmon.storage.container import MAX_CHUNK_BYTES, header
from emgmon.storage.recording import read_recording

LARGE = 1 << 20


@pytest.fixture
def effort(monkeypatch):
    """What is unpacked, and how often, while the recordings of a test are read; a tenth of the usual is allowed."""
    unpacked = []
    original = container._uncompress

    def counted(packed, size, crc, left):
        content = original(packed, size, crc, left)
        unpacked.append(size)
        return content

    monkeypatch.setattr(container, "_uncompress", counted)
    monkeypatch.setattr(container, "_EFFORT", 20 * LARGE)
    return unpacked


def read(path, *parts):
    path.write_bytes(header() + b"".join(parts))
    recording = read_recording(path)
    return list(recording), recording.damage


def test_bombs_are_unpacked_up_to_a_multiple_of_the_files_size(effort, tmp_path):
    bomb = chunk(message(5, 0, 1, bytes(LARGE)))
    _entries, damage = read(tmp_path / "x.mcap", *(100 * [bomb]))
    allowed = container._EFFORT + container._EFFORT_PER_BYTE * (tmp_path / "x.mcap").stat().st_size
    assert len(bomb) < 200, "no bomb"
    assert sum(effort) <= allowed + LARGE
    assert len(effort) < 100
    assert damage[-1].startswith("it unpacks into more than 1000 times its size; not read from byte")


@pytest.mark.parametrize("wrong", [{"crc": 1}, {"crc": 1, "packed_size": 60 << 20}])
def test_what_is_unpacked_in_vain_is_counted_too(wrong, effort, tmp_path):
    entries, damage = read(tmp_path / "x.mcap", *(300 * [chunk(bytes(LARGE), **wrong)]))
    allowed = container._EFFORT + container._EFFORT_PER_BYTE * (tmp_path / "x.mcap").stat().st_size
    assert not entries
    assert sum(effort) <= allowed + 2 * LARGE
    assert "it unpacks into more than 1000 times its size" in damage[0]


@pytest.mark.parametrize("content", [bytes(LARGE), message(5, 0, 1, b"") * (LARGE // 31)], ids=["empty", "alike"])
def test_a_chunk_has_no_more_entries_than_bytes(content, tmp_path):
    names = json.dumps({"kind": "channels", "data": {"5": ["S", "p"]}}).encode()
    packed = chunk(message(1, 0, 1, names)), chunk(content)
    entries, damage = read(tmp_path / "x.mcap", *packed)
    assert len(entries) <= len(packed[1]) < 2000
    assert "holds more entries than bytes; the rest was left out" in " ".join(damage)


def test_thousands_of_tiny_chunks_without_names_are_each_unpacked_twice_at_most(effort, tmp_path):
    """Once to be read, once to look for the names; not once for each other chunk."""
    tiny = [chunk(message(k % 60_000 + 2, k, k, b"")) for k in range(2000)]
    entries, damage = read(tmp_path / "x.mcap", *tiny)
    assert not entries
    assert len(damage) == 2001
    assert len(effort) == 2 * 2000


def test_copies_of_what_is_missing_are_looked_for_with_the_same_effort(effort, tmp_path):
    names = json.dumps({"kind": "channels", "data": {"5": ["S", "p"]}}).encode()
    gaps = [chunk(message(1, 0, 1, names)), *(chunk(message(5, 2 * k, k, b"")) for k in range(1, 3000))]
    _entries, damage = read(tmp_path / "x.mcap", *gaps)
    allowed = container._EFFORT + container._EFFORT_PER_BYTE * (tmp_path / "x.mcap").stat().st_size
    assert len(effort) <= allowed / container._EFFORT_PER_TRY + 1
    assert any("entries are missing before" in line for line in damage)


@pytest.mark.usefixtures("effort")
def test_an_honest_recording_of_silence_is_read_whole(tmp_path):
    names = json.dumps({"kind": "channels", "data": {"5": ["S", "p"]}}).encode()
    silent = [chunk(message(1, 0, 1, names)), *(chunk(message(5, k, k, bytes(48_000))) for k in range(1, 1000))]
    entries, damage = read(tmp_path / "x.mcap", *silent, DATA_END)
    assert len(entries) == 999
    size = (tmp_path / "x.mcap").stat().st_size
    assert damage == [f"the index that begins at byte {size} is damaged or torn; all entries before it were read"]


NAMES = [
    *({"5": 3}, {"5": []}, {"5": [1, 2, 3]}, {"5": {"0": "S", "1": "p"}}, {"9" * 5000: ["S", "p"]}, {"\u0665": "Sp"}),
    *({"5": None}, {"-5": ["S", "p"]}, {"": ["S", "p"]}),
]


@pytest.mark.parametrize("names", NAMES, ids=range(len(NAMES)))
def test_a_table_of_channels_that_no_recorder_writes_names_nothing(names, tmp_path):
    said = json.dumps({"kind": "channels", "data": names}).encode()
    entries, damage = read(tmp_path / "x.mcap", chunk(message(1, 0, 1, said) + message(5, 1, 2, b"x")))
    assert not entries
    assert "1 packets from byte 39 on have lost their sensor's name" in damage


@pytest.mark.parametrize("kept", [5, None, [5], [[1]], [["1", "x"]], [[1, 2]], {"1": "x"}])
def test_copies_that_no_recorder_writes_are_left_out(kept, tmp_path):
    said = json.dumps({"kind": "kept", "data": {"entries": kept}}).encode()
    entries, damage = read(tmp_path / "x.mcap", chunk(message(1, 3, 1, said)))
    assert not entries
    assert damage[0].startswith("3 entries are missing before byte 39")


def test_an_index_that_points_beyond_every_disk_is_told(tmp_path):
    path = tmp_path / "x.mcap"
    content = chunk(message(1, 0, 1, json.dumps({"kind": "note", "data": {}}).encode()))
    place = container.RECORD.pack(container.OP_CHUNK_INDEX, 24) + b"".join(
        number.to_bytes(8, "little") for number in (0, 10, 2**64 - 1)
    )
    path.write_bytes(closed(header() + content + DATA_END, place))
    recording = read_recording(path)
    assert list(recording.entries(0, 5)) == []
    assert recording.damage == [f"damage at byte {2**64 - 1}"]


def test_a_format_of_thousands_of_digits_is_no_recording(tmp_path):
    pair = b"".join(len(text).to_bytes(4, "little") + text for text in (b"format", b"9" * 5000))
    body = b"\1\0\0\0" + bytes(8) + len(pair).to_bytes(4, "little") + pair
    path = tmp_path / "x.mcap"
    path.write_bytes(b"x" + header()[1:] + chunk(container.RECORD.pack(container.OP_CHANNEL, len(body)) + body))
    with pytest.raises(Exception, match="not an emgmon recording"):
        read_recording(path)


def test_the_bombs_are_bombs():
    """The check of the checks: without a limit each of them is worth its trouble."""
    assert len(chunk(bytes(MAX_CHUNK_BYTES))) < MAX_CHUNK_BYTES / 1000
    assert len(chunk(message(5, 0, 1, b"") * 1000)) < 1000
