"""gForce against vectors that were worked out by hand from its maker's programs."""

import struct

import numpy as np
import pytest
from devices.captured import captured
from devices.conversations import CONVERSATIONS
from devices.conversing import converse

from emgmon.devices import Advertisement
from emgmon.devices.base import Request, StreamSettings, Subscribe, Write
from emgmon.devices.checksums import crc16_modbus
from emgmon.devices.gforce import DRIVER
from emgmon.errors import HandshakeFailed, PacketError
from emgmon.model import Packet
from emgmon.timing.counters import SampleCounter

COMMAND, DATA = "f000ffe1-0451-4000-b000-000000000000", "f000ffe2-0451-4000-b000-000000000000"
OTHER_COMMAND, OTHER_DATA = "00000002-0000-1000-8000-00805f9b34fb", "00000003-0000-1000-8000-00805f9b34fb"
OTHER_PORTS = {OTHER_COMMAND: frozenset({"write", "notify"}), OTHER_DATA: frozenset({"notify"})}
VECTORS = captured("gforce")
TALK = CONVERSATIONS["gforce"]


def decoder_of(setting="3F F4 01 FF 00 80 0C", *, numbered=True):
    decoder = DRIVER.decoder("S")
    for port, hexadecimal in (
        (">" + COMMAND, setting),
        (COMMAND, "00 3F"),
        (">" + COMMAND, "26 01"),
        (COMMAND, "00 26" if numbered else "01 26"),
    ):
        decoder.decode(Packet("S", port, 0, bytes.fromhex(hexadecimal)))
    return decoder


def emg(number, *, first=2000, bits=12, numbered=True):
    head = bytes([8, number % 256]) if numbered else b"\x08"
    return head + (struct.pack("<64H", *range(first, first + 64)) if bits == 12 else bytes(range(128)))


def data(payload, host_s=0.0):
    return Packet("S", DATA, round(host_s * 1e9), payload)


def test_handshake_says_what_the_document_says():
    steps, _packets = converse(TALK)
    said = [step.payload.hex(" ") for step in steps if isinstance(step, Request)]
    assert said == [
        "08", "06", "4f 00 00 00 00", VECTORS["setting"][0].payload.hex(" "), "26 01", "4f 93 00 00 00",
    ]  # fmt: skip
    assert [step.port for step in steps if isinstance(step, Subscribe)] == [COMMAND, DATA]
    assert [(step.port, step.payload.hex(" ")) for step in DRIVER.farewell()] == [(COMMAND, "4f 00 00 00 00")]


def test_twelve_bits_are_counts_sample_by_sample():
    decoder = decoder_of()
    (block,) = decoder.decode(data(emg(0, first=100)))
    np.testing.assert_array_equal(block.samples, np.arange(100, 164).reshape(8, 8))
    assert (block.stream.unit, block.stream.fs_hz, len(block.stream.placements)) == ("a.u.", 500, 8)


def test_eight_bits_where_the_box_refuses_twelve():
    def says(step):
        refused = isinstance(step, Request) and step.payload[0] == 0x3F and step.payload[-1] == 12
        return [(COMMAND, b"\x02\x3f")] if refused else TALK.says(step)

    _steps, packets = converse(TALK, says=says)
    decoder = DRIVER.decoder("S")
    for packet in packets:
        decoder.decode(packet)
    (block,) = decoder.decode(data(emg(0, bits=8)))
    np.testing.assert_array_equal(block.samples, np.arange(128).reshape(16, 8))


def test_a_missing_number_is_a_hole_of_one_message():
    decoder = decoder_of()
    firsts = [decoder.decode(data(emg(k), 0.016 * k))[0].first for k in range(300) if k != 260]
    assert firsts == [8 * k for k in range(300) if k != 260]


def test_a_box_that_cannot_number_gives_no_evidence():
    decoder = decoder_of(numbered=False)
    assert decoder.loss_evidence == "none"
    firsts = [decoder.decode(data(emg(0, numbered=False), 0.016 * k))[0].first for k in range(50)]
    assert firsts == list(range(0, 400, 8))
    assert decoder_of().loss_evidence == "counter"


def test_parts_are_joined():
    message = emg(7)
    decoder = decoder_of()
    assert decoder.decode(data(b"\xff\x02" + message[:50])) == []
    assert decoder.decode(data(b"\xff\x01" + message[50:100])) == []
    (joined,) = decoder.decode(data(b"\xff\x00" + message[100:]))
    (straight,) = decoder_of().decode(data(message))
    np.testing.assert_array_equal(joined.samples, straight.samples)


def test_quaternion_and_acceleration_vectors():
    decoder = decoder_of(numbered=False)
    blocks = []
    for k in range(200):
        host_ns = 1_000_000_000 + 20_000_000 * k
        rotation = b"\x02" + struct.pack("<3i", 65536, -131072, 0)
        for payload in (
            emg(0, numbered=False),
            VECTORS["quaternion"][0].payload,
            VECTORS["acceleration"][0].payload,
            rotation,
        ):
            blocks += decoder.decode(Packet("S", DATA, host_ns, payload))
    found = {block.stream.quantity: block for block in blocks}
    np.testing.assert_allclose(found["quaternion"].samples, [[0.5, 0.5, -0.5, 0.5]])
    np.testing.assert_allclose(found["imu"].samples, [[1, -0.5, 0, 1, -2, 0]])
    assert found["imu"].stream.fs_hz == 50


