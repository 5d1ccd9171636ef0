"""Many packets at once give the blocks that they give one by one, whatever is damaged, lost or out of order."""

import random
import struct
from itertools import count

import numpy as np
import pytest

from emgmon.devices import driver_named
from emgmon.devices.runs import decoded
from emgmon.errors import PacketError
from emgmon.model import Packet, PacketRun

BASE = "c331{:04x}-2714-438a-ab5f-5cbde8590098"
DESCRIPTION, EMG, IMU, STATUS = (BASE.format(k) for k in (2, 4, 5, 6))
BATTERY = "00002a19-0000-1000-8000-00805f9b34fb"
HEAD = struct.Struct("<BBHIIBB")


def tlv(tag, value):
    return bytes([tag, len(value)]) + value


def described(coding=0, channels=1):
    scale = struct.pack("<f", 0.37)
    emg = tlv(1, bytes([channels])) + tlv(2, struct.pack("<2H", 500, 1000)) + tlv(3, bytes([coding])) + tlv(4, scale)
    imu = tlv(1, b"\6") + tlv(2, struct.pack("<H", 100)) + tlv(3, b"\0") + tlv(4, scale) + tlv(4, scale)
    emg, imu = (part + tlv(5, b"\0") for part in (emg, imu))
    return bytes([1, 2, 1, len(emg)]) + emg + bytes([2, len(imu)]) + imu


def session(rng, n, coding=0, channels=1, mask=3, first_us=0):
    """Packets of one sensor: 25 samples of EMG, 5 of motion, its status now and then; times near their wrapping."""
    packets = [Packet("S", DESCRIPTION, 0, described(coding, channels)), Packet("S", BATTERY, 0, b"\x50")]
    width = sum(size for bit, size in ((1, 3), (2, 3), (4, 3), (8, 4)) if mask & bit)
    for k in range(n):
        at_us = first_us + k * 25_000
        head = HEAD.pack(
            0x10 | coding, 0, k & 0xFFFF, (25 * k) & 0xFFFFFFFF, at_us & 0xFFFFFFFF, (1 << channels) - 1, 25
        )
        packets.append(Packet("S", EMG, k * 25_000_000, head + rng.randbytes(25 * channels * (3 if coding else 2))))
        if k % 2:
            head = HEAD.pack(0x10, 0, k & 0xFFFF, 5 * (k // 2), (at_us - 25_000) & 0xFFFFFFFF, mask, 5)
            packets.append(Packet("S", IMU, k * 25_000_000 + 1, head + rng.randbytes(10 * width)))
        if k % 40 == 20:
            packets.append(Packet("S", STATUS, k * 25_000_000 + 2, rng.randbytes(11)))
    return packets


def spoilt(packets, rng, share):
    out = []
    for packet in packets:
        what = rng.random() / share if share else 9.0
        if what < 0.4:
            continue
        payload = bytearray(packet.payload)
        if what < 0.7:
            payload[rng.randrange(len(payload))] ^= 1 << rng.randrange(8)
        elif what < 0.8:
            payload = payload[: rng.randrange(len(payload))]
        elif what < 0.9 and out:
            out.insert(len(out) - 1, packet)
            continue
        elif what < 1.0:
            out.append(packet)
        out.append(Packet(packet.device, packet.port, packet.host_ns, bytes(payload)))
    return out


def one_by_one(decoder, packets):
    found, bad = {}, 0
    for number, packet in enumerate(packets):
        try:
            blocks = decoder.decode(packet)
        except PacketError:
            bad += 1
            continue
        for k, block in enumerate(blocks):
            row = (number, k, block.first, block.device_s, block.host_ns, block.samples.tobytes(), block.samples.shape)
            found.setdefault((block.stream, block.samples.shape[1]), []).append(row)
    return found, bad


def at_once(decoder, packets, sizes):
    found, bad, at = {}, 0, 0
    while at < len(packets):
        part = packets[at : at + next(sizes)]
        run = PacketRun.of(part)
        ports = [(port, np.flatnonzero(run.source == k)) for k, (_device, port) in enumerate(run.sources)]
        blocks, spoilt_ones = decoded(decoder, run, ports)
        bad += spoilt_ones
        for each in blocks:
            ends = np.cumsum(each.lengths)
            for k in range(len(each)):
                number, place = divmod(int(each.order[k]), 1 << 20)
                samples = each.samples[ends[k] - each.lengths[k] : ends[k]]
                row = (int(each.first[k]), float(each.device_s[k]), int(each.host_ns[k]), samples.tobytes())
                key = each.stream, samples.shape[1]
                found.setdefault(key, []).append((at + number, place, *row, samples.shape))
        at += len(part)
    return {key: sorted(rows) for key, rows in found.items()}, bad


@pytest.mark.parametrize("share", [0.0, 0.004, 0.05, 0.5])
@pytest.mark.parametrize("seed", range(6))
def test_the_open_profile(seed, share):
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    options = rng.choice([{}, {"coding": 1}, {"channels": 3}, {"mask": 15}, {"first_us": (1 << 32) - 2_000_000}])
    packets = session(rng, 400, **options)
    packets = packets[:2] + spoilt(packets[2:], rng, share)
    driver = driver_named("emgmon_gatt")
    one, many = driver.decoder("S"), driver.decoder("S")
    expected = one_by_one(one, packets)
    assert at_once(many, packets, (rng.choice([1, 7, 300, 5000]) for _ in count())) == expected
    assert (one.streams, one.battery_percent) == (many.streams, many.battery_percent)


def test_a_whole_session_goes_at_once(monkeypatch):
    rng = random.Random(1)  # noqa: S311
    packets = session(rng, 2000)
    decoder = driver_named("emgmon_gatt").decoder("S")
    one_by_one(decoder, packets[:10])
    calls = []
    decode = decoder.decode
    monkeypatch.setattr(decoder, "decode", lambda packet: calls.append(packet.port) or decode(packet))
    at_once(decoder, packets[10:], iter([10**6]))
    assert set(calls) <= {STATUS}
    assert len(calls) == 1


def test_a_decoder_that_takes_one_packet_at_a_time():
    decoder = driver_named("imported").decoder("F")
    assert not hasattr(decoder, "decode_plain")
    text = b'{"streams": [{"quantity": "emg", "unit": "uv", "fs_hz": 1000, "placements": [null]}]}'
    packets = [Packet("F", "description", 0, text)]
    packets += [
        Packet("F", "0", k, struct.pack("<QdHH", 9 * k, 0.009 * k, 9, 1) + bytes(72 - (k == 3))) for k in range(9)
    ]
    expected = one_by_one(driver_named("imported").decoder("F"), packets)
    assert expected[1] == 1
    assert at_once(decoder, packets, iter([4, 100])) == expected
