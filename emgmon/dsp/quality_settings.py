"""Limits of a channel's quality, and the numbers that follow from them for one channel."""

from __future__ import annotations

import math
from dataclasses import dataclass

from emgmon.dsp.contact import ABRUPT_S, FULL, ContactSettings
from emgmon.dsp.device_class import CALIBRATED_UNITS, upper_edge_hz
from emgmon.dsp.mains import MainsBins, MainsSettings, hann
from emgmon.dsp.verdict_names import SPEC

Limits = tuple[float, float]

MOST_STILL = 10.0
"""What is always below 20 Hz is at most this multiple of rest; more is motion without an end."""

MAINS_OF_REST = 0.5
"""Hum above this share of the relaxed RMS is taken out where the scale is not known."""

CONTACT, MAINS = ContactSettings(), MainsSettings()


@dataclass(frozen=True, slots=True)
class QualitySettings:
    """Limits, amber and red, in µV where they bear the unit; those are skipped where the scale is unknown.

    Attributes
    ----------
    hold_s : float
        A state lasts at least this long after its cause has gone.
    active, loud : float
        More than noise, and enough for the shape of the spectrum, is above these multiples of the relaxed RMS.
    moved : float
        Below 20 Hz there is motion above this multiple of what is there in the stillest tenth of the last minute: the
        heart is always there.
    steady : float
        A second is steady when its loudest quarter is at most so many times its quietest.
    recall_s : float
        Length of the past whose quietest tenth is taken as rest while nothing better is known.
    """

    clip: Limits = (0.001, 0.01)
    lead_ratio: float = 10.0
    step_share: float = 0.20
    step_rest: float = 100.0
    noise_uv: Limits = (5.0, 10.0)
    noise_ref: Limits = (0.03, 0.08)
    snr_db: Limits = (15.0, 6.0)
    mains_uv: Limits = (3.0, 10.0)
    mains_ref: Limits = (0.02, 0.08)
    motion: Limits = (0.2, 0.5)
    drop: Limits = (0.005, 0.05)
    gap_s: float = 0.050
    heart: Limits = (0.3, 1.0)
    median_hz: tuple[Limits, Limits] = ((45.0, 160.0), (30.0, 220.0))
    normality: Limits = (0.985, 0.96)
    crosstalk: Limits = (0.3, 0.6)
    motion_db: float = 12.0
    shape_noise_db: float = 15.0
    drop_db: float = 30.0
    deformation: float = 1.4
    hold_s: float = 1.0
    active: float = 4.0
    loud: float = 15.0
    moved: float = 2.0
    steady: float = 2.0
    recall_s: float = 60.0


def spec_of(
    limits: QualitySettings, unit: str, fs_hz: float, size: int, bins: MainsBins | None, full_scale: float, *, raw: bool
) -> list[float]:
    """Return the numbers of `SPEC` for a channel whose windows have `size` samples.

    The other arguments are as in `emgmon.dsp.quality.QualityWatch`.
    """
    calibrated = unit in CALIBRATED_UNITS
    numbers = {
        "half": 0.5 * size,
        "size": size,
        "longest": max(CONTACT.flat_s * fs_hz, 24.0),
        "full": FULL * full_scale if full_scale > 0.0 else math.inf,
        "flat": CONTACT.flat_uv if calibrated else 0.0,
        "clear": CONTACT.clear,
        "piled": CONTACT.piled,
        "run": CONTACT.run,
        "raw": raw,
        "chance": _tenth_of_chance(fs_hz),
        "clip": limits.clip[0],
        "clip_red": limits.clip[1],
        "step_rest": limits.step_rest,
        "step_share": limits.step_share,
        "drop": limits.drop[0],
        "drop_red": limits.drop[1],
        "gap": limits.gap_s * fs_hz,
        "active": limits.active,
        "loud": limits.loud,
        "moved": limits.moved,
        "steady": limits.steady,
        "lead": limits.lead_ratio,
        "motion": limits.motion[0],
        "motion_red": limits.motion[1],
        "most_still": MOST_STILL,
        "abrupt": max(1, round(ABRUPT_S * fs_hz)),
        "fs_hz": fs_hz,
        "hold": limits.hold_s * 4,
        "heart": limits.heart[0],
        "heart_red": limits.heart[1],
        **_mains_numbers(limits, size, bins, calibrated=calibrated),
        **_shape_numbers(limits, fs_hz),
    }
    return [float(numbers[name]) for name in SPEC]


def _mains_numbers(limits: QualitySettings, size: int, bins: MainsBins | None, *, calibrated: bool) -> dict[str, float]:
    mains = limits.mains_uv if calibrated else limits.mains_ref
    return {
        "mains": mains[0],
        "mains_red": mains[1],
        "limit": limits.mains_uv[0] if calibrated else 0.0,
        "limit_of_rest": MAINS_OF_REST,
        "over": 10.0 ** (0.1 * MAINS.prominence_db),
        "plain_over": 10.0 ** (0.1 * MAINS.plain_db),
        "windows": MAINS.windows,
        "least": MAINS.least,
        "least_plain": MAINS.least_plain,
        "hole_windows": MAINS.hole_windows,
        "lines_50": bins.n_50 if bins else 0,
        "lines": len(bins.around) if bins else 0,
        "scale": 2.0 / (size * hann(size)[1]),
    }


def _shape_numbers(limits: QualitySettings, fs_hz: float) -> dict[str, float]:
    (low_hz, high_hz), (low_red_hz, high_red_hz) = limits.median_hz
    return {
        "normal": limits.normality[0],
        "normal_red": limits.normality[1],
        "median_low": low_hz,
        "median_high": high_hz,
        "median_low_red": low_red_hz,
        "median_high_red": high_red_hz,
        "motion_db": limits.motion_db,
        "noise_db": limits.shape_noise_db,
        "drop_db": limits.drop_db,
        "deformation": limits.deformation,
        "shaped": fs_hz >= 499.0,
    }


def _tenth_of_chance(fs_hz: float) -> float:
    """Tenth quantile of the RMS of one second of noise in the band, over its expectation."""
    width_hz = max(upper_edge_hz(fs_hz) - 20.0, 10.0)
    return 1.0 - 1.2816 / (2.0 * math.sqrt(width_hz))
