"""MyoWare in its three dialects; the values come irregularly and end on a regular grid."""

import numpy as np
import pytest
from devices.captured import captured

from emgmon.devices import Advertisement
from emgmon.devices.base import StreamSettings, Subscribe
from emgmon.devices.myoware import DRIVER
from emgmon.errors import HandshakeFailed, PacketError
from emgmon.model import Packet

VECTORS = captured("myoware")
PERIPHERAL, UART, ARTEMIS = (VECTORS[name][0].port for name in ("peripheral", "uart", "artemis_1"))
UART_SERVICE = "6e400001-b5a3-f393-e0a9-e50e24dcca9e"


def at(port, time_ms, payload):
    return Packet("S", port, time_ms * 1_000_000, payload)


def decoded(packets):
    decoder = DRIVER.decoder("S")
    return [block for packet in packets for block in decoder.decode(packet)]


def one_more(name):
    """A vector and, so that its last slot is finished, its last packet again 10 ms later."""
    packets = [Packet("S", p.port, p.host_ns, p.payload) for p in VECTORS[name]]
    last = packets[-1]
    return decoded([*packets, Packet("S", last.port, last.host_ns + 10_000_000, last.payload)])


def test_a_number_in_each_notification():
    (block,) = one_more("peripheral")
    np.testing.assert_array_equal(block.samples, [[12.5]])
    assert (block.stream.quantity, block.stream.unit) == ("envelope", "a.u.")


def test_lines_that_are_cut_between_notifications():
    blocks = decoded([at(UART, 0, b"12."), at(UART, 0, b"50\n3"), at(UART, 20, b".25\r\n"), at(UART, 30, b"9\n")])
    np.testing.assert_array_equal(np.concatenate([b.samples for b in blocks]), [[12.5], [12.5], [3.25]])


def test_one_byte_is_one_sensor_and_four_bytes_are_four():
    np.testing.assert_array_equal(one_more("artemis_1")[0].samples, [[128]])
    (block,) = one_more("artemis_4")
    np.testing.assert_array_equal(block.samples, [[1, 2, 3, 4]])
    assert block.stream.width == 4


def test_values_of_one_slot_are_averaged_and_one_holds_until_the_next():
    packets = [at(PERIPHERAL, t, b"%d" % value) for t, value in ((0, 1), (4, 3), (10, 5), (40, 7), (50, 9))]
    blocks = decoded(packets)
    np.testing.assert_array_equal(np.concatenate([b.samples for b in blocks])[:, 0], [2, 5, 5, 5, 7])
    assert [b.first for b in blocks] == [0, 1, 4]
    assert [b.device_s for b in blocks] == pytest.approx([0.0, 0.01, 0.04])


def test_after_a_quarter_of_a_second_without_a_value_samples_are_missing():
    blocks = decoded([at(PERIPHERAL, 0, b"5"), at(PERIPHERAL, 1000, b"6"), at(PERIPHERAL, 1010, b"7")])
    assert [(b.first, len(b.samples)) for b in blocks] == [(0, 25), (100, 1)]


def test_a_quick_and_a_slow_loop_give_the_same_rate():
    for step_ms in (2, 7, 33):
        blocks = decoded(at(PERIPHERAL, k * step_ms, b"1") for k in range(101))
        assert sum(len(b.samples) for b in blocks) == 100 * step_ms // 10


@pytest.mark.parametrize("payload", [b"", b"nan", b"inf", b"1e9", b"12.5.1", b"\xff\x00", b"12345678"])
def test_what_is_no_number_is_refused(payload):
    with pytest.raises(PacketError, match="not a decimal number"):
        decoded([at(PERIPHERAL, 0, payload)])


def test_two_bytes_are_neither_one_sensor_nor_four():
    with pytest.raises(PacketError, match="neither one byte nor four"):
        decoded([at(ARTEMIS, 0, b"\x01\x02")])


@pytest.mark.parametrize("port", [PERIPHERAL, UART, ARTEMIS])
def test_the_dialect_is_seen_from_the_characteristics(port):
    ports = {"00002a00-0000-1000-8000-00805f9b34fb": frozenset({"read"}), port: frozenset({"notify"})}
    assert list(DRIVER.handshake(StreamSettings(ports=ports))) == [Subscribe(port)]


def test_an_unknown_sketch_is_refused():
    with pytest.raises(HandshakeFailed, match="flash one of the library's examples"):
        next(DRIVER.handshake(StreamSettings(ports={"00002a00-0000-1000-8000-00805f9b34fb": frozenset({"read"})})))


def test_a_serial_service_alone_is_not_enough_to_be_recognised():
    assert DRIVER.recognises(Advertisement("MyoW1", (UART_SERVICE,)))
    assert DRIVER.recognises(Advertisement("MYOWARE1"))
    assert not DRIVER.recognises(Advertisement("Thermometer", (UART_SERVICE,)))
