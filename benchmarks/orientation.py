"""Inclination error on trials with optical reference, against the reference implementation of VQF.

    python benchmarks/orientation.py --data FOLDER

FOLDER holds `NAME.npz` with `imu_data` (m/s², rad/s), `opt_data` (quaternion sensor to earth, w first) and
`movement_data`; those of BROAD (doi:10.3390/data6070072) were converted so. Package `vqf` is needed beside emgmon.
The error is the RMS angle between the true and the found vertical while the movement flag is set. "Bias" trials begin
in the movement, with (1, −0.7, 0.5) dps added to the gyroscope.
"""

import argparse
import statistics
import time
from pathlib import Path

import numpy as np
import vqf

from emgmon.dsp.orientation import UP, Gravity, Tilt

G_M_S2 = 9.80665
BIAS_DPS = (1.0, -0.7, 0.5)


def true_up(quaternion):
    w, x, y, z = quaternion.T
    return np.column_stack([2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)])


def reference_up(acc_m_s2, gyro_rad_s, fs_hz, **settings):
    found = vqf.VQF(1.0 / fs_hz, **settings).updateBatch(
        np.ascontiguousarray(gyro_rad_s), np.ascontiguousarray(acc_m_s2)
    )
    return true_up(found["quat6D"])


def rmse_deg(up, true, scored):
    angle = np.degrees(np.arctan2(np.linalg.norm(np.cross(up, true), axis=1), (up * true).sum(axis=1)))
    angle = angle[scored & np.isfinite(angle)]
    return float(np.sqrt(np.mean(angle**2)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    folder = parser.parse_args().data
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
