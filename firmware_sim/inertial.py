"""What a motion sensor on a strap measures of a moving segment: acceleration and angular velocity in its own axes.

Covered: the place's own acceleration, gravity, a mounting that is off, bias and its random walk, noise, skin that
wobbles while the segment moves, and a foot that strikes the floor. Not covered: sensors that slip for good, scale
errors, temperature.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from firmware_sim.kinematics import TILT, Motion, Skeleton, skeleton

Array = NDArray[np.float64]
Site = tuple[str, str]
Vector = tuple[float, float, float]

IMU_GRID_HZ = 200.0
STANDARD_GRAVITY_M_S2 = 9.80665
STEP = 2  # of the motion's samples
BREATH_DEG, BREATH_HZ = {"pelvis": 0.1, "lumbar": 0.15, "trunk": 0.2}, 0.25
QUICK_DPS, SKIN_S = 120.0, 0.12
IMPACT_HZ, IMPACT_S = 25.0, 0.03
IMPACT_SHARE = {"foot": 1.0, "shank": 0.6, "thigh": 0.35, "pelvis": 0.2, "lumbar": 0.12, "trunk": 0.1}
FORWARD, BACK, UP, OUTWARD = (1.0, 0.0, 0.0), (-1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, 1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Straps:
    """Ranges from which each sensor's fastening and errors are drawn.

    Attributes
    ----------
    misalignment_deg : tuple of float
        Turn of the housing away from where it should point, about any axis.
    wobble_deg, wobble_hz : tuple of float
        Largest angle of housing against bone while the segment moves quickly, and how fast it swings.
    gyro_bias_dps, acc_bias_g : tuple of float
        Length of the constant errors.
    gyro_walk_dps : float
        How far the gyroscope's error has wandered after one second (after t seconds, root of t as far).
    gyro_noise_dps, acc_noise_g : float
        Density per root hertz.
    """

    misalignment_deg: tuple[float, float] = (5.0, 20.0)
    wobble_deg: tuple[float, float] = (1.0, 3.0)
    wobble_hz: tuple[float, float] = (4.0, 10.0)
    gyro_bias_dps: tuple[float, float] = (1.0, 5.0)
    acc_bias_g: tuple[float, float] = (0.02, 0.05)
    gyro_walk_dps: float = 0.003
    gyro_noise_dps: float = 0.007
    acc_noise_g: float = 150e-6


IDEAL = Straps((0.0, 0.0), (0.0, 0.0), (4.0, 10.0), (0.0, 0.0), (0.0, 0.0), 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Mount:
    """Where a sensor sits: body part, offset in metres from its origin, where its back and its long side point.

    Offsets and directions are those of the left side.
    """

    part: str
    offset_m: Vector
    outward: Vector
    along: Vector = UP


MOUNTS: Mapping[str, Mount] = {
    "gluteus_maximus": Mount("pelvis", (-0.10, 0.07, 0.0), BACK),
    "gluteus_medius": Mount("pelvis", (0.0, 0.14, 0.06), OUTWARD),
    "biceps_femoris": Mount("thigh", (-0.07, 0.02, -0.21), BACK),
    "semitendinosus": Mount("thigh", (-0.07, -0.02, -0.21), BACK),
    "erector_spinae": Mount("lumbar", (-0.08, 0.03, 0.05), BACK),
    "sacrum": Mount("pelvis", (-0.10, 0.0, 0.06), BACK),
    "thoracic_spine": Mount("trunk", (-0.10, 0.0, 0.02), BACK),
    "sternum": Mount("trunk", (0.10, 0.0, 0.20), FORWARD),
    "chest": Mount("trunk", (0.10, 0.0, 0.15), FORWARD),
    "thigh": Mount("thigh", (0.0, 0.08, -0.22), OUTWARD),
    "shank": Mount("shank", (0.04, -0.02, -0.15), FORWARD),
    "foot": Mount("foot", (0.10, 0.0, -0.03), UP, FORWARD),
}


def segment_at(site: Site) -> str:
    """Segment on which a site lies."""
    part = MOUNTS[site[0]].part
    return f"{part}_{site[1]}" if part in {"thigh", "shank", "foot"} else part


def inertial(motion: Motion, site: Site, straps: Straps, still_s: float, rng: np.random.Generator) -> Array:
    """Acceleration (g) and angular velocity (dps) of a sensor, at `IMU_GRID_HZ`.

    Parameters
    ----------
    motion : Motion
    site : (place, side)
        A key of `MOUNTS`; ``left``, ``right`` or ``midline``.
    straps : Straps
    still_s : float
        How long the person stays in the first pose before the script begins; whole cycles of breath.
    rng : Generator

    Returns
    -------
    ndarray, shape (n, 6)
        From `still_s` before the script to its end.
    """
    segment, mount = segment_at(site), MOUNTS[site[0]]
    bones, rate_hz = _bones(motion, still_s)
    turned = bones.rotation[segment]
    mirror = -1.0 if site[1] == "right" else 1.0
    offset = (mount.offset_m[0], mirror * mount.offset_m[1], mount.offset_m[2])
    gyro = _rate_dps(turned, rate_hz)
    acc = _second_difference(bones.place_m(segment, offset), rate_hz) / STANDARD_GRAVITY_M_S2
    acc[:, 2] += 1.0
    acc[:, 2] += _impacts(motion, still_s, len(acc), rate_hz) * IMPACT_SHARE[mount.part]
    acc = np.einsum("nji,nj->ni", turned, acc)
    acc, gyro = _wobbled(acc, gyro, rate_hz, straps, rng)
    size = int(np.ceil((len(acc) - 1) / rate_hz * IMU_GRID_HZ)) + 2
    grid_s, own_s = np.arange(size) / IMU_GRID_HZ, np.arange(len(acc)) / rate_hz
    both = np.hstack([acc, gyro])
    sampled = np.stack([np.interp(grid_s, own_s, column) for column in both.T], axis=1)
    axes = _misaligned(straps, rng) @ _nominal(mount, mirror)
    return _flawed(np.hstack([sampled[:, :3] @ axes.T, sampled[:, 3:] @ axes.T]), straps, rng)


@lru_cache(maxsize=2)
def _bones(motion: Motion, still_s: float) -> tuple[Skeleton, float]:
    """Skeleton with the time before the script and breath, and its rate."""
    rate_hz = motion.rate_hz / STEP
    before = int(still_s * rate_hz)
    attitude = {}
    for segment, angles in motion.attitude_deg.items():
        longer = np.concatenate([np.tile(angles[0], (before, 1)), angles[::STEP]])
        breath = np.sin(2 * np.pi * BREATH_HZ * (np.arange(len(longer)) - before) / rate_hz)
        longer[:, TILT] += BREATH_DEG.get(segment, 0.0) * breath
        attitude[segment] = longer
    longer_motion = replace(motion, attitude_deg=attitude, anchored_s=motion.anchored_s + still_s, rate_hz=rate_hz)
    return skeleton(longer_motion), rate_hz


def _rate_dps(rotation: Array, rate_hz: float) -> Array:
    """Angular velocity in the segment's own axes, shape (n, 3), from the turn between neighbours."""
    turn = np.einsum("nji,njk->nik", rotation[:-2], rotation[2:])
    vector = np.stack([turn[:, 2, 1] - turn[:, 1, 2], turn[:, 0, 2] - turn[:, 2, 0], turn[:, 1, 0] - turn[:, 0, 1]], 1)
    rate = np.rad2deg(vector / 2.0) * rate_hz / 2.0
    return np.concatenate([rate[:1], rate, rate[-1:]])


