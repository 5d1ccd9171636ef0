"""uMyo against vectors that were worked out by hand from its firmware's layouts."""

import struct

import numpy as np
import pytest
from devices.captured import captured
from devices.conversations import CONVERSATIONS
from devices.conversing import converse

from emgmon.devices import Advertisement
from emgmon.devices.base import Read, StreamSettings, Subscribe
from emgmon.devices.umyo import DRIVER
from emgmon.errors import HandshakeFailed, PacketError
from emgmon.model import Packet
from emgmon.pipeline.intake import DeviceIntake
from emgmon.timing.counters import SampleCounter

TELEMETRY = "fc7a850d-c1a5-f61f-0da7-9995621fbd01"
VECTORS = captured("umyo")


def decoded(*names, decoder=None):
    decoder = decoder or DRIVER.decoder("S")
    return [block for name in names for packet in VECTORS[name] for block in decoder.decode(packet)]


def emg_payload(tsrc, n=24, value=8000):
    return struct.pack("<I", tsrc % (1 << 32)) + struct.pack(f"<{n}h", *[value] * n)


def test_emg_vector():
    (block,) = decoded("emg")
    assert block.first == 1224
    assert block.stream.unit == "uv"
    assert block.samples[3, 0] == pytest.approx(274.66, abs=0.01)
    counts = block.samples[:8, 0] / 2.746582 + 8000
    np.testing.assert_allclose(counts, [8000, 8010, 7990, 8100, 7900, 8192, 0, 16383], atol=1e-6)


def test_sixteen_lost_samples_show_in_the_index():
    before, after = decoded("emg", "emg_after_loss")
    assert after.first - (before.first + len(before.samples)) == 16


def test_motion_vector():
    blocks = {block.stream.quantity: block for block in decoded("emg", "motion")}
    np.testing.assert_allclose(blocks["imu"].samples, [[0, 0, 1, 1.75, -1.75, 0]], atol=1e-4)
    np.testing.assert_allclose(blocks["magnetic_field"].samples, [[10, -20, 30]])
    np.testing.assert_allclose(blocks["quaternion"].samples, [[1, 0, 0, 0]])
    assert blocks["magnetic_field"].stream.unit == "a.u."
    assert blocks["imu"].device_s == pytest.approx((1224 + 24) / 1116 + 24 / 1116)


def test_motion_before_any_emg_has_no_time_and_is_left_out():
    assert decoded("motion") == []


def test_slow_motion_of_a_long_connection_interval_is_no_loss():
    decoder, counter, times = DRIVER.decoder("S"), SampleCounter(), []
    rng = np.random.default_rng(2)
    for k in range(600):
        host_s = 1 + k * 24 / 1116
        blocks = decoder.decode(Packet("S", TELEMETRY, round(host_s * 1e9), emg_payload(24 * k)))
        if k % 3 == 2:
            late_s = rng.uniform(0, 0.02)
            blocks += decoder.decode(
                Packet("S", TELEMETRY, round((host_s + late_s) * 1e9), VECTORS["motion"][0].payload)
            )
        for block in blocks:
            if block.stream.quantity == "imu":
                counter.take(block)
                times.append(block.device_s - host_s + 1 - 24 / 1116)
    assert (counter.received, counter.lost, counter.repeated) == (200, 0, 0)
    assert 0 <= min(times) < max(times) < 24 / 1116


@pytest.mark.parametrize(("length", "n"), [(20, 8), (36, 16), (52, 24)])
def test_each_length_has_its_number_of_samples(length, n):
    payload = emg_payload(0, n)
    assert len(payload) == length
    (block,) = DRIVER.decoder("S").decode(Packet("S", TELEMETRY, 0, payload))
    assert len(block.samples) == n


def test_profile_with_quaternion_in_each_emg_packet():
    payload = emg_payload(24) + struct.pack("<4h", 0, 16000, 0, 0)
    emg, quaternion = DRIVER.decoder("S").decode(Packet("S", TELEMETRY, 0, payload))
    assert (len(emg.samples), quaternion.samples.tolist()) == (24, [[0, 1, 0, 0]])


