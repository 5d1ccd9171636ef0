"""MetaMotion against the vectors in its vendor's unit tests."""

import struct

import numpy as np
import pytest
from devices.captured import captured
from devices.conversations_imu import METAMOTION, METAWEAR, metamotion_data, metamotion_says
from devices.conversing import converse

from emgmon.devices.base import Request, StreamSettings, Write
from emgmon.devices.metamotion import DRIVER
from emgmon.errors import HandshakeFailed, PacketError
from emgmon.model import Packet

VECTORS = captured("metamotion")
COMMANDS, NOTIFY = METAWEAR.format(1), METAWEAR.format(6)
OLD, NEW = ("03 80 01 00", "13 80 00 00"), ("03 80 04 00", "13 80 01 00")


def configured(chips=OLD, acc="03 03 28 08", gyro="13 03 28 00"):
    decoder = DRIVER.decoder("S")
    for said in chips:
        decoder.decode(Packet("S", NOTIFY, 0, bytes.fromhex(said)))
    for written in (acc, gyro):
        decoder.decode(Packet("S", ">" + COMMANDS, 0, bytes.fromhex(written)))
    return decoder


def decoded(decoder, *names):
    return [block for name in names for packet in VECTORS[name] for block in decoder.decode(packet)]


def test_published_single_samples():
    decoder = configured(acc="03 03 28 05", gyro="13 03 28 02")
    (block,) = decoded(decoder, "acc_single_4_g", "gyro_single_500_dps")
    np.testing.assert_allclose(block.samples[0, :3], [-1.872, -2.919, -1.495], atol=5e-4)
    np.testing.assert_allclose(block.samples[0, 3:], [262.409, 499.497, -499.512], atol=5e-4)
    assert (block.stream.quantity, block.stream.unit, block.stream.fs_hz) == ("imu", "g,dps", 100)


def test_published_packed_samples():
    decoder = configured(acc="03 03 28 08", gyro="13 03 28 01")
    (block,) = decoded(decoder, "gyro_packed_1000_dps", "acc_packed_8_g")
    acc = [[-4.539, 0.833, -0.131], [-2.995, 0.894, 0.146], [-0.029, 0.352, 0.065]]
    gyro = [[164.177, 301.860, -265.122], [207.134, 296.982, -215.457], [254.055, 309.634, -152.591]]
    np.testing.assert_allclose(block.samples, np.hstack([acc, gyro]), atol=6e-4)


def test_published_battery():
    decoder = configured()
    decoded(decoder, "battery")
    assert decoder.battery_percent == 99


def test_the_chip_decides_what_a_range_byte_means():
    sample = bytes.fromhex("03 04 00 40 00 00 00 00")
    for chips, g in ((OLD, 1.0), (NEW, 8.0)):
        decoder = configured(chips, acc="03 03 28 03")
        decoder.decode(Packet("S", NOTIFY, 0, sample))
        (block,) = decoder.decode(Packet("S", NOTIFY, 0, bytes.fromhex("13 05 00 00 00 00 00 00")))
        assert block.samples[0, 0] == g


@pytest.mark.parametrize(
    ("chips", "expected"),
    [
        (OLD, ["03 03 28 08", "13 03 28 00", "03 1c 01", "13 07 01"]),
        (NEW, ["03 03 a8 02", "13 03 28 00", "03 05 01", "13 05 01"]),
    ],
)
def test_start_up_by_chip(chips, expected):
    answers = {said[:5]: said for said in chips}

    def says(step):
        said = answers.get(step.payload.hex(" ")) if isinstance(step, Request) else None
        return [(NOTIFY, bytes.fromhex(said))] if said else metamotion_says(step)

    written = [step.payload.hex(" ") for step in converse(METAMOTION, says=says)[0] if isinstance(step, Write)]
    assert written[4:8] == expected
    assert written[8:] == ["03 02 01 00", "13 02 01 00", "03 01 01", "13 01 01"]


