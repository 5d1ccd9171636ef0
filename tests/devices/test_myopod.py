"""MyoPod against a block worked out by hand from its protocol document."""

import struct

import numpy as np
import pytest
from devices.captured import captured
from devices.conversations_emg import MYO_POD, MYOPOD, myopod_data
from devices.conversing import converse

from emgmon.devices import Advertisement
from emgmon.devices.base import Read, Write
from emgmon.devices.myopod import DRIVER
from emgmon.errors import HandshakeFailed, PacketError
from emgmon.model import Packet

VECTORS = captured("myopod")
CONFIGURATION, DATA = MYOPOD.format(1), MYOPOD.format(2)


def block(number=0, kind=0x31, factor=0.001, data=b"\0\x64", length=None):
    head = struct.pack(">BBBffB", 0, number, kind, 1.0, factor, len(data) if length is None else length)
    return Packet("S", DATA, 0, head + data)


def test_computed_block():
    decoder = DRIVER.decoder("S")
    (configuration,), (packet,) = VECTORS["configuration"], VECTORS["block"]
    assert decoder.decode(configuration) == []
    (found,) = decoder.decode(packet)
    np.testing.assert_allclose(found.samples[:, 0], [100, -100], rtol=1e-6)
    assert (found.stream.unit, found.stream.fs_hz, found.first) == ("uv", 200, 0)


def test_start_and_stop_by_the_document():
    steps, _packets = converse(MYO_POD)
    assert [s.payload.hex(" ") for s in steps if isinstance(s, Write)] == ["00 00 01 31 00"]
    assert [s.payload.hex(" ") for s in DRIVER.farewell()] == ["00 00 01 00 00"]


def test_the_sensors_own_answer_decides_the_rate():
    decoder = DRIVER.decoder("S")
    decoder.decode(Packet("S", CONFIGURATION, 0, bytes.fromhex("00 00 02 31 00 03 e8 3a 83 12 6f")))
    assert decoder.decode(block())[0].stream.fs_hz == 500


def test_a_sensor_that_does_not_take_the_stream_is_refused():
    def says(step):
        return [(step.port, bytes.fromhex("00 00 01 00 00 00 c8 3a 83 12 6f"))] if isinstance(step, Read) else []

    with pytest.raises(HandshakeFailed, match="does not stream raw EMG"):
        converse(MYO_POD, says=says)


@pytest.mark.parametrize(
    ("kind", "data", "microvolts"),
    [(0x30, struct.pack(">f", 2.0), 2.0), (0x33, b"\xfe", -2.0), (0x31, b"\xff\xfe", -2.0)],
)
def test_codings(kind, data, microvolts):
    (found,) = DRIVER.decoder("S").decode(block(kind=kind, data=data))
    np.testing.assert_allclose(found.samples, [[microvolts]], rtol=1e-6)


def test_blocks_that_are_missing_had_as_many_samples_as_the_one_before():
    decoder = DRIVER.decoder("S")
    firsts = []
    for k in (254, 255, 258, 259):
        ((_port, payload),) = myopod_data(k)
        firsts.append(decoder.decode(Packet("S", DATA, k * 50_000_000, payload))[0].first)
    assert firsts == [0, 10, 40, 50]


@pytest.mark.parametrize(
    ("packet", "words"),
    [
        (Packet("S", DATA, 0, bytes(11)), "shorter than its header"),
        (block(kind=0x21), "block of stream 2 in coding 1"),
        (block(kind=0x32), "coding 2"),
        (block(length=3), "another length"),
        (block(data=b"\0\0\0"), "another length"),
        (block(data=b""), "another length"),
        (block(factor=float("nan")), "a number that is none"),
        (block(kind=0x30, data=struct.pack(">f", float("inf"))), "a number that is none"),
        (Packet("S", CONFIGURATION, 0, bytes(5)), "cut short"),
        (Packet("S", CONFIGURATION, 0, bytes(11)), "a rate that cannot be"),
    ],
)
def test_bad_packets_say_what_is_wrong(packet, words):
    with pytest.raises(PacketError, match=words):
        DRIVER.decoder("S").decode(packet)


def test_only_the_makers_sensors_are_recognised():
    assert DRIVER.recognises(Advertisement("", manufacturer_data={0x0ABA: b"\x02\x05\x00"}))
    assert not DRIVER.recognises(Advertisement("", manufacturer_data={0x0ABA: b"\x02\x02\x00"}))
    assert not DRIVER.recognises(Advertisement("", manufacturer_data={0x0ABA: b"\x09\x04\x00"}))
    assert not DRIVER.recognises(Advertisement("", manufacturer_data={0x0ABB: b"\x02\x04\x00"}))
