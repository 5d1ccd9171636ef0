"""What no method can go below on the simulated signals: ``python benchmarks/floors.py``; takes seconds.

Two tables. The first is the Cramér-Rao bound of the start of a muscle whose drive rises in a straight line of 100 ms:
the least spread of any unbiased estimate, once with rise and level known beforehand, once with both unknown. A method
that assumes no shape at all can only be worse. The second is the spread of the RMS of a window of steady activity that
comes from the signal being noise-like, from its spectrum alone.

Compare with the rows ``onset`` and ``envelope`` of ``emgmon validate``.
"""

import numpy as np
from scipy import signal

from emgmon.validation.onsets import _bursts, _filtered, _starts_s
from emgmon.validation.sources import noise, rate_hz

RISE_S, STEP_S, WINDOW_S = 0.1, 0.0005, 0.25
SEGMENT = 128


def spectra(generator, device):
    """Frequencies (n,) in Hz, spectrum of steady activity and of noise of 1 µV (n,), and the plateau in µV."""
    made = _bursts(generator, 1, _starts_s(1, 12), RISE_S)
    fs_hz = rate_hz(device)
    clean = np.nan_to_num(_filtered(made.samples_uv, device)[0])
    unit = np.nan_to_num(_filtered(noise(len(made.samples_uv), 1.0, np.random.default_rng(3)), device)[0])
    steady = np.concatenate([clean[round((s + 0.3) * fs_hz) : round((s + 1.5) * fs_hz)] for s in made.starts_s])
    f_hz, active = signal.welch(steady, fs_hz, nperseg=SEGMENT)
    quiet = signal.welch(unit, fs_hz, nperseg=SEGMENT)[1]
    inside = (f_hz > 15.0) & (f_hz < 0.47 * fs_hz)
    return f_hz[inside], active[inside], quiet[inside], made.plateau_uv


def start_bounds_ms(f_hz, active, quiet, plateau_uv, snr_db):
    """Bound of the start with rise and level known, and with both unknown, ms."""
    time_s = np.arange(-0.2, 0.8, STEP_S)
    background = (plateau_uv * 10.0 ** (-snr_db / 20.0)) ** 2 * quiet[:, None]

    def density(start_s, rise_s, gain):
        return background + gain * active[:, None] * np.clip((time_s - start_s) / rise_s, 0.0, 1.0) ** 2

    small = 1e-4
    slopes = (
        (density(small, RISE_S, 1.0) - density(-small, RISE_S, 1.0)) / (2 * small),
        (density(0.0, RISE_S + small, 1.0) - density(0.0, RISE_S - small, 1.0)) / (2 * small),
        (density(0.0, RISE_S, 1.0 + small) - density(0.0, RISE_S, 1.0 - small)) / (2 * small),
    )
    relative = np.stack(slopes).reshape(3, -1) / density(0.0, RISE_S, 1.0).ravel()
    information = relative @ relative.T * (f_hz[1] - f_hz[0]) * STEP_S
    return 1e3 / np.sqrt(information[0, 0]), 1e3 * np.sqrt(np.linalg.inv(information)[0, 0])


def window_spread_percent(f_hz, active):
    """Spread of the RMS of one window of steady activity, % of its mean."""
    step_hz = f_hz[1] - f_hz[0]
    independent = 2.0 * WINDOW_S * (active.sum() * step_hz) ** 2 / ((active**2).sum() * step_hz)
    return 100.0 / np.sqrt(2.0 * independent)


def main():
    print(f"| source | class | SNR, dB | start, {1e3 * RISE_S:.0f} ms rise known: ms | unknown: ms |")
    print("| --- | --- | --- | --- | --- |")
    spreads = []
    for generator in ("shaped_noise", "motor_units"):
        for device in ("A", "C"):
            found = spectra(generator, device)
            for snr_db in (10, 20, 30):
                known_ms, unknown_ms = start_bounds_ms(*found, snr_db)
                print(f"| {generator} | {device} | {snr_db} | {known_ms:.1f} | {unknown_ms:.1f} |")
            spreads.append((generator, device, window_spread_percent(*found[:2])))
    print(f"\n| source | class | spread of the RMS of {1e3 * WINDOW_S:.0f} ms, % |")
    print("| --- | --- | --- |")
    for generator, device, percent in spreads:
        print(f"| {generator} | {device} | {percent:.1f} |")


if __name__ == "__main__":
    main()
