"""Sensors shaken in one hand: known offsets are found, and what is no shaking is refused."""

import json
import struct

import numpy as np
import pytest

from emgmon.model import Mark, Notice, Packet, Stream, TimedBlock
from emgmon.pipeline import Pipeline
from emgmon.pipeline.shaking import Shaking
from emgmon.timing.tap import Shaken, lag_between

LENGTH_S = 5.0


def shake(seed=1):
    """Angular velocity (dps) of a hand over time: three axes, uneven, about 3 Hz."""
    rng = np.random.default_rng(seed)
    freq_hz, phase = rng.uniform(1.5, 5.0, (3, 6)), rng.uniform(0, 2 * np.pi, (3, 6))
    gain = rng.uniform(30.0, 150.0, (3, 6))

    def dps(time_s):
        waves = gain[:, :, None] * np.sin(2 * np.pi * freq_hz[:, :, None] * time_s + phase[:, :, None])
        return waves.sum(axis=1).T

    return dps


def felt(dps, fs_hz, late_s, rng, length_s=LENGTH_S):
    """What a sensor says that lies otherwise in the hand and whose times are `late_s` too late."""
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    time_s = rng.uniform(0, 1 / fs_hz) + np.arange(int(length_s * fs_hz)) / fs_hz
    samples = dps(time_s) @ turn + rng.normal(0, 1.0, (len(time_s), 3))
    return time_s + late_s, samples


@pytest.mark.parametrize("rates_hz", [(100.0, 100.0), (100.0, 52.0), (200.0, 60.0)])
@pytest.mark.parametrize("late_s", [-0.08, -0.011, 0.0, 0.0137, 0.12])
def test_a_known_offset_is_found_within_two_milliseconds(rates_hz, late_s):
    rng = np.random.default_rng(3)
    for seed in range(4):
        curves = [
            Shaken("angular_velocity", time_s, np.linalg.norm(samples, axis=1))
            for time_s, samples in (
                felt(shake(seed), rate_hz, late, rng) for rate_hz, late in zip(rates_hz, (0.0, late_s), strict=True)
            )
        ]
        found = lag_between(*curves)
        assert found.refusal == ""
        assert found.lag_s == pytest.approx(late_s, abs=0.002)


def curve(norm, fs_hz=100.0):
    return Shaken("angular_velocity", np.arange(len(norm)) / fs_hz, norm)


def test_other_movement_rest_short_and_even_shaking_are_refused():
    rng = np.random.default_rng(5)
    time_s = np.arange(500) / 100.0
    norms = [np.linalg.norm(felt(shake(seed), 100.0, 0.0, rng)[1], axis=1) for seed in (1, 2)]
    assert lag_between(curve(norms[0]), curve(norms[1])).refusal == "it moved otherwise"
    assert lag_between(curve(norms[0]), curve(rng.normal(0, 1, 500))).refusal == "it was hardly moved"
    assert "less than 3 s" in lag_between(curve(norms[0]), curve(norms[0][:250])).refusal
    even = 200 + 100 * np.sin(2 * np.pi * 6 * time_s)
    assert lag_between(curve(even), curve(even)).refusal == "the shaking was too even"
    assert "no movement" in lag_between(curve(norms[0]), curve(np.full(500, np.nan))).refusal


def test_lost_samples_do_not_move_it():
    rng = np.random.default_rng(6)
    parts = [felt(shake(), 100.0, late_s, rng) for late_s in (0.0, 0.03)]
    norms = [np.linalg.norm(samples, axis=1) for _time_s, samples in parts]
    norms[1][100:110] = norms[1][300:305] = np.nan
    found = lag_between(*(Shaken("angular_velocity", t, n) for (t, _s), n in zip(parts, norms, strict=True)))
    assert found.lag_s == pytest.approx(0.03, abs=0.002)


def test_all_are_moved_forward_to_the_latest_and_a_stranger_is_left_alone():
    rng, shaking = np.random.default_rng(7), Shaking()
    shaking.begin(0.0)
    for device, late_s, seed in (("A", 0.02, 1), ("B", 0.0, 1), ("C", 0.05, 1), ("D", 0.0, 9)):
        time_s, samples = felt(shake(seed), 100.0, late_s, rng)
        stream = Stream(device, "imu", "g,dps", 100.0, (None,))
        shaking.add(TimedBlock(stream, np.hstack([np.zeros_like(samples), samples]), float(time_s[0]), 0.01))
    shifts, text = shaking.end(LENGTH_S)
    assert shifts == pytest.approx({"A": 0.03, "B": 0.05, "C": 0.0}, abs=0.002)
    assert "D (it moved otherwise)" in text
    assert shaking.end(LENGTH_S) == ({}, "")


SHAKE_S = (8.0, 13.0)


def session(late_s, *, marked=True):
    """Two imported motion sensors that are shaken from 8 to 13 s, the second of which is `late_s` late."""
    rng = np.random.default_rng(8)
    entries = [Mark(0, "session")]
    packets = []
    for device, late in (("A", 0.0), ("B", late_s)):
        entries.append(Mark(0, "device", {"device": device, "driver": "imported"}))
        stream = {"quantity": "imu", "unit": "g,dps", "fs_hz": 100, "placements": [None]}
        entries.append(Packet(device, "description", 0, json.dumps({"streams": [stream]}).encode()))
        entries.append(Mark(0, "connected", {"device": device}))
        time_s = np.arange(2500) / 100.0
        quiet = (time_s < SHAKE_S[0]) | (time_s > SHAKE_S[1])
        dps = np.where(quiet[:, None], 0.0, shake()(time_s)) + rng.normal(0, 0.5, (2500, 3))
        rows = np.hstack([np.tile([0.0, 0.0, 1.0], (2500, 1)), dps])
        for first in range(0, 2500, 5):
            head = struct.pack("<QdHH", first, first / 100.0, 5, 6)
            arrived_ns = round((first + 4) * 1e7 + (0.01 + late) * 1e9)
            packets.append(Packet(device, "0", arrived_ns, head + rows[first : first + 5].astype("<f8").tobytes()))
    marks = [Mark(round(t_s * 1e9), kind) for t_s, kind in zip(SHAKE_S, ("tap_start", "tap_stop"), strict=True)]
    later = packets + (marks if marked else [])
    return entries + sorted(later, key=lambda entry: entry.host_ns)


def test_marks_of_a_recording_put_its_sensors_on_one_clock():
    pipeline = Pipeline()
    events = [event for entry in session(0.035) for event in pipeline.feed(entry)]
    told = [event for event in events if isinstance(event, Notice)]
    assert len(told) == 1
    assert "moved by ms: A 3" in told[0].text
    first, second = (pipeline._sensors.devices[name] for name in ("A", "B"))
    apart_s = [each.clock.session_s(20.0) + each.shift_s for each in (first, second)]
    assert apart_s[0] == pytest.approx(apart_s[1], abs=0.002)
    assert told[0].text in pipeline.summary().notes


def test_without_marks_nothing_is_moved():
    pipeline = Pipeline()
    for entry in session(0.035, marked=False):
        pipeline.feed(entry)
    assert {device.shift_s for device in pipeline._sensors.devices.values()} == {0.0}
