"""Ganglion against the vectors of its makers' tests, and others packed by hand after its firmware."""

import numpy as np
import pytest
from devices.captured import captured
from devices.conversations import CONVERSATIONS
from devices.conversing import converse

from emgmon.devices import Advertisement
from emgmon.devices.base import Read, StreamSettings, Write
from emgmon.devices.ganglion import DRIVER, differences, fields
from emgmon.errors import HandshakeFailed, PacketError
from emgmon.model import Packet
from emgmon.timing.counters import SampleCounter

DATA = "2d30c082-f39f-4ce6-923f-3484ea480596"
REVISION = "00002a28-0000-1000-8000-00805f9b34fb"
SCALE_UV = 1.2e6 / (8388607 * 1.5 * 51)
VECTORS = captured("ganglion")


def decoder_of(revision):
    decoder = DRIVER.decoder("S")
    decoder.decode(Packet("S", REVISION, 0, revision))
    return decoder


def packet(number, host_s, payload=bytes(19)):
    return Packet("S", DATA, round(host_s * 1e9), bytes([number]) + payload)


@pytest.mark.parametrize(
    ("name", "bits", "expected"),
    [
        ("fw2_18", 18, [[0, 2, 10, 4], [131074, 245760, 114698, 49162]]),
        ("fw2_18_negative", 18, [[-3, -5, -7, -11], [-262139, -198429, -262137, -4095]]),
        ("fw2_19", 19, [[0, 2, 10, 4], [262148, 507910, 393222, 8]]),
        ("fw2_19_negative", 19, [[-3, -5, -7, -11], [-262139, -198429, -262137, -4095]]),
    ],
)
def test_published_differences_of_firmware_2(name, bits, expected):
    payload = VECTORS[name][0].payload
    np.testing.assert_array_equal(differences(fields(payload, bits), bits), expected)
    decoder = decoder_of(b"2.0.1")
    decoder.decode(VECTORS["fw2_zero"][0])
    (block,) = decoder.decode(VECTORS[name][0])
    np.testing.assert_allclose(block.samples / SCALE_UV, -np.cumsum(expected, axis=0), rtol=1e-6)
    assert block.first == 1


def test_published_single_field_of_19_bits():
    number = int.from_bytes(bytes.fromhex("04A101"), "big")
    assert differences(np.array([number]), 19) == [-220927]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("fw3_18", [[0, 1280, -1280, 99968], [-100096, 8388480, -8388608, -128]]),
        ("fw3_19", [[0, 1280, -1280, 99968], [-100032, 8388544, -8388608, -64]]),
    ],
)
def test_samples_of_firmware_3(name, expected):
    (block,) = decoder_of(b"3.0.2").decode(VECTORS[name][0])
    np.testing.assert_allclose(block.samples / SCALE_UV, expected, rtol=1e-6)
    assert (block.first, block.stream.unit, block.stream.fs_hz) == (0, "uv", 200)


def test_firmware_3_leaves_one_sample_in_201_out():
    decoder = decoder_of(b"3.0.2")
    blocks = [b for k in range(250) for b in decoder.decode(packet(100 + k % 100, 0.01005 * k))]
    assert [blocks[k].first for k in (0, 99, 100, 200)] == [0, 198, 201, 402]


@pytest.mark.parametrize("number", [255, 99])
def test_the_packet_before_the_first_is_dropped(number):
    decoder = decoder_of(b"3.0.2")
    assert decoder.decode(packet(number, 0)) == []
    (block,) = decoder.decode(packet(100, 0.01))
    assert block.first == 0


def test_firmware_2_counts_201_samples_a_round():
    decoder = decoder_of(b"2.0.1")
    blocks = [b for k in range(303) for b in decoder.decode(packet(k % 101, 0.00995 * k))]
    assert sum(len(b.samples) for b in blocks) == 603
    assert blocks[-1].first == 601


def test_firmware_2_after_a_lost_packet_waits_for_the_next_whole_sample():
    decoder, counter = decoder_of(b"2.0.1"), SampleCounter()
    for k in range(150):
        if k == 30:
            continue
        blocks = decoder.decode(packet(k % 101, 0.00995 * k))
        assert bool(blocks) == (k < 30 or k >= 101)
        for block in blocks:
            counter.take(block)
    assert counter.lost == 201 - 59


def test_firmware_2_packet_that_came_twice_changes_nothing():
    once, twice = decoder_of(b"2.0.1"), decoder_of(b"2.0.1")
    payload = VECTORS["fw2_19"][0].payload[1:]
    packets = [packet(0 if k == 0 else 100 + k, 0.00995 * k, bytes(19) if k == 0 else payload) for k in range(20)]
    straight = [b for p in packets for b in once.decode(p)]
    again = [b for p in packets for _ in range(2) for b in twice.decode(p)]
    np.testing.assert_array_equal(straight[-1].samples, again[-1].samples)


@pytest.mark.parametrize("number", range(201, 208))
def test_impedance_and_text_are_no_samples(number):
    assert decoder_of(b"3.0.2").decode(packet(number, 0, b"1234Z")) == []


@pytest.mark.parametrize(
    ("revision", "payload", "words"),
    [
        (b"3.0.2", b"", "empty"),
        (b"3.0.2", bytes(19), "shorter"),
        (b"3.0.2", bytes([230]) + bytes(19), "unknown id"),
        (b"2.0.1", bytes([230]) + bytes(19), "unknown id"),
    ],
)
def test_what_is_no_data_is_refused(revision, payload, words):
    with pytest.raises(PacketError, match=words):
        decoder_of(revision).decode(Packet("S", DATA, 0, payload))


def test_data_of_an_unknown_firmware_is_refused():
    with pytest.raises(PacketError, match="revision"):
        DRIVER.decoder("S").decode(VECTORS["fw3_18"][0])


def test_handshake_reads_the_revision_and_starts_with_one_letter():
    steps, _packets = converse(CONVERSATIONS["ganglion"])
    assert steps[0] == Read(REVISION)
    assert [step.payload for step in steps if isinstance(step, Write)] == [b"b"]
    assert [step.payload for step in DRIVER.farewell()] == [b"s"]


def test_command_is_written_as_the_board_permits():
    ports = {DATA: frozenset({"notify"}), DATA.replace("c082", "c083"): frozenset({"write-without-response"})}
    steps, _packets = converse(CONVERSATIONS["ganglion"], StreamSettings(ports=ports))
    assert [step.confirmed for step in steps if isinstance(step, Write)] == [False]


def test_a_board_that_does_not_start_is_named():
    def says(step):
        return [(REVISION, b"3.0.2")] if isinstance(step, Read) else []

    with pytest.raises(HandshakeFailed, match="batteries"):
        converse(CONVERSATIONS["ganglion"], says=says)


def test_recognised_by_name():
    assert DRIVER.recognises(Advertisement("Ganglion-58f3"))
    assert DRIVER.recognises(Advertisement("Simblee", ("0000fe84-0000-1000-8000-00805f9b34fb",)))
    assert not DRIVER.recognises(Advertisement("Simblee"))
