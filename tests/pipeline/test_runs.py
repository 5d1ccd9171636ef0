"""Packets in columns: the same summary and the same tracks as one by one, whatever befalls them."""

import random
import struct

import numpy as np
import pytest

from emgmon.model import Mark, Packet, PacketRun
from emgmon.pipeline import Pipeline
from emgmon.pipeline.at_once import gathered
from emgmon.report import session_json
from emgmon.storage.recorder import write_recording
from emgmon.storage.recording import read_recording

BASE = "c331{:04x}-2714-438a-ab5f-5cbde8590098"
DESCRIPTION, EMG, IMU = (BASE.format(k) for k in (2, 4, 5))
HEAD = struct.Struct("<BBHIIBB")
PLACES = ("gluteus_maximus/left", "biceps_femoris/left", "erector_spinae/left", "gluteus_maximus/right")
MS = 1_000_000


def tlv(tag, value):
    return bytes([tag, len(value)]) + value


def described(place):
    scale = struct.pack("<f", 0.5)
    emg = tlv(1, b"\1") + tlv(2, struct.pack("<H", 1000)) + tlv(3, b"\0") + tlv(4, scale) + tlv(10, place.encode())
    imu = tlv(1, b"\6") + tlv(2, struct.pack("<H", 100)) + tlv(3, b"\0") + tlv(4, struct.pack("<f", 1 / 4096)) * 2
    emg, imu = (part + tlv(5, b"\0") for part in (emg, imu))
    return bytes([1, 2, 1, len(emg)]) + emg + bytes([2, len(imu)]) + imu


