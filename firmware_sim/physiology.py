"""From activation and angle to raw surface EMG, acceleration and angular velocity, with their artefacts.

The EMG comes from one of two sources (`shaped_noise`, `motor_units`); what lies around it is put together by a
`Body`. Signals are computed once on fixed grids and read at any time by linear interpolation, because each sensor
samples at the times of its own crystal. Before and after the script the person lies still: an endless loop.

Covered: person, day and side gains, amplitude law, baseline noise, mains hum, ECG, amplifier offset drift, and what
`Artefacts` lists; rigid-body inertial signals with misalignment, bias and noise, by `inertial` where a script moves all
segments, else in one plane. Not covered: electrodes that slide over the muscle during a movement, amplitude changes of
fatigue.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware_sim.body import Body
from firmware_sim.electrode import EMG_GRID_HZ, STILL_S, electrode_emg
from firmware_sim.emg import BAND_HZ
from firmware_sim.inertial import IMU_GRID_HZ, MOUNTS, STANDARD_GRAVITY_M_S2, inertial
from firmware_sim.skin import indices
from firmware_sim.truth import SiteTruth
from firmware_sim.wearer import DRIVE_HZ, Script, Site

Array = NDArray[np.float64]

HARDWARE_BAND_HZ = BAND_HZ

SEGMENT_OF = {
    "gluteus_maximus": "pelvis",
    "gluteus_medius": "pelvis",
    "biceps_femoris": "thigh",
    "semitendinosus": "thigh",
    "erector_spinae": "lumbar",
}
REST_DEG = {"pelvis": 0.0, "thigh": 40.0, "lumbar": 5.0}
LEVER_M = {"pelvis": 0.25, "thigh": 0.20, "lumbar": 0.15}  # from the axis of rotation to the sensor
PLAIN_SEGMENT_OF = {"thigh": "thigh"}  # of sites without a muscle, where a script moves three segments only
_GYRO_NOISE_DPS_PER_RTHZ, _ACC_NOISE_G_PER_RTHZ = 0.007, 150e-6


@dataclass(frozen=True, slots=True)
class Grid:
    """A signal over still loop and script on one grid; read it at any script time.

    `values` has shape (n, channels): first the loop of `STILL_S`, then the script.
    """

    values: Array
    rate_hz: float

    def at(self, script_s: Array) -> Array:
        """Values at script times (seconds, negative = before the script), shape (n, channels)."""
        loop = int(STILL_S * self.rate_hz)
        position = script_s * self.rate_hz
        inside = (position >= 0.0) & (position < self.values.shape[0] - loop - 2)
        position = np.where(inside, position + loop, np.mod(position, loop))
        low = position.astype(np.int64)
        high = np.where(inside, low + 1, (low + 1) % loop)
        part = (position - low)[:, None]
        return np.asarray(self.values[low] * (1.0 - part) + self.values[high] * part)


@dataclass(frozen=True, slots=True)
class BodySignals:
    """All that one sensor measures: `emg_uv` (1 channel), `imu` (acc x y z in g, gyro x y z in dps); and its truth."""

    emg_uv: Grid
    imu: Grid
    truth: SiteTruth


def body_signals(script: Script, site: Site, *, seed: int = 0, body: Body | None = None) -> BodySignals:
    """Signals of the sensor that is labelled with a site, and the truth about them.

    Parameters
    ----------
    script : Script
    site : (muscle, side)
    seed : int
        Person, day and noise of the plain wearer; noise only of those that `body` brings.
    body : Body, optional
        The plain wearer when absent.
    """
    body = body or Body()
    muscle, side = body.worn_at.get(site, site)
    rng = np.random.default_rng([seed, 2, *indices((muscle, side))])
    emg_uv, truth = electrode_emg(script, (muscle, side), body, seed, rng)
    imu = (
        _imu(script, SEGMENT_OF[muscle], rng)
        if script.motion is None
        else _in_space(script, (muscle, side), body, seed)
    )
    return BodySignals(Grid(emg_uv[:, None], EMG_GRID_HZ), Grid(imu, IMU_GRID_HZ), truth)


def motion_signals(script: Script, site: Site, *, seed: int = 0, body: Body | None = None) -> BodySignals:
    """Signals of a motion sensor at a site without a muscle, such as ``("foot", "left")``; its electrodes see nothing.

    In scripts without `Script.motion`, thighs move and everything else of `inertial.MOUNTS` lies still.
    """
    if script.motion is None:
        rng = np.random.default_rng([seed, 2, *_place_indices(site)])
        imu = _imu(script, PLAIN_SEGMENT_OF.get(site[0], ""), rng)
    else:
        imu = _in_space(script, site, body or Body(), seed)
    nothing = np.zeros(2)
    truth = SiteTruth(site, EMG_GRID_HZ, 1.0, 1.0, nothing, {}, {}, np.empty(0))
    silent = Grid(np.zeros((int(STILL_S * EMG_GRID_HZ) + 2, 1)), EMG_GRID_HZ)
    return BodySignals(silent, Grid(imu, IMU_GRID_HZ), truth)


def _place_indices(site: Site) -> tuple[int, int]:
    return 100 + list(MOUNTS).index(site[0]), ("left", "right", "midline").index(site[1])


def _in_space(script: Script, site: Site, body: Body, seed: int) -> Array:
    """Inertial signals of a site in a script that moves all segments, shape (loop + script, 6)."""
    if script.motion is None:
        raise ValueError("the script has no motion")
    rng = np.random.default_rng([seed, 52, *_place_indices(site)])
    return inertial(script.motion, site, body.straps, STILL_S, rng)


def _imu(script: Script, segment: str, rng: np.random.Generator) -> Array:
    """Acceleration (g) and angular velocity (dps) in the sensor's own axes, shape (loop + script, 6).

    The segment turns about its mediolateral axis y; at rest the accelerometer reads +1 g upwards.
    """
    angle = script.angle_deg.get(segment, np.zeros(2))
    loop = int(STILL_S * IMU_GRID_HZ)
    size = loop + int(np.ceil(script.duration_s * IMU_GRID_HZ)) + 2
    time_s = (np.arange(size) - loop) / IMU_GRID_HZ
    inclination_deg = REST_DEG.get(segment, 0.0) + np.where(
        time_s < 0.0,
        0.15 * np.sin(2 * np.pi * 0.25 * time_s),
        np.interp(time_s, np.arange(angle.size) / DRIVE_HZ, angle),
    )
    theta = np.deg2rad(inclination_deg)
    omega = np.gradient(theta, 1 / IMU_GRID_HZ)
    tangential = np.gradient(omega, 1 / IMU_GRID_HZ) * LEVER_M.get(segment, 0.0) / STANDARD_GRAVITY_M_S2
    centripetal = omega**2 * LEVER_M.get(segment, 0.0) / STANDARD_GRAVITY_M_S2
    zero = np.zeros_like(theta)
    acc_g = np.stack([-np.sin(theta) - centripetal, zero, np.cos(theta) - tangential], axis=1)
    gyro_dps = np.stack([zero, np.rad2deg(omega), zero], axis=1)
    mounting = _rotation(rng)
    noise = np.sqrt(IMU_GRID_HZ / 2)
    acc_g = acc_g @ mounting.T + _bias(0.01, 0.03, rng)
    acc_g += _ACC_NOISE_G_PER_RTHZ * noise * rng.standard_normal(acc_g.shape)
    gyro_dps = gyro_dps @ mounting.T + _bias(0.5, 2.0, rng)
    gyro_dps += _GYRO_NOISE_DPS_PER_RTHZ * noise * rng.standard_normal(gyro_dps.shape)
    return np.hstack([acc_g, gyro_dps])


def _bias(low: float, high: float, rng: np.random.Generator) -> Array:
    direction = rng.standard_normal(3)
    return np.asarray(rng.uniform(low, high) * direction / np.linalg.norm(direction))


def _rotation(rng: np.random.Generator) -> Array:
    """Draw a fixed mounting of 5 to 20 degrees about a random axis, shape (3, 3): sensor = rotation @ segment."""
    axis = rng.standard_normal(3)
    x, y, z = axis / np.linalg.norm(axis)
    angle = np.deg2rad(rng.uniform(5.0, 20.0))
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * (cross @ cross))
