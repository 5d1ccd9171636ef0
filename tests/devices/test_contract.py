"""What every driver must do, whatever its sensor says: the contract of `emgmon.devices.base`."""

import contextlib
import random
from dataclasses import replace

import numpy as np
import pytest
from devices.conversations import CONVERSATIONS
from devices.conversing import converse, packets_of, started

from emgmon.devices import DRIVERS, driver_for, driver_named
from emgmon.devices.base import Read, Request, StreamSettings
from emgmon.devices.facts import facts_of
from emgmon.errors import DeviceError, HandshakeFailed, PacketError
from emgmon.model import Packet
from emgmon.timing.counters import SampleCounter

each = pytest.mark.parametrize("talk", CONVERSATIONS.values(), ids=CONVERSATIONS)
whole = pytest.mark.parametrize(
    "talk", [t for t in CONVERSATIONS.values() if t.whole], ids=[n for n, t in CONVERSATIONS.items() if t.whole]
)
cut = pytest.mark.parametrize(
    "talk", [t for t in CONVERSATIONS.values() if not t.whole], ids=[n for n, t in CONVERSATIONS.items() if not t.whole]
)
LOSS_EVIDENCE = {"index", "counter", "time", "none"}
SEED = 20261122
SMALLEST_MTU = 23


def seeded(talk):
    return random.Random(f"{SEED} {talk.driver}")  # noqa: S311


@contextlib.contextmanager
def one_line(error_class):
    """Let errors of one class pass, if their message is one line."""
    try:
        yield
    except error_class as error:
        if "\n" in str(error):
            raise AssertionError(f"more than one line: {error}") from error


def main_blocks(talk, decoder, groups):
    """Decode groups of packets; returns the blocks of the main stream."""
    blocks = [block for group in groups for packet in group for block in decoder.decode(packet)]
    return [block for block in blocks if block.stream.quantity == talk.quantity]


def counted(blocks):
    counter = SampleCounter()
    for block in blocks:
        counter.take(block)
    return counter


def samples_of(blocks):
    return np.concatenate([block.samples for block in blocks])


def left_out(talk, first, stop):
    """Samples that the sensor itself leaves out between two data packets."""
    rounds = stop // talk.round_packets - first // talk.round_packets if talk.round_packets else 0
    return rounds * talk.missing_each_round


def check(blocks):
    for block in blocks:
        assert block.samples.shape == (len(block.samples), block.stream.width)
        assert len(block.samples)
        assert block.samples.dtype == np.float64
        assert np.isfinite(block.samples).all()
        assert np.isfinite(block.device_s)
        assert isinstance(block.first, int)


def test_every_driver_that_talks_has_a_conversation():
    assert set(CONVERSATIONS) == {driver.name for driver in DRIVERS} - {"imported"}


@each
def test_its_advertisement_is_recognised_by_it_alone(talk):
    assert driver_for(talk.advertisement) is driver_named(talk.driver)
    assert [driver.name for driver in DRIVERS if driver.recognises(talk.advertisement)] == [talk.driver]


@each
def test_its_answers_and_data_are_understood(talk):
    decoder = started(talk)
    n = 40 + talk.framing_needs
    blocks = [b for group in packets_of(talk, range(n)) for p in group for b in decoder.decode(p)]
    check(blocks)
    main = [block for block in blocks if block.stream.quantity == talk.quantity]
    assert (n - talk.framing_needs) * talk.length <= sum(len(b.samples) for b in main) <= n * talk.length
    counter = counted(main)
    assert (counter.lost, counter.repeated) == (0, 0)
    assert {block.stream for block in blocks} <= set(decoder.streams)
    assert decoder.loss_evidence in LOSS_EVIDENCE
    assert decoder.battery_percent is None or 0 <= decoder.battery_percent <= 100


@each
def test_device_time_runs_as_the_samples_do(talk):
    blocks = main_blocks(talk, started(talk), packets_of(talk, range(200)))
    passed_s = blocks[-1].device_s - blocks[0].device_s
    expected_s = (blocks[-1].first - blocks[0].first) / blocks[0].stream.fs_hz
    allowed = 0.02 + driver_named(talk.driver).decoder("S").clock_ppm * 1e-6
    assert passed_s == pytest.approx(expected_s, rel=allowed)


