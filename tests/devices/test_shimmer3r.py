"""Shimmer3R against its maker's published vectors, and frames built byte by byte."""

import struct

import numpy as np
import pytest
from devices.captured import captured
from devices.conversations import CONVERSATIONS, SHIMMER_PIPE, shimmer_data, shimmer_frame, shimmer_sealed
from devices.conversing import converse, started

from emgmon.devices import Advertisement
from emgmon.devices.base import Request, StreamSettings, Subscribe, Write
from emgmon.devices.framing import FixedFrames
from emgmon.devices.shimmer3r import DRIVER
from emgmon.devices.shimmer_frames import parse_inquiry, passes
from emgmon.errors import HandshakeFailed, PacketError
from emgmon.model import Packet
from emgmon.timing.counters import SampleCounter

ACKNOWLEDGED = "65333333-a115-11e2-9e9a-0800200ca101"
VECTORS = captured("shimmer3r")
TALK = CONVERSATIONS["shimmer3r"]
NOTIFIES, INDICATES = frozenset({"write-without-response", "notify"}), frozenset({"write", "indicate"})


def layout_reply(channels, divisor=64, config=bytes(7)):
    return b"\x02" + struct.pack("<H", divisor) + config + bytes([len(channels), 1]) + bytes(channels)


def heard(decoder, payload, host_s=1.0):
    return decoder.decode(Packet("S", SHIMMER_PIPE, round(host_s * 1e9), payload))


def test_published_inquiry():
    layout = parse_inquiry(VECTORS["inquiry"][0].payload)
    assert 32768 / layout.divisor == pytest.approx(51.2)
    assert layout.channels == (0x0A, 0x0B, 0x0C)


def test_frame_worked_out_by_hand():
    payload = VECTORS["frame"][0].payload
    layout = parse_inquiry(layout_reply((0x0A, 0x0B, 0x0C, 0, 1, 2, 0x1D, 0x1E, 0x1F)))
    frames = np.frombuffer(shimmer_sealed(payload), np.uint8)[None, :]
    assert passes(frames).all()
    assert layout.size == frames.shape[1]
    np.testing.assert_allclose(layout.emg(frames), [[1000.09, -1000.09]], atol=0.01)
    np.testing.assert_allclose(layout.imu(frames), [[0, 0, 1 / 9.80665, -1, -1, 0]], atol=1e-6)


def test_ranges_are_read_from_the_inquiry():
    config = (3 << 30 | 1 << 16 | 1 << 34).to_bytes(7, "little")
    layout = parse_inquiry(layout_reply((0, 1, 2, 0x0A, 0x0B, 0x0C), config=config))
    assert (layout.acc_range, layout.gyro_range) == (3, 5)
    frames = np.frombuffer(shimmer_sealed(b"\0\0\0\0" + struct.pack("<6h", 0, 0, -209, 7, 0, 0)), np.uint8)[None, :]
    np.testing.assert_allclose(layout.imu(frames), [[0, 0, 1 / 9.80665, -1, 0, 0]], atol=1e-6)


def test_handshake_writes_what_the_document_says():
    steps, _packets = converse(TALK)
    said = [step.payload.hex(" ") for step in steps if isinstance(step, Write | Request)]
    assert said == [
        "20", "8b 00", "2e", "72", "05 40 00", "5e 01",
        "61 00 00 0a 03 a8 10 69 60 20 00 00 02 03",
        "61 01 00 0a 03 a0 10 e1 e1 00 00 00 02 01",
        "49 02", "08 d0 00 00", "01", "8b 02", "07",
    ]  # fmt: skip


def test_without_motion_it_measures_at_1024_hz():
    steps, _packets = converse(TALK, StreamSettings(imu_hz=0))
    said = [step.payload.hex(" ") for step in steps if isinstance(step, Request)]
    assert {"05 20 00", "08 10 00 00", "61 00 00 0a 04 a8 10 69 60 20 00 00 02 03"} <= set(said)


@pytest.mark.parametrize(
    ("ports", "write", "listen"),
    [
        ({SHIMMER_PIPE: NOTIFIES, ACKNOWLEDGED: INDICATES}, SHIMMER_PIPE, SHIMMER_PIPE),
        ({SHIMMER_PIPE: frozenset({"write"}), ACKNOWLEDGED: frozenset({"notify"})}, SHIMMER_PIPE, ACKNOWLEDGED),
        ({ACKNOWLEDGED: INDICATES}, ACKNOWLEDGED, ACKNOWLEDGED),
    ],
)
def test_pipes_are_chosen_by_what_they_can(ports, write, listen):
    def says(step):
        return [(listen, payload) for _port, payload in TALK.says(step)]

    steps, packets = converse(TALK, StreamSettings(ports=ports), says=says)
    assert {step.port for step in steps if isinstance(step, Subscribe)} == {listen}
    assert {step.port for step in steps if isinstance(step, Request)} == {write}
    decoder = DRIVER.decoder("S")
    for packet in packets:
        decoder.decode(packet)
    assert [s.quantity for s in decoder.streams] == ["emg", "imu"]


def test_the_other_pipe_is_tried_when_the_first_is_silent():
    def says(step):
        if isinstance(step, Request) and step.answers_on == ACKNOWLEDGED:
            return [(ACKNOWLEDGED, payload) for _port, payload in TALK.says(step)]
        return []

    steps, _packets = converse(TALK, says=says)
    assert [step.port for step in steps if isinstance(step, Subscribe)] == [SHIMMER_PIPE, ACKNOWLEDGED]


