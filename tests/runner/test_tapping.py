"""Two knocks are a tap; work, one knock, three knocks and shaking are none."""

import numpy as np
import pytest

from emgmon.model import SampleBlock, Stream
from emgmon.runner.tapping import Tapping

EMG = Stream("a", "emg", "uv", 1000.0, (None,))
IMU = Stream("b", "imu", "g,dps", 100.0, (None,))


def signal(stream, knocks_s, seconds=6.0, seed=1, work=None):
    rng = np.random.default_rng(seed)
    n = round(seconds * stream.fs_hz)
    if stream is IMU:
        samples = np.tile([0.0, 0.0, 1.0, 0.0, 0.0, 0.0], (n, 1)) + rng.normal(0.0, 0.005, (n, 6))
        for at_s in knocks_s:
            samples[round(at_s * stream.fs_hz), :3] += 0.9
        return samples
    samples = rng.normal(0.0, 3.0, (n, 1))
    if work is not None:
        first, last = (round(at_s * stream.fs_hz) for at_s in work)
        samples[first:last] += rng.normal(0.0, 120.0, (last - first, 1))
    for at_s in knocks_s:
        at = round(at_s * stream.fs_hz)
        samples[at : at + 30, 0] += 900.0 * np.exp(-np.arange(30) / 6.0) * (-1.0) ** np.arange(30)
    return samples


def taps(stream, samples, packet):
    tapping = Tapping()
    found = 0
    for first in range(0, len(samples), packet):
        found += tapping.add(SampleBlock(stream, samples[first : first + packet], first, first / stream.fs_hz, 0))
    return found


@pytest.mark.parametrize("stream", [EMG, IMU])
@pytest.mark.parametrize(
    ("knocks_s", "expected"),
    [((), 0), ((3.0,), 0), ((3.0, 3.3), 1), ((3.0, 3.25, 3.5), 0), ((2.0, 3.5), 0), ((1.0, 1.3, 4.0, 4.4), 2)],
)
def test_two_knocks_are_a_tap(stream, knocks_s, expected):
    assert taps(stream, signal(stream, knocks_s), 25) == expected


@pytest.mark.parametrize("packet", [1, 10, 100])
def test_packets_hardly_matter(packet):
    assert taps(IMU, signal(IMU, (3.0, 3.3)), packet) == 1


@pytest.mark.parametrize("seed", range(6))
def test_a_muscle_at_work_is_no_tap(seed):
    assert taps(EMG, signal(EMG, (), seed=seed, work=(2.0, 4.0)), 25) == 0


def test_where_movement_is_felt_the_muscle_is_not_asked():
    tapping = Tapping()
    imu = Stream("a", "acceleration", "g", 100.0, (None,))
    tapping.add(SampleBlock(imu, np.zeros((10, 3)), 0, 0.0, 0))
    quiet = signal(EMG, (3.0, 3.3))
    assert not any(tapping.add(SampleBlock(EMG, quiet[i : i + 25], i, i / 1000, 0)) for i in range(0, len(quiet), 25))