@pytest.mark.parametrize("rate_hz", [40, 50])
def test_rate_of_the_motion_is_seen_and_its_loss_too(rate_hz):
    decoder, counter = decoder_of(), SampleCounter()
    for k in range(10 * rate_hz):
        host_s = 1 + k / rate_hz
        decoder.decode(data(emg(round(host_s / 0.016)), host_s))
        if k == 8 * rate_hz:
            continue
        blocks = []
        for kind in (1, 2):
            blocks += decoder.decode(data(bytes([kind, k % 256]) + struct.pack("<3i", 0, 0, 65536), host_s))
        for block in blocks:
            assert block.stream.fs_hz == rate_hz
            counter.take(block)
    assert counter.lost == 1
    assert counter.received > 7 * rate_hz


def test_halves_of_different_numbers_are_not_joined():
    decoder = decoder_of()
    for k in range(400):
        host_s = 0.02 * k
        decoder.decode(data(emg(k), host_s))
        assert decoder.decode(data(bytes([1, k % 256]) + bytes(12), host_s)) == []
        assert decoder.decode(data(bytes([2, (k + 100) % 256]) + bytes(12), host_s)) == []


def wrapped(kind, content):
    return bytes([kind, len(content)]) + content + crc16_modbus(content).to_bytes(2, "big")


def test_boxes_with_the_other_chip_wrap_what_they_say():
    def says(step):
        if not isinstance(step, Request):
            return []
        assert step.port == OTHER_COMMAND
        return [(OTHER_DATA, wrapped(0x55, emg(3)) + wrapped(0xAA, bytes([0, step.payload[0], 80])))]

    steps, _packets = converse(TALK, StreamSettings(ports=OTHER_PORTS), says=says)
    assert [step.payload[0] for step in steps if isinstance(step, Request)] == [0x08, 0x06, 0x4F, 0x3F, 0x26, 0x4F]
    decoder = DRIVER.decoder("S")
    for payload in (bytes.fromhex("3F F4 01 FF 00 80 0C"), b"\x26\x01"):
        decoder.decode(Packet("S", ">" + OTHER_COMMAND, 0, payload))
        decoder.decode(Packet("S", OTHER_DATA, 0, wrapped(0xAA, bytes([0, payload[0]]))))
    blocks = decoder.decode(Packet("S", OTHER_DATA, 0, wrapped(0x55, emg(3)) + wrapped(0x55, emg(4))))
    assert [block.first for block in blocks] == [24, 32]


def test_a_wrong_checksum_is_refused():
    payload = bytearray(wrapped(0x55, emg(3)))
    payload[9] ^= 1
    with pytest.raises(PacketError, match="checksum"):
        DRIVER.decoder("S").decode(Packet("S", OTHER_DATA, 0, bytes(payload)))


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (emg(0)[:-1], "128 bytes"),
        (b"\x08\x00" + struct.pack("<64H", *[4096] * 64), "12 bits"),
        (b"\x08", "without content"),
        (b"\x05\x00" + bytes(15), "16 bytes"),
        (b"\x05\x00" + struct.pack("<4f", 1, float("nan"), 0, 0), "numbers"),
        (b"\x01\x00" + bytes(11), "12 bytes"),
    ],
)
def test_what_is_no_message_is_refused(payload, words):
    with pytest.raises(PacketError, match=words):
        decoder_of().decode(data(payload))


@pytest.mark.parametrize(
    ("refused", "words"), [(0x3F, "refuses to measure EMG"), (0x4F, "its battery has 75 %.*charger")]
)
def test_refusals(refused, words):
    def says(step):
        if isinstance(step, Request) and step.payload[0] == refused:
            return [(COMMAND, bytes([3, refused]))]
        return TALK.says(step)

    with pytest.raises(HandshakeFailed, match=words):
        converse(TALK, says=says)


def test_old_firmware_that_does_not_know_the_numbering_streams_without():
    def says(step):
        return [] if isinstance(step, Request) and step.payload[0] == 0x26 else TALK.says(step)

    steps, packets = converse(TALK, says=says)
    assert steps[-1] == Subscribe(DATA)
    decoder = DRIVER.decoder("S")
    for packet in packets:
        decoder.decode(packet)
    assert len(decoder.decode(data(emg(0, numbered=False)))) == 1


def test_silence_is_named():
    with pytest.raises(HandshakeFailed, match="does not answer"):
        converse(TALK, says=lambda _step: [])


def test_recognised_unless_it_waits_for_firmware():
    assert DRIVER.recognises(Advertisement("gForceProX-1234"))
    assert not DRIVER.recognises(Advertisement("gForcePro-boot"))
    assert not any(isinstance(step, Write) for step in converse(TALK)[0])