def test_answers_may_come_in_pieces_and_after_news_of_the_state():
    def says(step):
        pieces = [(SHIMMER_PIPE, b"\x8a\x71\x00\x00")] if isinstance(step, Request) else []
        return pieces + [(port, payload[k : k + 1]) for port, payload in TALK.says(step) for k in range(len(payload))]

    def patient(step):
        said = says(step)
        return [(SHIMMER_PIPE, b"".join(payload for _port, payload in said[:3])), *said[3:]] if said else []

    _steps, packets = converse(TALK, says=patient)
    decoder = DRIVER.decoder("S")
    for packet in packets:
        decoder.decode(packet)
    (emg, _imu) = heard(decoder, shimmer_data(0)[0][1])
    assert len(emg.samples) == 9


@pytest.mark.parametrize(
    ("command", "answer", "words"),
    [
        (0x72, "ff 8a 71 01 00", "dock"),
        (0x72, "ff 8a 71 08 00", "logs to its card"),
        (0x05, "fe", "refuses 512 Hz"),
        (0x8B, "fe", "refuses no checksums"),
        (0x01, "ff 02 40 00 00 00 02 00 00 00 00 03 01 0A 0B 0C", "ExG board"),
    ],
)
def test_refusals(command, answer, words):
    def says(step):
        if isinstance(step, Request) and step.payload[0] == command:
            return [(SHIMMER_PIPE, bytes.fromhex(answer))]
        return TALK.says(step)

    with pytest.raises(HandshakeFailed, match=words):
        converse(TALK, says=says)


def test_silence_is_named():
    with pytest.raises(HandshakeFailed, match="does not answer"):
        converse(TALK, says=lambda _step: [])


def test_a_frame_that_is_missing_is_one_lost_sample():
    decoder, counter = started(TALK), SampleCounter()
    frames = b"".join(shimmer_frame(k) for k in range(20) if k != 11)
    for block in heard(decoder, frames):
        if block.stream.quantity == "emg":
            counter.take(block)
    assert (counter.received, counter.lost, counter.repeated) == (19, 1, 0)


def test_ticks_wrap_and_run_on():
    decoder, firsts, times = started(TALK), [], []
    per_round = (1 << 24) // 64
    for k in range(per_round - 30, per_round + 30, 10):
        blocks = heard(decoder, b"".join(shimmer_frame(k + n) for n in range(10)))
        firsts.append(blocks[0].first)
        times.append(blocks[0].device_s)
    assert firsts == list(range(0, 60, 10))
    np.testing.assert_allclose(np.diff(times), 10 / 512)


def test_jitter_of_a_few_ticks_is_no_loss():
    rng, counter = np.random.default_rng(3), SampleCounter()
    decoder = started(TALK)
    for k in range(500):
        ticks = 64 * k + int(rng.integers(-8, 9)) + 100
        frame = shimmer_sealed(b"\0" + ticks.to_bytes(3, "little") + shimmer_frame(k)[4:-2])
        for block in heard(decoder, frame):
            if block.stream.quantity == "emg":
                counter.take(block)
    assert (counter.received, counter.lost, counter.repeated) == (500, 0, 0)


def test_messages_between_frames_are_passed_over():
    decoder = started(TALK)
    stream = shimmer_frame(0) + b"\xff" + shimmer_frame(1) + shimmer_sealed(b"\x8a\x71\x10\x00") + shimmer_frame(2)
    blocks = [block for block in heard(decoder, stream) if block.stream.quantity == "emg"]
    assert sum(len(block.samples) for block in blocks) == 3


def test_a_flipped_bit_costs_one_frame():
    decoder = started(TALK)
    broken = bytearray(shimmer_frame(1))
    broken[7] ^= 4
    stream = shimmer_frame(0) + bytes(broken) + shimmer_frame(2) + shimmer_frame(3)
    blocks = [block for block in heard(decoder, stream) if block.stream.quantity == "emg"]
    assert [(block.first, len(block.samples)) for block in blocks] == [(0, 1), (2, 2)]


def test_bytes_without_a_frame_are_said():
    with pytest.raises(PacketError, match="no frame"):
        heard(started(TALK), bytes(range(1, 200)))


def test_start_without_checksums_is_refused():
    decoder = DRIVER.decoder("S")
    with pytest.raises(PacketError, match="checksums"):
        decoder.decode(Packet("S", ">" + SHIMMER_PIPE, 0, b"\x07"))


@pytest.mark.parametrize("reply", [b"\x02\x40", layout_reply((0x99,)), layout_reply((0, 0)), layout_reply((0,), 0)])
def test_layouts_that_cannot_be_are_refused(reply):
    with pytest.raises(PacketError, match="inquiry"):
        parse_inquiry(reply)


def test_frames_are_found_by_their_checksum_alone():
    frames = FixedFrames(len(shimmer_frame(0)), passes)
    assert len(frames.feed(b"\0\0\0" + shimmer_frame(5) + b"\xff" + shimmer_frame(6))) == 2


def test_recognised_by_name():
    assert DRIVER.recognises(Advertisement("Shimmer3R-5F21-BLE"))
    assert not DRIVER.recognises(Advertisement("Shimmer3-5F21"))
