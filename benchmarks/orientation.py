"""Inclination error on trials with optical reference, against the reference implementation of VQF.

    python benchmarks/orientation.py
    python benchmarks/orientation.py --data FOLDER

Without data it tells what a sample costs: CPU µs, the least of some turns, for motion of 100 Hz that rests and swings,
in packets of 5 samples, in seconds and all at once; with the loops as CPython runs them and, if numba is there,
compiled.

FOLDER holds `NAME.npz` with `imu_data` (m/s², rad/s), `opt_data` (quaternion sensor to earth, w first) and
`movement_data`; those of BROAD (doi:10.3390/data6070072) were converted so. Package `vqf` is needed beside emgmon.
The error is the RMS angle between the true and the found vertical while the movement flag is set. "Bias" trials begin
in the movement, with (1, −0.7, 0.5) dps added to the gyroscope.
"""

import argparse
import os
import statistics
import time
from pathlib import Path

import numpy as np

from emgmon.dsp import compiled
from emgmon.dsp.orientation import UP, Gravity, Tilt

G_M_S2 = 9.80665
BIAS_DPS = (1.0, -0.7, 0.5)
FS_HZ = 100.0
SECONDS, TURNS = 90, 7
BLOCKS = {"packets of 5": 5, "seconds": 100, "at once": SECONDS * 100}


def true_up(quaternion):
    w, x, y, z = quaternion.T
    return np.column_stack([2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)])


def reference_up(acc_m_s2, gyro_rad_s, fs_hz, **settings):
    import vqf  # noqa: PLC0415 - is not needed to tell what a sample costs

    found = vqf.VQF(1.0 / fs_hz, **settings).updateBatch(
        np.ascontiguousarray(gyro_rad_s), np.ascontiguousarray(acc_m_s2)
    )
    return true_up(found["quat6D"])


def rmse_deg(up, true, scored):
    angle = np.degrees(np.arctan2(np.linalg.norm(np.cross(up, true), axis=1), (up * true).sum(axis=1)))
    angle = angle[scored & np.isfinite(angle)]
    return float(np.sqrt(np.mean(angle**2)))


def swinging():
    """Make samples (n, 6): of every nine seconds four at rest and five of swinging, with noise and bias."""
    rng, time_s = np.random.default_rng(0), np.arange(SECONDS * FS_HZ) / FS_HZ
    rate = 60.0 * np.sin(2 * np.pi * np.outer(time_s, (0.31, 0.23, 0.17))) * (time_s[:, None] % 9.0 > 4.0)
    up = np.cumsum(np.radians(rate) / FS_HZ, axis=0) + np.array([0.0, 0.3, 1.0])
    up /= np.linalg.norm(up, axis=1)[:, None]
    return np.column_stack([up, rate + BIAS_DPS]) + rng.normal(0.0, 1.0, (len(up), 6)) * ([0.005] * 3 + [0.1] * 3)


def cost_us(kind, samples, block):
    """CPU µs of one sample."""
    least = np.inf
    for _ in range(TURNS):
        step, began = kind(FS_HZ), time.process_time()
        for first in range(0, len(samples), block):
            step(samples[first : first + block])
        least = min(least, time.process_time() - began)
    return 1e6 * least / len(samples)


def costs():
    """Print what a sample costs; one-minute load of the machine beside it."""
    samples = swinging()
    compiled.load()
    loops = ["numba", "CPython"] if compiled.motion_kernel() is not None else ["CPython"]
    print(f"CPU µs a sample, load {os.getloadavg()[0]:.1f}".ljust(45), *(f"{name:>14s}" for name in BLOCKS))
    for how in loops:
        if how == "CPython":
            compiled.forget()
            compiled.defer()
        for name, kind, width in (("accelerometer and gyroscope", Gravity, 6), ("accelerometer alone", Tilt, 3)):
            each = [cost_us(kind, samples[:, :width], block) for block in BLOCKS.values()]
            print(f"{name + ', ' + how:45s}", *(f"{us:14.2f}" for us in each))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    folder = parser.parse_args().data
    if folder is None:
        costs()
        return
    table, seconds, samples = [], 0.0, 0
    for path in sorted(folder.glob("*.npz")):
        trial = np.load(path)
        fs_hz, imu = float(trial["imu_fs"]), trial["imu_data"].astype(float)
        acc, gyro = imu[:, :3], imu[:, 3:6]
        true, scored = true_up(trial["opt_data"][:, :4].astype(float)), trial["movement_data"][:, 0] == 1
        rows = np.column_stack([acc / G_M_S2, np.degrees(gyro)])
        began = time.process_time()
        ours = Gravity(fs_hz)(rows)[:, UP]
        seconds, samples = seconds + time.process_time() - began, samples + len(rows)
        alone = Tilt(fs_hz)
        tilt = np.roll(alone(rows[:, :3])[:, UP], -round(alone.delay_s * fs_hz), axis=0)
        errors = {
            "ours": rmse_deg(ours, true, scored),
            "vqf": rmse_deg(reference_up(acc, gyro, fs_hz), true, scored),
            "accelerometer alone": rmse_deg(tilt, true, scored),
        }
        late = slice(int(np.flatnonzero(scored)[0]) + round(2.0 * fs_hz), None)
        acc, gyro, true, scored = acc[late], gyro[late] + np.radians(BIAS_DPS), true[late], scored[late]
        rows = np.column_stack([acc / G_M_S2, np.degrees(gyro)])
        fixed = reference_up(acc, gyro, fs_hz, motionBiasEstEnabled=False)
        errors |= {
            "bias: ours": rmse_deg(Gravity(fs_hz)(rows)[:, UP], true, scored),
            "bias: vqf": rmse_deg(reference_up(acc, gyro, fs_hz), true, scored),
            "bias: vqf, none in motion": rmse_deg(fixed, true, scored),
        }
        table.append(errors)
        print(f"{path.stem:45s}", "  ".join(f"{name} {error:5.2f}" for name, error in errors.items()))
    medians = {name: statistics.median(row[name] for row in table) for name in table[0]}
    print(f"{'median':45s}", "  ".join(f"{name} {value:5.2f}" for name, value in medians.items()))
    print(f"ours / vqf, median: {medians['ours'] / medians['vqf']:.3f}; {1e6 * seconds / samples:.1f} µs a sample")


if __name__ == "__main__":
    main()