@each
def test_same_packets_give_the_same_samples(talk):
    groups = packets_of(talk, range(60))
    first, again = (main_blocks(talk, started(talk), groups) for _ in range(2))
    np.testing.assert_array_equal(samples_of(first), samples_of(again))
    assert [(b.first, b.device_s) for b in first] == [(b.first, b.device_s) for b in again]


@each
def test_counter_wraps_without_loss(talk):
    n = max(2 * talk.round_packets + 20, 60)
    blocks = main_blocks(talk, started(talk), packets_of(talk, range(n)))
    counter = counted(blocks)
    assert (counter.lost, counter.repeated) == (left_out(talk, 0, n - 1), 0)
    assert counter.received >= (n - talk.framing_needs) * talk.length


@each
def test_lost_packets_are_a_hole_of_their_length(talk):
    decoder = started(talk)
    if decoder.loss_evidence == "none":
        pytest.skip("this sensor gives no evidence of loss")
    numbers = [k for k in range(120) if k not in {50, 51, 52, 90}]
    counter = counted(main_blocks(talk, decoder, packets_of(talk, numbers)))
    least = 4 * talk.length + left_out(talk, 0, 119)
    assert least <= counter.lost <= least + (0 if talk.whole else 2 * talk.framing_needs * talk.length)
    assert counter.repeated == 0


@each
def test_lost_samples_are_never_zeros(talk):
    decoder = started(talk)
    numbers = [k for k in range(80) if k not in {40, 41}]
    received = samples_of(main_blocks(talk, decoder, packets_of(talk, numbers)))
    all_of_them = samples_of(main_blocks(talk, started(talk), packets_of(talk, range(80))))
    there = {row.tobytes() for row in all_of_them}
    assert all(row.tobytes() in there for row in received)


@whole
def test_packets_that_come_twice_are_counted_once(talk):
    decoder = started(talk)
    if decoder.loss_evidence == "none":
        pytest.skip("this sensor gives no evidence of repetition")
    groups = [group for group in packets_of(talk, range(60)) for _ in range(2)]
    counter = counted(main_blocks(talk, decoder, groups))
    assert counter.lost == 0
    assert counter.received == 60 * talk.length


@whole
def test_packets_in_the_wrong_order_do_not_shift_what_follows(talk):
    decoder = started(talk)
    if decoder.loss_evidence == "none":
        pytest.skip("this sensor gives no evidence of order")
    order = [*range(50), 51, 50, *range(52, 300)]
    blocks = []
    for group in packets_of(talk, order):
        for packet in group:
            with one_line(PacketError):
                blocks += [b for b in decoder.decode(packet) if b.stream.quantity == talk.quantity]
    straight = main_blocks(talk, started(talk), packets_of(talk, range(300)))
    assert blocks[-1].first == straight[-1].first
    found, right = counted(blocks), counted(straight)
    assert found.lost + found.received == right.lost + right.received


