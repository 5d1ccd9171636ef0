"""The open profile, byte by byte; the literals come from its document, not from the code."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgmon.devices import DRIVERS, Advertisement, driver_for
from emgmon.devices.base import Read, Request, StreamSettings, Subscribe
from emgmon.devices.emgmon_gatt import DRIVER, parse_description
from emgmon.errors import HandshakeFailed, PacketError
from emgmon.model import Packet, Placement

BASE = "c331{:04x}-2714-438a-ab5f-5cbde8590098"
SERVICE, DESCRIPTION, CONTROL, EMG, IMU, STATUS = (BASE.format(k) for k in range(1, 7))
EMG_EXAMPLE = bytes.fromhex("10 01 29 00 01 04 00 00 E8 A3 0F 00 00 04 64 00 65 00 66 00 67 00")
IMU_EXAMPLE = bytes.fromhex(
    "10 00 09 00 32 00 00 00 40 42 0F 00 0B 01 00 00 00 00 00 10 A4 00 00 00 00 00 00 40 00 00 00 00 00 00"
)
TWO_CHANNELS = bytes.fromhex(
    "10 01 29 00 01 04 00 00 E8 A3 0F 00 03 04 64 00 9C FF 65 00 9D FF 66 00 9E FF 67 00 9F FF"
)


def tlv(tag, value):
    return bytes([tag, len(value)]) + value


def description(channels=1, rates=(1000,), label=b"gluteus_maximus/left", kind=0, imu=True):
    emg = (
        tlv(1, bytes([channels]))
        + tlv(2, b"".join(struct.pack("<H", r) for r in rates))
        + tlv(3, b"\0")
        + tlv(4, struct.pack("<f", 0.5))
        + tlv(5, bytes([kind]))
        + tlv(10, label)
        + tlv(12, b"\x73")
    )
    out = bytes([1, 2 if imu else 1, 1, len(emg)]) + emg
    if imu:
        body = (
            tlv(1, b"\x06")
            + tlv(2, struct.pack("<H", 100))
            + tlv(3, b"\0")
            + tlv(4, struct.pack("<f", 1 / 4096))
            + tlv(4, struct.pack("<f", 1 / 16.4))
            + tlv(5, b"\0")
        )
        out += bytes([2, len(body)]) + body
    return out


def decoder_with(**options):
    decoder = DRIVER.decoder("S")
    decoder.decode(Packet("S", DESCRIPTION, 0, description(**options)))
    return decoder


def test_document_example_of_two_emg_channels():
    (block,) = decoder_with(channels=2).decode(Packet("S", EMG, 7, TWO_CHANNELS))
    assert block.first == 1025
    assert block.device_s == pytest.approx(1.025)
    assert block.host_ns == 7
    np.testing.assert_array_equal(block.samples * 2, [[100, -100], [101, -99], [102, -98], [103, -97]])


def test_document_example_of_imu():
    (block,) = decoder_with().decode(Packet("S", IMU, 0, IMU_EXAMPLE))
    assert block.first == 50
    np.testing.assert_allclose(block.samples, [[0, 0, 1, 10, 0, 0]], atol=1e-6)


def test_int24_is_read_with_its_sign():
    payload = bytes.fromhex("11 00 00 00 00 00 00 00 00 00 00 00 01 03 FF FF FF 01 00 00 00 00 80")
    (block,) = decoder_with().decode(Packet("S", EMG, 0, payload))
    np.testing.assert_array_equal(block.samples[:, 0] * 2, [-1, 1, -8388608])


def test_placement_is_the_label_and_serves_the_imu_too():
    decoder = decoder_with()
    decoder.decode(Packet("S", IMU, 0, IMU_EXAMPLE))
    assert decoder.streams[0].placements == (Placement("gluteus_maximus", "left"),)


def test_an_unknown_label_is_no_placement():
    decoder = decoder_with(label=b"left buttock")
    decoder.decode(Packet("S", IMU, 0, IMU_EXAMPLE))
    assert decoder.streams[0].placements == (None,)


def test_rate_is_the_offered_one_that_index_and_time_agree_on():
    decoder = decoder_with(rates=(500, 1000, 2000))

    def packet(index, time_us):
        return Packet("S", EMG, 0, struct.pack("<BBHIIBB", 0x10, 0, 0, index, time_us, 1, 1) + b"\1\0")

    assert decoder.decode(packet(0, 0)) == []
    first, second = decoder.decode(packet(100, 50_300))
    assert (first.first, second.first) == (0, 100)
    assert first.stream.fs_hz == 2000


def test_index_and_time_are_unwrapped():
    decoder = decoder_with()

    def packet(index, time_us):
        return Packet("S", EMG, 0, struct.pack("<BBHIIBB", 0x10, 0, 0, index, time_us, 1, 1) + b"\1\0")

    decoder.decode(packet(0xFFFFFFFF, 0xFFFFFC18))
    (block,) = decoder.decode(packet(0, 0))
    assert block.first == 1 << 32
    assert block.device_s == pytest.approx((1 << 32) * 1e-6)


def test_battery_is_read():
    decoder = decoder_with()
    decoder.decode(Packet("S", "00002a19-0000-1000-8000-00805f9b34fb", 0, b"\x57"))
    assert decoder.battery_percent == 87


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"", "unknown version"),
        (b"\x02\x00", "unknown version"),
        (description()[:-3], "cut short"),
        (bytes([1, 1, 1, 3, 2, 9, 0]), "cut short"),
        (bytes([1, 1, 1, 0]), "lacks rates or scale"),
        (description(kind=9), "raw or an envelope"),
    ],
)
def test_bad_descriptions_are_refused_with_the_reason(payload, words):
    with pytest.raises(PacketError, match=words):
        parse_description(payload)


@given(st.sampled_from([DESCRIPTION, EMG, IMU, STATUS, CONTROL, "other"]), st.binary(max_size=300))
def test_totality_any_bytes_give_blocks_or_packet_error(port, payload):
    decoder = decoder_with()
    try:
        blocks = decoder.decode(Packet("S", port, 0, payload))
    except PacketError:
        return
    assert all(block.samples.ndim == 2 and np.isfinite(block.samples).all() for block in blocks)


@given(st.binary(min_size=14, max_size=14), st.integers(0, 40))
def test_totality_headers_with_any_field(header, n):
    decoder = decoder_with()
    payload = bytes([0x10]) + header[1:12] + bytes([1, n]) + bytes(2 * n)
    try:
        blocks = decoder.decode(Packet("S", EMG, 0, payload))
    except PacketError:
        assert n == 0
        return
    assert len(blocks[0].samples) == n


def converse(answers, settings=None):
    """Run the handshake against a table of answers; returns the steps."""
    steps, answer = [], None
    conversation = DRIVER.handshake(settings or StreamSettings())
    while True:
        try:
            step = conversation.send(answer)
        except StopIteration:
            return steps
        steps.append(step)
        answer = answers(step)


def willing(step):
    if step == Read(DESCRIPTION):
        return description(rates=(500, 1000))
    if isinstance(step, Request):
        return bytes([0x80, step.payload[0], 1])
    return b""


def test_handshake_subscribes_before_it_starts_both_streams():
    steps = converse(willing)
    requests = [step.payload for step in steps if isinstance(step, Request)]
    assert requests[-1] == bytes.fromhex("03 03")
    assert {step.port for step in steps if isinstance(step, Subscribe)} == {CONTROL, STATUS, EMG, IMU}
    assert max(k for k, s in enumerate(steps) if isinstance(s, Subscribe)) < min(
        k for k, s in enumerate(steps) if isinstance(s, Request)
    )


def test_handshake_asks_for_packets_that_fit_the_mtu():
    requests = [s.payload for s in converse(willing, StreamSettings(packet_s=1.0, mtu=100)) if isinstance(s, Request)]
    assert requests[0] == bytes.fromhex("02 01 02 02 e8 03 0c 01") + bytes([(100 - 3 - 14) // 2])
    assert requests[1] == bytes.fromhex("02 02 02 02 64 00 0c 01") + bytes([(100 - 3 - 14) // 12])


@pytest.mark.parametrize(("status", "words"), [(9, "charger"), (7, "MTU"), (8, "battery"), (77, "status 77")])
def test_a_refusal_says_what_to_do(status, words):
    def refusing(step):
        return bytes([0x80, 3, status]) if isinstance(step, Request) and step.payload[0] == 3 else willing(step)

    with pytest.raises(HandshakeFailed, match=words):
        converse(refusing)


def test_recognises_the_service_and_nothing_else():
    assert driver_for(Advertisement("EMG-GL", (SERVICE,))) is DRIVER
    assert driver_for(Advertisement("EMG-GL", ("0000180f-0000-1000-8000-00805f9b34fb",))) is None


def test_drivers_have_names_of_their_own():
    assert len({driver.name for driver in DRIVERS}) == len(DRIVERS)


def test_a_packet_with_another_number_of_channels_is_refused():
    decoder = decoder_with(channels=2)
    decoder.decode(Packet("S", EMG, 0, TWO_CHANNELS))
    with pytest.raises(PacketError, match="channels"):
        decoder.decode(Packet("S", EMG, 0, TWO_CHANNELS[:12] + b"\1\4" + bytes(8)))


def damaged_stream(seed, n=400):
    """Packets of both streams over a turn of their numbers: some lost, damaged, cut, laid out otherwise."""
    rng = np.random.default_rng(seed)
    packets, at = [Packet("S", DESCRIPTION, 0, description(channels=2, rates=(500, 1000)))], 2**32 - 2000
    for k in range(n):
        kind, size = (EMG, 25) if k % 3 else (IMU, 5)
        step = {EMG: 1, IMU: 10}[kind]
        layout = (0x11 if rng.random() < 0.05 else 0x10, 3 if kind == EMG else 0x0B if rng.random() < 0.9 else 0x0F)
        width = 2 if kind == EMG else {0x0B: 10, 0x0F: 13}[layout[1]]
        if kind == IMU and k % 2:
            layout, width = (layout[0], 3), 6
        counts = rng.integers(0, 256, size * width * (3 if layout[0] & 1 else 2), np.uint8).tobytes()
        head = struct.pack("<BBHIIBB", layout[0], 1, k, at // step % 2**32, at * 1000 % 2**32, layout[1], size)
        payload = bytearray(head + counts)
        fate = rng.random()
        if fate < 0.04:
            payload[int(rng.integers(len(payload)))] ^= 1 << int(rng.integers(8))
        elif fate < 0.06:
            del payload[int(rng.integers(len(payload))) :]
        if fate < 0.9:
            packets.append(Packet("S", kind, k, bytes(payload)))
        if fate > 0.995:
            packets.append(Packet("S", DESCRIPTION, k, description(channels=2, rates=(500, 1000))))
        at += 25
    return packets


@pytest.mark.parametrize("seed", range(8))
def test_a_packet_like_the_last_is_read_as_any_other(seed, monkeypatch):
    quick, close = DRIVER.decoder("S"), DRIVER.decoder("S")
    at_once = []
    as_usual = type(quick)._as_usual

    def noted(decoder, usual, packet):
        found = as_usual(decoder, usual, packet) if decoder is quick else None
        at_once.append(found is not None)
        return found

    monkeypatch.setattr(type(quick), "_as_usual", noted)
    for packet in damaged_stream(seed):
        told = []
        for decoder in (quick, close):
            try:
                found = decoder.decode(packet)
            except PacketError as error:
                told.append(str(error))
            else:
                told.append([(b.stream, b.first, b.device_s, b.host_ns, b.samples.tolist()) for b in found])
        assert told[0] == told[1]
    assert sum(at_once) > 100
