"""WitMotion against a frame worked out by hand and a public one."""

import struct

import numpy as np
import pytest
from devices.captured import captured
from devices.conversations_imu import WITMOTION, WITMOTION_NOTIFY
from devices.conversing import converse

from emgmon.devices import Advertisement
from emgmon.devices.base import StreamSettings, Subscribe, Write
from emgmon.devices.witmotion import DRIVER
from emgmon.errors import HandshakeFailed, PacketError
from emgmon.model import Packet

VECTORS = captured("witmotion")
COMMANDS = "0000ffe9-0000-1000-8000-00805f9a34fb"


def frame(n):
    return b"\x55\x61" + struct.pack("<9h", n % 30_000, 0, 2048, 0, 0, 0, 0, 0, 0)


def streamed(payload, *, rate_hz=100, length_s=1.5):
    """A frame again and again at some rate; returns the blocks."""
    decoder = DRIVER.decoder("S")
    packets = (Packet("S", WITMOTION_NOTIFY, round(k / rate_hz * 1e9), payload) for k in range(int(rate_hz * length_s)))
    return [block for packet in packets for block in decoder.decode(packet)]


def test_computed_frame():
    samples = streamed(VECTORS["motion"][0].payload)[0].samples
    np.testing.assert_allclose(samples[0], [0, 0, 1, 10.0098, -10.0098, 0], atol=5e-5)


def test_public_frame():
    samples = streamed(VECTORS["public"][0].payload)[0].samples
    np.testing.assert_allclose(samples[0], [-0.0991, -0.0815, 1.0049, 0, 0, 0], atol=5e-5)


@pytest.mark.parametrize("rate_hz", [10, 20, 50, 100, 200])
def test_the_rate_is_what_comes_and_not_what_was_asked_for(rate_hz):
    blocks = streamed(frame(0), rate_hz=rate_hz, length_s=2.0)
    assert {block.stream.fs_hz for block in blocks} == {rate_hz}
    assert sum(len(block.samples) for block in blocks) == 2 * rate_hz
    assert blocks[-1].first + len(blocks[-1].samples) == 2 * rate_hz


def test_nothing_is_lost_while_the_rate_is_being_learnt():
    decoder, values = DRIVER.decoder("S"), []
    for k in range(300):
        for block in decoder.decode(Packet("S", WITMOTION_NOTIFY, k * 10_000_000, frame(k))):
            values += (block.samples[:, 0] * 2048).tolist()
    assert values == list(range(300))


def test_a_second_of_silence_is_a_hole_of_a_second():
    decoder, firsts = DRIVER.decoder("S"), {}
    for k in [*range(300), *range(400, 700)]:
        for block in decoder.decode(Packet("S", WITMOTION_NOTIFY, k * 10_000_000, frame(k))):
            firsts[k] = block.first + len(block.samples) - 1
    assert firsts[299] == 299
    assert firsts[699] == pytest.approx(699, abs=3)


def test_register_answers_are_no_samples():
    decoder = DRIVER.decoder("S")
    answer = b"\x55\x71\x51\x00" + bytes(16)
    found = [
        block
        for k in range(200)
        for payload in (frame(k), *([answer] if k % 10 == 0 else []))
        for block in decoder.decode(Packet("S", WITMOTION_NOTIFY, k * 10_000_000, payload))
    ]
    assert sum(len(block.samples) for block in found) == 200


def test_a_head_within_the_data_does_not_shift_the_step():
    inside = b"\x55\x61" + b"\x55\x61" * 9
    blocks = streamed(inside)
    np.testing.assert_array_equal(blocks[-1].samples[0, :3], np.full(3, 0x6155 * 16 / 32768))


def test_start_up_unlocks_sets_the_rate_and_listens():
    steps, _packets = converse(WITMOTION)
    written = [step.payload.hex(" ") for step in steps if isinstance(step, Write)]
    assert written == ["ff aa 69 88 b5", "ff aa 03 09 00"]
    assert steps[-1] == Subscribe(WITMOTION_NOTIFY)
    slow, _packets = converse(WITMOTION, StreamSettings(imu_hz=45))
    assert [step.payload for step in slow if isinstance(step, Write)][1][3] == 0x08


def test_writes_are_confirmed_only_where_the_sensor_can():
    ports = {WITMOTION_NOTIFY: frozenset({"notify"}), COMMANDS: frozenset({"write-without-response"})}
    steps, _packets = converse(WITMOTION, StreamSettings(ports=ports))
    assert [step.confirmed for step in steps if isinstance(step, Write)] == [False, False]


def test_a_stranger_whose_name_begins_alike_is_refused():
    assert DRIVER.recognises(Advertisement("WT-100 scale"))
    with pytest.raises(HandshakeFailed, match="no WitMotion sensor"):
        converse(WITMOTION, StreamSettings(ports={COMMANDS.replace("ffe9", "2a00"): frozenset({"read"})}))
    assert not DRIVER.recognises(Advertisement("NEWTON"))


def test_noise_is_no_frame():
    with pytest.raises(PacketError, match="no frame"):
        DRIVER.decoder("S").decode(Packet("S", WITMOTION_NOTIFY, 0, bytes(60)))