@cut
@pytest.mark.parametrize("size", [1, 7, 20, 61, 244, 1000])
def test_bytes_cut_anywhere_give_the_same_samples(talk, size):
    groups = packets_of(talk, range(80))
    straight = samples_of(main_blocks(talk, started(talk), groups))
    packets = [packet for group in groups for packet in group]
    stream = b"".join(packet.payload for packet in packets)
    pieces = [
        [Packet("S", packets[0].port, packets[min(at // max(1, len(stream) // len(packets)), len(packets) - 1)].host_ns,
                stream[at : at + size])]
        for at in range(0, len(stream), size)
    ]  # fmt: skip
    np.testing.assert_array_equal(samples_of(main_blocks(talk, started(talk), pieces)), straight)


@each
def test_a_reconnection_starts_anew(talk):
    decoder = started(talk)
    first = main_blocks(talk, decoder, packets_of(talk, range(60)))
    decoder.restart()
    for packet in converse(talk, host_ns=59_500_000_000)[1]:
        decoder.decode(packet)
    again = main_blocks(talk, decoder, packets_of(talk, range(60), start_s=60.0))
    np.testing.assert_array_equal(samples_of(first), samples_of(again))
    assert [b.first for b in first] == [b.first for b in again]
    assert {b.stream for b in first} == {b.stream for b in again}


@each
def test_any_bytes_give_blocks_or_a_packet_error(talk):
    rng = seeded(talk)
    steps, packets = converse(talk)
    real = [packet for group in packets_of(talk, range(30)) for packet in group]
    ports = sorted({p.port for p in packets + real} | {s.port for s in steps if hasattr(s, "port")} | {"adv", "other"})
    for fresh in (True, False):
        decoder = driver_named(talk.driver).decoder("S") if fresh else started(talk)
        for k in range(400):
            packet = _mutated(rng, rng.choice(packets + real), ports, k)
            with one_line(PacketError):
                check(decoder.decode(packet))


def _mutated(rng, packet, ports, k):
    payload = bytearray(packet.payload)
    kind = rng.randrange(5)
    if kind == 0:
        payload = bytearray(rng.randbytes(rng.randrange(300)))
    elif kind == 1:
        del payload[rng.randrange(len(payload) + 1) :]
    elif kind == 2:
        payload += rng.randbytes(rng.randrange(1, 40))
    elif payload:
        payload[rng.randrange(len(payload))] ^= 1 << rng.randrange(8)
    port = rng.choice(ports) if kind == 4 else packet.port
    return Packet("S", port, k * 20_000_000, bytes(payload))


@each
def test_after_any_bytes_it_finds_its_step_again(talk):
    rng = seeded(talk)
    decoder = started(talk)
    port = talk.data(0)[-1][0]
    for group in packets_of(talk, range(30)):
        for packet in group:
            decoder.decode(packet)
    for size in (1, 3, 19, 50):
        with one_line(PacketError):
            decoder.decode(Packet("S", port, 2_000_000_000, rng.randbytes(size)))
    blocks = []
    for group in packets_of(talk, range(30, 330)):
        for packet in group:
            with one_line(PacketError):
                blocks += [b for b in decoder.decode(packet) if b.stream.quantity == talk.quantity]
    assert blocks, "nothing more came"
    expected = samples_of(main_blocks(talk, started(talk), packets_of(talk, range(330))))[-5 * talk.length :]
    np.testing.assert_array_equal(samples_of(blocks)[-5 * talk.length :], expected)


@each
def test_smallest_mtu_works_or_is_refused_in_one_line(talk):
    settings = StreamSettings(mtu=23, ports=talk.settings.ports)
    if talk.mtu_23 == "works":
        converse(talk, settings)
        return
    with pytest.raises(HandshakeFailed, match=r"MTU|packets") as refusal:
        converse(talk, settings)
    assert "\n" not in str(refusal.value)


@each
def test_it_works_from_the_mtu_on_that_its_table_says(talk):
    least = facts_of(talk.driver).mtu
    converse(talk, replace(talk.settings, mtu=least))
    if talk.mtu_23 != "works":
        assert least > SMALLEST_MTU
        with pytest.raises(HandshakeFailed, match=r"MTU|packets"):
            converse(talk, replace(talk.settings, mtu=least - 1))


@each
def test_units_are_those_of_its_table_and_counts_stay_counts_where_the_scale_is_not_certain(talk):
    decoder = started(talk)
    for group in packets_of(talk, range(40 + talk.framing_needs)):
        for packet in group:
            decoder.decode(packet)
    known = facts_of(talk.driver).signals
    (main,) = [stream for stream in decoder.streams if stream.quantity == talk.quantity]
    kinds = ("acceleration", "angular_velocity") if talk.quantity == "imu" else (talk.quantity,)
    assert main.unit == ",".join(known[kind].unit for kind in kinds)
    assert all((signal.unit == "a.u.") >= (signal.evidence == "?") for signal in known.values())


@each
def test_a_sensor_that_says_nothing_is_no_crash(talk):
    def mute(step):
        return [(step.port, b"")] if isinstance(step, Read) else []

    with one_line(DeviceError):
        converse(talk, says=mute)


@each
def test_a_sensor_that_talks_nonsense_is_no_crash(talk):
    rng = seeded(talk)

    def nonsense(step):
        said = list(talk.says(step))
        if isinstance(step, Read) and not said:
            said = [(step.port, b"")]
        return [
            (port, rng.randbytes(rng.randrange(0, 30)) if rng.random() < 0.3 else payload) for port, payload in said
        ]

    for _ in range(50):
        with one_line(DeviceError):
            converse(talk, says=nonsense)


@each
def test_farewell_only_writes_and_waits(talk):
    for step in driver_named(talk.driver).farewell():
        assert not isinstance(step, Read)
        assert not isinstance(step, Request) or step.payload
