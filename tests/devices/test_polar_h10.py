"""Polar H10 against the vectors that its maker published."""

import struct

import numpy as np
import pytest
from devices.captured import captured
from devices.conversations_emg import PMD, POLAR_H10, polar_says
from devices.conversing import converse

from emgmon.devices.base import Request, StreamSettings
from emgmon.devices.polar_h10 import DRIVER, parse_settings
from emgmon.errors import HandshakeFailed, NoAnswer, PacketError
from emgmon.model import Packet

CONTROL, DATA = PMD.format(1), PMD.format(2)
VECTORS = captured("polar_h10")


def decoded(*names, decoder=None):
    decoder = decoder or DRIVER.decoder("S")
    return [block for name in names for packet in VECTORS[name] for block in decoder.decode(packet)]


def refusing(status, op=2):
    def says(step):
        if isinstance(step, Request) and step.payload[0] == op:
            return [(CONTROL, bytes([0xF0, op, step.payload[1], status, 0]))]
        return polar_says(step)

    return says


def test_published_ecg_frame():
    (block,) = decoded("ecg")
    np.testing.assert_array_equal(block.samples, [[-32766], [32770]])
    assert (block.stream.quantity, block.stream.unit, block.stream.fs_hz) == ("ecg", "uv", 130)


def test_published_acceleration_frame():
    (block,) = decoded("start_acc", "acc")
    np.testing.assert_allclose(block.samples * 1000, [[-9, -1, 999], [-8, -2, 997]])
    assert (block.stream.quantity, block.stream.unit, block.stream.fs_hz) == ("acceleration", "g", 200)


def test_time_stands_at_the_last_sample_and_both_streams_share_it():
    acc, ecg = decoded("start_acc", "acc", "ecg")
    assert acc.device_s == pytest.approx(-1 / 200)
    assert ecg.device_s == pytest.approx(-1 / 130)


def test_start_up_asks_for_what_the_document_shows():
    steps, _packets = converse(POLAR_H10, StreamSettings(imu_hz=200))
    asked = [step.payload for step in steps if isinstance(step, Request)]
    assert asked[1] == VECTORS["start_ecg"][0].payload
    assert asked[3] == VECTORS["start_acc"][0].payload


def test_a_strap_that_measures_already_is_stopped_and_started_anew():
    stopped = []

    def says(step):
        if isinstance(step, Request) and step.payload[0] == 3:
            stopped.append(step.payload[1])
        if isinstance(step, Request) and step.payload[0] == 2 and step.payload[1] not in stopped:
            return [(CONTROL, bytes([0xF0, 2, step.payload[1], 6, 0]))]
        return polar_says(step)

    converse(POLAR_H10, says=says)
    assert stopped == [0, 2]


@pytest.mark.parametrize(
    ("status", "words"),
    [(10, "larger MTU"), (12, "wrong state"), (13, "in its charger; take it out"), (8, "rate"), (99, "status 99")],
)
def test_refusals_say_what_to_do(status, words):
    with pytest.raises(HandshakeFailed, match=words):
        converse(POLAR_H10, says=refusing(status))


def test_a_rate_that_is_not_offered_is_refused_with_those_that_are():
    def says(step):
        if isinstance(step, Request) and step.payload == b"\x01\x00":
            return [(CONTROL, bytes.fromhex("f0 01 00 00 00 00 02 40 00 80 00"))]
        return polar_says(step)

    with pytest.raises(HandshakeFailed, match="does not offer ECG at 130 Hz but 64, 128"):
        converse(POLAR_H10, says=says)


def test_settings_that_come_in_two_answers_are_joined():
    def says(step):
        if isinstance(step, Request) and step.payload == b"\x01\x02":
            first, rest = "f0 01 02 00 01 00 04 19 00 32 00 64 00", "00 c8 00 01 01 10 00"
            return [(CONTROL, bytes.fromhex(first)), (CONTROL, bytes.fromhex(rest))]
        return polar_says(step)

    steps, _packets = converse(POLAR_H10, StreamSettings(imu_hz=200), says=says)
    assert steps[-1].payload[:6] == bytes.fromhex("02 02 00 01 c8 00")


@pytest.mark.parametrize("parameters", ["00", "00 02 82 00", "07 01 00", "00 01 82 00 01"])
def test_settings_that_do_not_add_up(parameters):
    with pytest.raises(PacketError, match="settings"):
        parse_settings(bytes.fromhex(parameters))


def test_farewell_stops_both_even_when_the_first_does_not_answer():
    farewell = DRIVER.farewell()
    assert next(farewell).payload == b"\x03\x00"
    assert farewell.throw(NoAnswer("no answer")).payload == b"\x03\x02"


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"\0" * 9, "shorter than its header"),
        (b"\0" * 10, "whole number of samples"),
        (b"\0" * 11, "whole number of samples"),
        (b"\x00" + b"\0" * 8 + b"\x80" + b"\0" * 12, "kind 0 and form 128"),
        (b"\x01" + b"\0" * 8 + b"\x00" + b"\0" * 12, "kind 1"),
        (b"\x02" + b"\0" * 8 + b"\x01" + b"\0" * 6, "rate that nobody asked for"),
    ],
)
def test_bad_frames_say_what_is_wrong(payload, words):
    with pytest.raises(PacketError, match=words):
        DRIVER.decoder("S").decode(Packet("S", DATA, 0, payload))


def test_a_strap_half_a_percent_fast_loses_nothing_and_a_lost_frame_is_found():
    decoder = DRIVER.decoder("S")
    firsts = []
    for k in (0, 1, 2, 3, 5, 6):
        last_ns = round((73 * k + 72) * 1e9 / 130.65)
        payload = struct.pack("<BQB", 0, last_ns, 0) + b"\0\0\0" * 73
        (block,) = decoder.decode(Packet("S", DATA, k * 560_000_000, payload))
        firsts.append(block.first)
    assert firsts[:4] == [0, 73, 146, 219]
    assert firsts[4] == pytest.approx(365, abs=1)
    assert firsts[5] == firsts[4] + 73
