"""Frames, lines and parts, whatever the notifications are cut into."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgmon.devices.framing import Countdown, FixedFrames, Lines, TwoParts
from emgmon.errors import PacketError


def marked(frames):
    """A weak check: the first byte is 0x55."""
    return frames[:, 0] == 0x55


def stream(n):
    return b"".join(bytes([0x55, k, 7]) for k in range(n))


def fed(framer, pieces):
    return np.concatenate([framer.feed(piece) for piece in pieces])


@given(st.lists(st.integers(0, 60), max_size=20))
def test_frames_are_the_same_for_every_cut(cuts):
    octets = b"\x01\x02" + stream(20) + b"\x55\x00" + stream(20)
    edges = [0, *sorted(min(cut, len(octets)) for cut in cuts), len(octets)]
    pieces = [octets[a:b] for a, b in pairwise(edges)]
    whole = FixedFrames(3, marked, confirm=3).feed(octets)
    np.testing.assert_array_equal(fed(FixedFrames(3, marked, confirm=3), pieces), whole)


def test_bytes_before_the_step_are_skipped_and_counted():
    framer = FixedFrames(3, marked, confirm=2)
    assert framer.feed(b"\x01\x02" + stream(4))[:, 1].tolist() == [0, 1, 2, 3]
    assert framer.skipped == 2


def test_a_frame_in_step_is_not_held_back():
    framer = FixedFrames(3, marked, confirm=4)
    framer.feed(stream(4))
    assert framer.feed(b"\x55\x09\x07").tolist() == [[0x55, 9, 7]]


def test_out_of_step_as_many_frames_as_confirm_must_pass():
    framer = FixedFrames(3, marked, confirm=4)
    assert len(framer.feed(stream(3))) == 0
    assert len(framer.feed(stream(1))) == 4


def test_a_false_start_does_not_hide_the_true_one():
    framer = FixedFrames(3, marked, confirm=3)
    assert framer.feed(b"\x55" + stream(5))[:, 1].tolist() == [0, 1, 2, 3, 4]


def test_bytes_lost_within_a_frame_cost_that_frame_alone():
    octets = stream(12)
    framer = FixedFrames(3, lambda frames: marked(frames) & (frames[:, 2] == 7), confirm=3)
    assert fed(framer, [octets[:16], octets[17:]])[:, 1].tolist() == [0, 1, 2, 3, 4, *range(6, 12)]


def test_noise_keeps_the_buffer_small():
    framer = FixedFrames(20, marked, confirm=6)
    for _ in range(50):
        framer.feed(b"\x55" * 19 + b"\x00" * 200)
    assert len(framer._rest) < 6 * 20 + 200


def test_clear_forgets_the_rest():
    framer = FixedFrames(3, marked)
    framer.feed(stream(2) + b"\x55\x02")
    framer.clear()
    assert framer.feed(stream(1)).tolist() == [[0x55, 0, 7]]


@given(st.lists(st.integers(0, 12), max_size=6))
def test_lines_are_the_same_for_every_cut(cuts):
    octets = b"12.50\n3\r\n\n7.2"
    edges = [0, *sorted(cuts), len(octets)]
    lines = Lines()
    found = [line for a, b in pairwise(edges) for line in lines.feed(octets[a:b])]
    assert found == [b"12.50", b"3", b""]


def test_a_line_without_an_end_is_refused_and_dropped():
    lines = Lines()
    with pytest.raises(PacketError, match="no end of a line"):
        lines.feed(b"1" * 300)
    assert lines.feed(b"2\n") == [b"2"]


def test_parts_count_down_to_a_message():
    parts = Countdown()
    assert parts.feed(b"\xff\x02ab") is None
    assert parts.feed(b"\xff\x01cd") is None
    assert parts.feed(b"\xff\x00e") == b"abcde"
    assert parts.feed(b"\x08whole") == b"\x08whole"


def test_a_part_out_of_turn_is_refused_and_the_next_message_is_whole():
    parts = Countdown()
    parts.feed(b"\xff\x02ab")
    with pytest.raises(PacketError, match="part 0 of a message came where 1 was due"):
        parts.feed(b"\xff\x00ef")
    assert parts.feed(b"\xff\x01ab") is None
    assert parts.feed(b"\x08whole") == b"\x08whole"
    assert parts.feed(b"\xff\x00z") == b"z"
    with pytest.raises(PacketError, match="without its number"):
        parts.feed(b"\xff")


def test_first_message_waits_and_whole_ones_pass_from_then_on():
    parts = TwoParts()
    assert parts.begin(b"aaaa", 1) == []
    assert parts.begin(b"bbbb", 2) == [(1, b"aaaa"), (2, b"bbbb")]
    assert parts.begin(b"cccc", 3) == [(3, b"cccc")]


def test_messages_with_a_rest_wait_for_it():
    parts = TwoParts()
    assert parts.begin(b"aaaa", 1) == []
    assert parts.end(b"a", 2) == (2, b"aaaaa")
    assert parts.begin(b"bbbb", 3) == []
    assert parts.end(b"b", 4) == (4, b"bbbbb")
    assert parts.begin(b"short", 5) == [(5, b"short")]


def test_a_lost_rest_costs_its_message_and_a_lost_begin_is_refused():
    parts = TwoParts()
    parts.begin(b"aaaa", 1)
    parts.end(b"a", 2)
    parts.begin(b"bbbb", 3)
    assert parts.begin(b"cccc", 5) == []
    assert parts.end(b"c", 6) == (6, b"ccccc")
    with pytest.raises(PacketError, match="without a first"):
        parts.end(b"d", 8)
    parts.clear()
    assert parts.begin(b"eeee", 9) == []