def test_another_rate_changes_the_code():
    steps, packets = converse(METAMOTION, StreamSettings(imu_hz=50))
    assert bytes.fromhex("03 03 a7 02") in [step.payload for step in steps if isinstance(step, Write)]
    decoder = DRIVER.decoder("S")
    for packet in packets:
        decoder.decode(packet)
    assert decoder.streams[0].fs_hz == 50


@pytest.mark.parametrize("answer", ["03 80", "03 80 07 00"])
def test_a_missing_or_unknown_chip_is_refused(answer):
    def says(step):
        if isinstance(step, Request) and step.payload == b"\x03\x80":
            return [(NOTIFY, bytes.fromhex(answer))]
        return metamotion_says(step)

    with pytest.raises(HandshakeFailed, match="no accelerometer that emgmon knows"):
        converse(METAMOTION, says=says)


def test_answers_are_found_past_data_that_still_comes():
    def says(step):
        return [*(metamotion_data(0) if isinstance(step, Request) else []), *metamotion_says(step)]

    assert converse(METAMOTION, says=says)[0][-1].payload == bytes.fromhex("13 01 01")


def newer(order):
    """Samples of an S when acceleration and rate of packet k come in some order."""
    decoder, blocks = configured(NEW, acc="03 03 a8 02"), []
    for k, which in order:
        payload = metamotion_data(k)[which][1]
        blocks += decoder.decode(Packet("S", NOTIFY, (k + 1) * 30_000_000, payload))
    return blocks


@pytest.mark.parametrize("order", [(0, 1, 0, 1), (1, 0, 1, 0), (0, 0, 1, 1)])
def test_samples_are_paired_in_any_order_of_arrival(order):
    numbers = (0, 0, 1, 1) if order[0] != order[1] else (0, 1, 0, 1)
    blocks = newer([(2 * k + n, which) for k in range(20) for n, which in zip(numbers, order, strict=True)])
    assert [block.first for block in blocks] == list(range(0, 120, 3))
    for k, block in enumerate(blocks):
        np.testing.assert_allclose(block.samples[0, 0] * 4096, k % 100, atol=1e-9)
        np.testing.assert_allclose(block.samples[0, 3] * 16.4, -(k % 100), atol=1e-9)


@pytest.mark.parametrize("lost", [1, 2, 10])
def test_lost_halves_are_a_hole_and_pairs_are_right_again_after_a_third_of_a_second(lost):
    blocks = newer([(k, which) for k in range(60) for which in (0, 1) if not (which and 20 <= k < 20 + lost)])
    acc = np.array([block.samples[0, 0] * 4096 for block in blocks])
    rate = np.array([-block.samples[0, 3] * 16.4 for block in blocks])
    np.testing.assert_allclose(acc[-10:], rate[-10:], atol=1e-9)
    assert blocks[-1].first == 3 * 59
    assert sum(len(block.samples) for block in blocks) == 3 * (60 - lost)


@pytest.mark.parametrize(
    ("decoder", "payload", "words"),
    [
        (configured(), "03", "shorter than its header"),
        (configured(), "03 04 00 00", "neither one sample nor three"),
        (configured(), "11 8c", "battery"),
        (DRIVER.decoder("S"), "03 04 00 00 00 00 00 00", "rate that nobody asked for"),
        (configured(chips=()), "03 04 00 00 00 00 00 00", "unknown chip"),
        (configured(gyro="13 03 28 09"), "13 05 00 00 00 00 00 00", "range that nobody asked for"),
    ],
)
def test_bad_packets_say_what_is_wrong(decoder, payload, words):
    with pytest.raises(PacketError, match=words):
        decoder.decode(Packet("S", NOTIFY, 0, bytes.fromhex(payload)))


def test_a_rate_that_cannot_be_read_is_refused():
    with pytest.raises(PacketError, match="rate that cannot be read"):
        configured(acc="03 03 2c 08")


def test_farewell_stops_and_switches_off():
    stops = [step.payload for step in DRIVER.farewell()]
    assert stops == [bytes.fromhex(text) for text in ("03 01 00", "13 01 00", "03 02 00 01", "13 02 00 01")]
    assert struct.unpack("<HB", stops[0])[1] == 0
