"""Columns say what one message after the other says, whatever is in the file."""

import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgmon.model import Mark, Packet, PacketRun
from emgmon.storage import recording
from emgmon.storage.container import RECORD, Chunk
from emgmon.storage.messages import MESSAGE, parse, parse_many
from emgmon.storage.recorder import write_recording
from emgmon.storage.recording import read_recording

CHANNELS = {2: ("A", "emg"), 3: ("B", "emg")}
MARK = b'{"data": {"text": "x"}, "kind": "note"}'


def message(number, channel, host_ns, payload, length=None):
    length = MESSAGE.size - RECORD.size + len(payload) if length is None else length
    head = MESSAGE.pack(5, length, channel, number, host_ns)
    return head[:-8] + host_ns.to_bytes(8, "little") + payload


def chunk(content, start_ns=0, end_ns=1 << 63):
    return Chunk(0, len(content), start_ns, end_ns, content)


def flat(parts):
    return [entry for part in parts for entry in (part if isinstance(part, PacketRun) else (part,))]


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    rng = random.Random(5)  # noqa: S311 - not for secrets
    entries = [Mark(10**9, "session", {}), Mark(10**9, "device", {"device": "A", "driver": "emgmon_gatt"})]
    for k in range(800):
        if k % 97 == 50:
            entries.append(Mark(10**9 + k * 25_000_000, "note", {"text": str(k)}))
        entries.append(Packet(f"S{k % 3}", "emg", 10**9 + k * 25_000_000, rng.randbytes(k % 5 * 20)))
    path = tmp_path_factory.mktemp("columns") / "session.mcap"
    write_recording(path, entries)
    return path.read_bytes(), entries


def damaged(content, rng):
    content = bytearray(content)
    what = rng.choice(["flip", "flip", "cut", "twice", "hole"])
    at = rng.randrange(len(content))
    if what == "flip":
        content[at] ^= 1 << rng.randrange(8)
    elif what == "cut":
        del content[at:]
    else:
        first, last = sorted((at, rng.randrange(len(content))))
        content[first:last] = content[first:last] * 2 if what == "twice" else b""
    return bytes(content)


def test_a_whole_recording_is_handed_out_in_columns(session, tmp_path):
    content, entries = session
    path = tmp_path / "whole.mcap"
    path.write_bytes(content)
    parts = list(read_recording(path).runs())
    assert flat(parts) == entries == list(read_recording(path))
    in_columns = sum(len(part) for part in parts if isinstance(part, PacketRun))
    assert in_columns > 0.9 * len(entries)


@pytest.mark.parametrize("seed", range(40))
def test_damage_is_read_as_one_by_one(session, tmp_path, monkeypatch, seed):
    path = tmp_path / "damaged.mcap"
    path.write_bytes(session[0][:40] + damaged(session[0][40:], random.Random(seed)))  # noqa: S311
    quick = read_recording(path)
    found = flat(quick.runs())
    monkeypatch.setattr(recording, "parse_many", lambda _chunks, _channels: None)
    slow = read_recording(path)
    assert list(slow.entries()) == found
    assert slow.damage == quick.damage


def test_windows_are_those_of_the_whole(session, tmp_path):
    content, entries = session
    path = tmp_path / "whole.mcap"
    path.write_bytes(content)
    for start_ns, stop_ns in pairwise([0, 10**9, 10**9 + 1, 5 * 10**9, 12 * 10**9, 22 * 10**9, 1 << 64]):
        expected = [entry for entry in entries if start_ns <= entry.host_ns < stop_ns]
        assert list(read_recording(path).entries(start_ns, stop_ns)) == expected
        torn = tmp_path / "torn.part.mcap"
        torn.write_bytes(content[:-30])
        assert list(read_recording(torn).entries(start_ns, stop_ns)) == expected


def test_what_is_usual_goes_in_columns():
    content = message(7, 2, 50, b"abc") + message(8, 1, 60, MARK) + message(9, 3, 70, b"")
    more = message(10, 3, 80, b"d" * 300)
    found = parse_many([chunk(content, 50, 70), chunk(more, 80, 80)], dict(CHANNELS))
    assert (found.first, found.last) == (7, 10)
    assert flat(found.parts) == [
        entry for part in (content, more) for entry in parse(part, dict(CHANNELS), len(part)).entries
    ]