def _second_difference(place_m: Array, rate_hz: float) -> Array:
    inner = (place_m[2:] - 2.0 * place_m[1:-1] + place_m[:-2]) * rate_hz**2
    return np.concatenate([inner[:1], inner, inner[-1:]])


def _impacts(motion: Motion, still_s: float, size: int, rate_hz: float) -> Array:
    """Upward shocks at the foot, g, shape (size,)."""
    shock = np.zeros(size)
    time_s = np.arange(size) / rate_hz - still_s
    for at_s in motion.impacts_s:
        since_s = time_s - at_s
        after = (since_s >= 0.0) & (since_s < 8 * IMPACT_S)
        ring = np.exp(-since_s[after] / IMPACT_S) * np.sin(2 * np.pi * IMPACT_HZ * since_s[after])
        shock[after] += motion.impact_g * ring
    return shock


def _wobbled(acc: Array, gyro: Array, rate_hz: float, straps: Straps, rng: np.random.Generator) -> tuple[Array, Array]:
    """Let the housing swing against the bone while the segment moves."""
    axis = rng.standard_normal(3)
    axis /= np.linalg.norm(axis)
    most_deg, swing_hz = rng.uniform(*straps.wobble_deg), rng.uniform(*straps.wobble_hz)
    width = round(SKIN_S * rate_hz)
    speed = np.convolve(np.linalg.norm(gyro, axis=1), np.full(width, 1.0 / width), "same")
    phase = 2 * np.pi * swing_hz * np.arange(len(acc)) / rate_hz + rng.uniform(0.0, 2 * np.pi)
    angle_deg = most_deg * np.clip(speed / QUICK_DPS, 0.0, 1.0) * np.sin(phase)
    small = np.deg2rad(angle_deg)[:, None] * axis
    swung = gyro - np.cross(small, gyro) + np.gradient(angle_deg, 1 / rate_hz)[:, None] * axis
    return acc - np.cross(small, acc), swung


def _nominal(mount: Mount, mirror: float) -> Array:
    """Sensor's axes as rows in the segment's: x along it, z away from the skin."""
    flip = np.array([1.0, mirror, 1.0])
    x, z = np.array(mount.along) * flip, np.array(mount.outward) * flip
    return np.stack([x, np.cross(z, x), z])


def _misaligned(straps: Straps, rng: np.random.Generator) -> Array:
    """Draw a fixed turn about any axis, shape (3, 3)."""
    x, y, z = (part := rng.standard_normal(3)) / np.linalg.norm(part)
    angle = np.deg2rad(rng.uniform(*straps.misalignment_deg))
    skew = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.asarray(np.eye(3) + np.sin(angle) * skew + (1.0 - np.cos(angle)) * (skew @ skew))


def _flawed(samples: Array, straps: Straps, rng: np.random.Generator) -> Array:
    """Add constant errors, the gyroscope's walk, and noise."""
    for part, (low, high), density in (
        (slice(0, 3), straps.acc_bias_g, straps.acc_noise_g),
        (slice(3, 6), straps.gyro_bias_dps, straps.gyro_noise_dps),
    ):
        direction = rng.standard_normal(3)
        samples[:, part] += rng.uniform(low, high) * direction / np.linalg.norm(direction)
        samples[:, part] += density * np.sqrt(IMU_GRID_HZ / 2) * rng.standard_normal((len(samples), 3))
    steps = rng.standard_normal((len(samples), 3)) * straps.gyro_walk_dps / np.sqrt(IMU_GRID_HZ)
    samples[:, 3:] += np.cumsum(steps, axis=0)
    return samples