@pytest.mark.parametrize(("byte", "name"), [(2, "emg"), (3, "motion")])
def test_format_byte_of_the_draft_is_taken_off(byte, name):
    decoder, other = DRIVER.decoder("S"), DRIVER.decoder("S")
    decoded("emg", decoder=decoder)
    decoded("emg", decoder=other)
    packet = VECTORS[name][0]
    marked = Packet("S", TELEMETRY, packet.host_ns, bytes([byte]) + packet.payload)
    for plain, draft in zip(decoder.decode(packet), other.decode(marked), strict=True):
        np.testing.assert_array_equal(plain.samples, draft.samples)


def test_index_wraps_at_32_bits():
    decoder = DRIVER.decoder("S")
    start = (1 << 32) - 48
    firsts = [
        decoder.decode(Packet("S", TELEMETRY, round(k * 24 / 1116 * 1e9), emg_payload(start + 24 * k)))[0].first
        for k in range(6)
    ]
    assert firsts == [start + 24 * k for k in range(6)]


@pytest.mark.parametrize("tsrc", [1224 + 24 + 3, 1 << 30])
def test_an_index_that_cannot_be_is_refused_and_what_follows_believed(tsrc):
    decoder = DRIVER.decoder("S")
    decoded("emg", decoder=decoder)
    with pytest.raises(PacketError, match="index moved"):
        decoder.decode(Packet("S", TELEMETRY, 1_020_000_000, emg_payload(tsrc)))
    (block,) = decoded("emg_after_loss", decoder=decoder)
    assert block.first == 1264


def test_true_rate_is_measured_over_the_clock():
    intake = DeviceIntake("S", DRIVER.decoder("S"))
    rng = np.random.default_rng(4)
    for k in range(3000):
        host_s = (k + 1) * 24 / 1150.0 + rng.uniform(0.005, 0.02)
        intake.take(Packet("S", TELEMETRY, round(host_s * 1e9), emg_payload(24 * k)), 0)
    (stream,) = intake.streams.values()
    assert stream.fs_measured_hz() == pytest.approx(1150, rel=1e-3)


def test_handshake_is_a_subscription_and_the_first_emg_packet():
    steps, _packets = converse(CONVERSATIONS["umyo"])
    assert steps[0] == Subscribe(TELEMETRY)
    assert not any(isinstance(step, Read) for step in steps)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (StreamSettings(mtu=54), "MTU of 55"),
        (StreamSettings(ports={"2a00": frozenset({"read"})}), "fw-ble"),
    ],
)
def test_what_cannot_work_is_refused(settings, words):
    with pytest.raises(HandshakeFailed, match=words):
        converse(CONVERSATIONS["umyo"], settings)


def test_motion_without_emg_means_too_long_an_interval():
    motion = VECTORS["motion"][0].payload
    with pytest.raises(HandshakeFailed, match="connection interval"):
        converse(CONVERSATIONS["umyo"], says=lambda step: [(step.port, motion)] * 100)


def test_silence_names_the_button():
    with pytest.raises(HandshakeFailed, match="button"):
        converse(CONVERSATIONS["umyo"], says=lambda _step: [])


def test_recognised_by_name_or_service():
    assert DRIVER.recognises(Advertisement("uMyo-3F"))
    assert DRIVER.recognises(Advertisement("Glute", ("93375900-f229-8b49-b397-44b5899b8601",)))
    assert not DRIVER.recognises(Advertisement("Myo"))


@pytest.mark.parametrize("memory_s", [0.0, 0.23])
def test_rate_is_that_of_the_samples_and_not_of_what_the_memory_held(memory_s):
    """After the first packets, which come at once, a unit of 1130 Hz over half a minute."""
    intake, rate_hz, begun_s = DeviceIntake("S", DRIVER.decoder("S")), 1130.0, 1.0
    for tsrc in range(0, 36_000, 24):
        taken_s = begun_s - memory_s + (tsrc + 24) / rate_hz
        host_ns = round((max(taken_s, begun_s) + 0.004) * 1e9)
        intake.take(Packet("S", TELEMETRY, host_ns, emg_payload(tsrc)), 0)
    (channel,) = intake.quality(40.0, {})
    assert channel.fs_measured_hz == pytest.approx(rate_hz, rel=2e-4)
