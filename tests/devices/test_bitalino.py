"""BITalino against frames that an independent program computed."""

import numpy as np
import pytest
from devices.captured import captured
from devices.conversations_emg import BITALINO, BITALINO_FRAMES, bitalino_frame
from devices.conversing import converse

from emgmon.devices.base import StreamSettings, Write
from emgmon.devices.bitalino import DRIVER, inputs, passes
from emgmon.errors import PacketError
from emgmon.model import Packet
from emgmon.timing.counters import SampleCounter

VECTORS = captured("bitalino")
COMMANDS = "4051eb11-bf0a-4c74-8730-a48f4193fcea"


def running(*commands):
    decoder = DRIVER.decoder("S")
    for command in commands or (b"\xc3", b"\x0d"):
        decoder.decode(Packet("S", ">" + COMMANDS, 0, command))
    return decoder


def counted(frames_at):
    """Feed pairs of arrival and bytes; returns the counter of the samples, and the samples."""
    decoder, counter, values = running(), SampleCounter(), []
    for host_ns, payload in frames_at:
        try:
            blocks = decoder.decode(Packet("S", BITALINO_FRAMES, host_ns, payload))
        except PacketError:
            continue
        for block in blocks:
            samples, _first = counter.take(block)
            values.append(samples)
    return counter, np.concatenate(values)


def notifications(n, cut=20, interval_s=0.015):
    stream = b"".join(bitalino_frame(k % 1024, (7 * k) % 1024, k) for k in range(n))
    for at in range(0, len(stream), cut):
        taken_s = (at + cut) / 4 * 1e-3
        yield round(np.ceil(taken_s / interval_s) * interval_s * 1e9), stream[at : at + cut]


@pytest.mark.parametrize("name", VECTORS)
def test_computed_frames(name):
    payload = VECTORS[name][0].payload
    values = [int(text) for text in name.split("_")]
    frames = np.frombuffer(payload, np.uint8)[None, :]
    assert passes(frames).all()
    assert inputs(frames, len(values)).tolist() == [values]


@pytest.mark.parametrize("name", VECTORS)
def test_every_flipped_bit_fails_the_check(name):
    payload = VECTORS[name][0].payload
    flipped = [
        [octet ^ (1 << bit if k == at else 0) for k, octet in enumerate(payload)]
        for at in range(len(payload))
        for bit in range(8)
    ]
    assert not passes(np.array(flipped, np.uint8)).any()


def test_start_up_by_the_document():
    written = [step.payload for step in converse(BITALINO)[0] if isinstance(step, Write)]
    assert written == [b"\x00", b"\xc3", b"\x0d"]
    slow = [step.payload for step in converse(BITALINO, StreamSettings(emg_hz=100))[0] if isinstance(step, Write)]
    assert slow[1] == b"\x83"


def test_samples_are_counts_while_the_gain_is_not_checked():
    decoder = running()
    payload = b"".join(bitalino_frame(512, 300, k) for k in range(8))
    (block,) = decoder.decode(Packet("S", BITALINO_FRAMES, 0, payload))
    assert block.stream.unit == "a.u."
    np.testing.assert_array_equal(block.samples, [[512, 300]] * 8)


@pytest.mark.parametrize("cut", [20, 17, 3])
def test_frames_are_found_over_notification_boundaries(cut):
    counter, values = counted(notifications(4000, cut))
    assert (counter.received, counter.lost, counter.repeated) == (4000, 0, 0)
    np.testing.assert_array_equal(values[:, 0], np.arange(4000) % 1024)


@pytest.mark.parametrize("cut", [20, 18])
def test_a_lost_notification_is_a_hole_of_its_frames(cut):
    kept = [item for k, item in enumerate(notifications(4000, cut)) if k % 97 != 50]
    counter, values = counted(kept)
    assert counter.received + counter.lost == 4000
    assert counter.repeated == 0
    there = ~np.isnan(values[:, 0])
    np.testing.assert_array_equal(values[there, 0], (np.arange(4000) % 1024)[there])


def test_seconds_without_a_frame_are_counted_to_a_quarter_of_one():
    kept = [(host_ns, payload) for host_ns, payload in notifications(8000) if not 2e9 <= host_ns < 5e9]
    counter, _values = counted(kept)
    assert counter.lost == pytest.approx(3000, abs=250)


def test_a_notification_that_comes_twice_counts_once():
    counter, values = counted(item for item in notifications(2000) for _ in range(2))
    assert (counter.received, counter.lost) == (2000, 0)
    np.testing.assert_array_equal(values[:, 0], np.arange(2000) % 1024)


def test_more_inputs_by_the_command_that_was_written():
    decoder = running(b"\x83", b"\x3d")
    assert decoder.streams[0].width == 4
    assert decoder.streams[0].fs_hz == 100


@pytest.mark.parametrize(
    ("port", "payload", "words"),
    [
        (BITALINO_FRAMES, bytes(20), "nobody started"),
        (">" + COMMANDS, b"", "not one byte"),
    ],
)
def test_bad_packets_say_what_is_wrong(port, payload, words):
    with pytest.raises(PacketError, match=words):
        DRIVER.decoder("S").decode(Packet("S", port, 0, payload))


def test_noise_is_no_frame():
    decoder = running()
    noise = np.random.default_rng(1).integers(0, 256, 400, np.uint8).tobytes()
    with pytest.raises(PacketError, match="no frame"):
        decoder.decode(Packet("S", BITALINO_FRAMES, 0, noise))


def test_farewell_stops():
    assert [step.payload for step in DRIVER.farewell()] == [b"\x00"]
