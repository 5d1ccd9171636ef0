"""Damage of every kind: each byte cut off, each byte flipped, chunks doubled, tails of garbage and of zeros."""

import random
import struct

import pytest

from emgmon.errors import RecordingError
from emgmon.model import Mark, Packet
from emgmon.storage import container
from emgmon.storage.recorder import write_recording
from emgmon.storage.recording import read_recording

RNG = random.Random(3)  # noqa: S311 - not for secrets
ENTRIES = [
    Mark(1_000_000_000, "session", {"simulated": True}),
    Mark(1_000_000_000, "device", {"device": "A", "driver": "emgmon_gatt"}),
    Packet("A", "description", 1_000_000_100, b"what I am"),
    *(Packet("AB"[k % 2], "emg", 1_000_000_200 + k * 50_000_000, RNG.randbytes(12)) for k in range(60)),
    Mark(4_100_000_000, "set_stop", {}),
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("damage") / "small.mcap"
    write_recording(path, ENTRIES)
    return path.read_bytes()


@pytest.fixture
def read(tmp_path):
    def read(content):
        path = tmp_path / "damaged.mcap"
        path.write_bytes(content)
        recording = read_recording(path)
        return list(recording), recording.damage

    return read


def chunks(content, tmp_path):
    path = tmp_path / "whole.mcap"
    path.write_bytes(content)
    with path.open("rb") as stream:
        return list(container.walk(stream, []))


def is_part(found):
    rest = iter(ENTRIES)
    return all(entry in rest for entry in found)


@pytest.mark.slow
def test_truncation_at_every_byte_gives_what_was_before(whole, read):
    for cut in range(1, len(container.header())):
        with pytest.raises(RecordingError, match="nothing was recorded"):
            read(whole[:cut])
    for cut in range(len(container.header()), len(whole)):
        found, damage = read(whole[:cut])
        assert found == ENTRIES[: len(found)], cut
        assert damage, cut


@pytest.mark.slow
def test_a_flipped_bit_in_any_byte_is_never_silent(whole, read):
    harmless = 0
    for at in range(len(whole)):
        content = bytearray(whole)
        content[at] ^= 1 << RNG.randrange(8)
        found, damage = read(content)
        assert is_part(found), at
        assert len(found) == len(ENTRIES) or damage, at
        assert len(found) >= len(ENTRIES) - 11, at
        harmless += not damage
    assert harmless < 0.1 * len(whole)


@pytest.mark.parametrize("bit", range(8))
def test_a_chunk_with_a_flipped_header_is_read(whole, read, tmp_path, bit):
    """Type, lengths, times, name: 53 bytes, of which only size and checksum can cost the chunk."""
    third = chunks(whole, tmp_path)[2]
    for offset in range(53):
        content = bytearray(whole)
        content[third.at + offset] ^= 1 << bit
        found, _damage = read(content)
        if not 25 <= offset < 37:
            assert found == ENTRIES, offset


def test_a_doubled_chunk_is_left_out(whole, read, tmp_path):
    second = chunks(whole, tmp_path)[1]
    body = whole[second.at : second.next_at]
    found, damage = read(whole[: second.next_at] + body + whole[second.next_at :])
    assert found == ENTRIES
    assert "came before and was left out" in damage[0]


def test_a_removed_chunk_is_said_with_the_number_of_entries(whole, read, tmp_path):
    second = chunks(whole, tmp_path)[1]
    found, damage = read(whole[: second.at] + whole[second.next_at :])
    assert is_part(found)
    assert f"{len(ENTRIES) - len(found)} entries are missing" in damage[0]


@pytest.mark.parametrize("tail", [bytes(5000), b"garbage" * 40, b"\x06" * 300, b"\x89MCAP0\r\n"])
def test_what_is_appended_to_a_closed_file_is_left_out(whole, read, tail):
    found, damage = read(whole + tail)
    assert found == ENTRIES
    assert damage == [f"{len(tail)} bytes after the end of the recording were left out"]


def test_zeros_where_a_power_cut_ended_the_file(whole, read, tmp_path):
    fourth = chunks(whole, tmp_path)[3]
    found, damage = read(whole[: fourth.at] + bytes(20_000))
    assert found == ENTRIES[: len(found)]
    assert len(found) > 20
    assert "zeros from byte" in damage[0]


def test_two_recordings_in_one_file_give_the_first(whole, read):
    found, damage = read(whole + whole)
    assert found == ENTRIES
    assert damage


def test_lengths_of_64_bits_ask_for_no_memory(whole, read, tmp_path):
    third = chunks(whole, tmp_path)[2]
    for offset in (1, 25, 45):
        content = bytearray(whole)
        content[third.at + offset : third.at + offset + 8] = struct.pack("<Q", (1 << 64) - 1)
        found, _damage = read(content)
        assert is_part(found)


def test_the_first_chunk_lost_comes_back_from_its_copies(whole, read, tmp_path):
    first = chunks(whole, tmp_path)[0]
    content = bytearray(whole)
    content[first.at + 60 : first.next_at] = bytes(first.next_at - first.at - 60)
    found, damage = read(content)
    assert found[:3] == ENTRIES[:3]
    assert "were found in copies" in " ".join(damage)
    assert len(found) >= len(ENTRIES) - 11


def test_a_damaged_index_costs_nothing_but_speed(whole, tmp_path):
    last = chunks(whole, tmp_path)[-1]
    content = bytearray(whole)
    content[last.next_at + 40] ^= 4
    path = tmp_path / "x.mcap"
    path.write_bytes(content)
    recording = read_recording(path)
    window = [e for e in ENTRIES if 2_000_000_000 <= e.host_ns < 3_000_000_000]
    assert list(recording.entries(2_000_000_000, 3_000_000_000)) == window
    assert list(recording) == ENTRIES
    assert "the index that begins at byte" in recording.damage[0]


def test_a_wrong_time_in_a_chunk_header_hides_nothing_from_a_window(whole, tmp_path):
    window = [e for e in ENTRIES if 2_000_000_000 <= e.host_ns < 2_600_000_000]
    places = chunks(whole, tmp_path)
    torn = whole[: places[-1].next_at]
    for place in places:
        for bit in range(0, 128, 3):
            content = bytearray(torn)
            content[place.at + 9 + bit // 8] ^= 1 << bit % 8
            path = tmp_path / "times.mcap"
            path.write_bytes(content)
            assert list(read_recording(path).entries(2_000_000_000, 2_600_000_000)) == window, (place.at, bit)