OTHER = b'{"data": {"4": ["C", "x"]}, "kind": "channels"}'
ONE, TWO = message(7, 2, 50, b"abc"), message(8, 3, 60, b"de")
UNUSUAL = {
    "nothing": (b"",),
    "too short": (ONE[:20],),
    "cut": (ONE + TWO[:-1],),
    "more behind": (ONE + b"\0" * 40,),
    "a channel without a name": (ONE + message(8, 9, 60, b"de"),),
    "numbers that leap": (ONE + message(9, 3, 60, b"de"),),
    "a time beyond 63 bits": (ONE + message(8, 3, 1 << 63, b"de"),),
    "times outside the chunk's": (ONE + message(8, 3, 60, b"de"), 51),
    "a length shorter than a message's head": (message(7, 2, 50, b"", 10) + b"x" * 30,),
    "a new channel": (ONE + RECORD.pack(4, 30) + bytes(30) + TWO,),
    "a table that names another channel": (
        ONE + message(8, 1, 60, b'{"data": {"4": ["C", "x"]}, "kind": "channels"}'),
    ),
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_what_is_not_usual_is_left_to_the_slow_way(name):
    content, start_ns = (*UNUSUAL[name], 0)[:2]
    assert parse_many([chunk(content, start_ns)], dict(CHANNELS)) is None


def test_a_message_over_the_end_of_its_chunk_is_none():
    content = ONE + TWO
    for cut in range(1, len(content)):
        usual = cut == len(ONE)
        assert (parse_many([chunk(content[:cut]), chunk(content[cut:])], dict(CHANNELS)) is not None) == usual


def test_a_message_inside_another_is_its_payload():
    found = parse_many([chunk(message(7, 2, 50, TWO + b"12345"))], dict(CHANNELS))
    assert flat(found.parts) == [Packet("A", "emg", 50, TWO + b"12345")]


def test_what_a_recording_repeats_is_not_handed_out():
    kept = message(8, 1, 60, b'{"data": {"entries": []}, "kind": "kept"}')
    table = message(9, 1, 60, b'{"data": {"2": ["A", "emg"]}, "kind": "channels"}')
    found = parse_many([chunk(ONE + kept + table + message(10, 1, 60, b"not JSON"))], dict(CHANNELS))
    assert (flat(found.parts), found.last) == ([Packet("A", "emg", 50, b"abc")], 10)


@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from("xy"), st.integers(0, 1 << 62), st.binary(max_size=9)))
)
def test_a_run_is_its_packets(rows):
    packets = [Packet(*row) for row in rows]
    run = PacketRun.of(packets)
    assert list(run) == packets == [run.packet(k) for k in range(len(run))]
    assert list(run.part(1, 4)) == packets[1:4]
    three = np.flatnonzero(run.stop - run.start == 3)
    assert [bytes(row) for row in run.rows(three, 3)] == [packets[k].payload for k in three]


def test_a_channel_beyond_what_a_message_can_name_is_none():
    channels = dict(CHANNELS)
    far = b'{"data": {"70000": ["C", "x"], "65535": ["D", "x"]}, "kind": "channels"}'
    assert parse(message(7, 1, 50, far), channels, 1000).entries == []
    assert channels == {**CHANNELS, 65535: ("D", "x")}
    assert flat(parse_many([chunk(ONE + TWO)], channels).parts) == parse(ONE + TWO, channels, 1000).entries


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 60)), min_size=1, max_size=8), st.integers(0, 200))
def test_messages_of_one_size_are_found_as_any_others(rows, cut):
    sizes = [size for size, n in rows for _ in range(n)]
    content = b"".join(message(k, 2 + k % 2, 50 + k, bytes(size)) for k, size in enumerate(sizes))
    columns = parse_many([chunk(content)], dict(CHANNELS))
    assert flat(columns.parts) == parse(content, dict(CHANNELS), len(content)).entries
    ends = {sum(MESSAGE.size + size for size in sizes[:k]) for k in range(1, len(sizes) + 1)}
    shorter = content[: len(content) - cut]
    assert (parse_many([chunk(shorter)], dict(CHANNELS)) is not None) == (len(shorter) in ends)


def test_packets_within_a_stretch_need_not_rise():
    packets = [Packet("A", "emg", t, bytes([t])) for t in (30, 10, 50, 20, 40, 40, 60, 25)]
    run = PacketRun.of(packets)
    for first, stop in [(None, 45), (35, None), (None, 1 << 70), *((f, s) for f in range(0, 70, 5) for s in (30, 65))]:
        expected = [p for p in packets if (first is None or p.host_ns >= first) and (stop is None or p.host_ns < stop)]
        assert list(recording._cut(run, first, stop)) == expected