def sensor(rng, name, place, start_ms, stop_ms, late=0.02):
    """Entries of one sensor that is connected between two times: its own clock begins then, links are late."""
    entries = [
        Mark(start_ms * MS, "connected", {"device": name}),
        Packet(name, DESCRIPTION, start_ms * MS, described(place)),
    ]
    drift, noise = 1.0 + rng.uniform(-5e-5, 5e-5), np.random.default_rng(rng.randrange(1 << 30))
    for k in range((stop_ms - start_ms) // 25 - 4):
        at_us = round(k * 25_000 * drift)
        late_ms = rng.uniform(4.0, 30.0) if rng.random() > late else rng.uniform(30.0, 600.0)
        host_ns = round((start_ms + (k + 1) * 25 + late_ms) * MS)
        level = 200.0 if k // 80 % 2 else 10.0
        samples = (level * noise.standard_normal(25)).astype("<i2").tobytes()
        entries.append(Packet(name, EMG, host_ns, HEAD.pack(0x10, 0, k & 0xFFFF, 25 * k, at_us, 1, 25) + samples))
        if k % 2:
            turn = 0.6 * np.sin(np.arange(5) * 0.01 * 2 + k * 0.05)
            rows = np.column_stack([4096 * np.sin(turn), 0 * turn, 4096 * np.cos(turn), *noise.normal(0, 9, (3, 5))])
            head = HEAD.pack(0x10, 0, k & 0xFFFF, 5 * (k // 2), max(at_us - 25_000, 0), 3, 5)
            entries.append(Packet(name, IMU, host_ns + 1, head + rows.astype("<i2").tobytes()))
    return sorted([*entries, Mark(stop_ms * MS, "lost", {"device": name})], key=lambda entry: entry.host_ns)


def session(rng, spoil):
    """Some sensors, of which one comes late and one goes and comes again, with things that go wrong; in it a set."""
    times = [(1000, 26_000), (1010, 26_000), (1020, 12_000), (14_000, 26_000), (9_000, 26_000)]
    names, places = ["A", "B", "C", "C", "D"], [*PLACES[:3], PLACES[2], PLACES[3]]
    entries = [Mark(0, "session", {"simulated": True})]
    entries += [Mark(0, "device", {"device": name, "driver": "emgmon_gatt"}) for name in "ABCD"]
    streams = [sensor(rng, name, place, *span) for name, place, span in zip(names, places, times, strict=True)]
    marks = [
        (3_000, "baseline_start", {}),
        (6_500, "baseline_stop", {}),
        (8_000, "set_start", {"exercise": "bridge_2leg"}),
        (20_000, "placement", {"device": "D", "channels": {"emg": ["semitendinosus/right"]}}),
        (21_000, "tap_start", {}),
        (23_000, "tap_stop", {}),
        (25_000, "set_stop", {}),
    ]
    entries += [Mark(at_ms * MS, kind, data) for at_ms, kind, data in marks]
    entries += [entry for stream in streams for entry in stream]
    entries.sort(key=lambda entry: entry.host_ns)
    return [entry for old in entries for entry in spoil(old, rng)]


def as_they_came(entry, _rng):
    return [entry]


def lossy(entry, rng):
    """Losses of one and of many packets, bits turned over, packets that come twice, wrong times."""
    if not isinstance(entry, Packet) or entry.port == DESCRIPTION:
        return [entry]
    what = rng.random()
    if what < 0.01 or entry.host_ns // (700 * MS) % 17 == 3:
        return []
    payload = bytearray(entry.payload)
    if what < 0.02:
        payload[rng.randrange(len(payload))] ^= 1 << rng.randrange(8)
    if what < 0.022:
        del payload[-3:]
    host_ns = entry.host_ns + (11_000 * MS if 0.03 < what < 0.031 else 0)
    return [Packet(entry.device, entry.port, host_ns, bytes(payload))] * (2 if 0.04 < what < 0.045 else 1)


def restarting(entry, _rng):
    """A sensor counts anew in the middle without a word, and another one's clock leaps."""
    if isinstance(entry, Packet) and entry.port in (EMG, IMU) and len(entry.payload) > 20:
        sequence, index, at_us = struct.unpack_from("<HII", entry.payload, 2)
        rate_hz = 1000 if entry.port == EMG else 100
        if entry.device == "A" and at_us >= 9_000_000:
            index, at_us = index - 9 * rate_hz, at_us - 9_000_000
        elif entry.device == "B" and at_us >= 11_000_000:
            at_us += 20_000_000
        return [
            Packet(
                entry.device,
                entry.port,
                entry.host_ns,
                entry.payload[:2] + struct.pack("<HII", sequence, index, at_us) + entry.payload[12:],
            )
        ]
    return [entry]


SPOILS = {"as they came": as_they_came, "lossy": lossy, "restarting": restarting}


def outcome(pipeline):
    """All that the pipeline knows: summary, and the rows of each track."""
    sensors = pipeline._sensors
    hops = {str(place): [a.tobytes() for a in (t.hops.time_s, t.hops.rows)] for place, t in sensors.emg.items()}
    ups = {key: [a.tobytes() for a in (imu.up.time_s, imu.up.rows)] for key, imu in sensors.imus.items()}
    return repr(session_json(pipeline.summary())), hops, ups


def fed(entries):
    pipeline = Pipeline()
    for entry in entries:
        pipeline.feed(entry)
    pipeline.close()
    return outcome(pipeline)


def taken(parts):
    pipeline = Pipeline()
    for part in parts:
        pipeline.take(part)
    pipeline.close()
    return outcome(pipeline)


def cut(entries, rng):
    at = 0
    while at < len(entries):
        n = rng.choice([1, 30, 400, 3000])
        yield entries[at : at + n]
        at += n


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("spoil", SPOILS)
def test_columns_give_what_packets_give(seed, spoil, tmp_path):
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    entries = session(rng, SPOILS[spoil])
    expected = fed(entries)
    assert taken([entries]) == expected
    assert taken(cut(entries, rng)) == expected
    path = tmp_path / "session.mcap"
    write_recording(path, entries)
    assert taken([read_recording(path).runs()]) == expected


def test_most_goes_in_columns(monkeypatch):
    """A guard of the tests above: nearly nothing of a session that is whole is timed one by one."""
    rng = random.Random(1)  # noqa: S311
    entries = [
        Mark(0, "device", {"device": "A", "driver": "emgmon_gatt"}),
        *sensor(rng, "A", PLACES[0], 0, 20_000, late=0.0),
    ]
    pipeline, alone = Pipeline(), []
    pipeline.take(entries[:500])
    device = pipeline._sensors.devices["A"]
    time = type(device).time
    monkeypatch.setattr(type(device), "time", lambda *args: alone.append(1) or time(*args))
    pipeline.take(entries[500:])
    assert len(entries) > 1100
    assert len(alone) < 60


def test_packets_are_gathered_up_to_marks_and_limits(monkeypatch):
    monkeypatch.setattr("emgmon.pipeline.at_once.MOST_PACKETS", 3)
    packets = [Packet("A", "x", k, b"12") for k in range(7)]
    far = Packet("A", "x", 1 << 63, b"")
    mark = Mark(9, "note", {})
    run = PacketRun.of(packets[:2])
    parts = list(gathered([*packets, mark, run, packets[0], far]))
    lengths = [len(part) if isinstance(part, PacketRun) else part for part in parts]
    assert lengths == [3, 3, 1, mark, 2, 1, far]
    assert parts[4] is run
