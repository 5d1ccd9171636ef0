"""From activation and angle to raw surface EMG, acceleration and angular velocity, with their artefacts.

The EMG source is shaped noise: variance follows the activation, the spectrum belongs to the family
P(f) ~ f_h^4 f^2 / ((f^2 + f_l^2) (f^2 + f_h^2)^2), and at low effort few motor units make it peaky.
Signals are computed once on fixed grids and read at any time by linear interpolation, because each sensor
samples at the times of its own crystal. Before and after the script the person lies still: an endless loop.

Covered: person and side gains, concave amplitude law, baseline noise, mains hum, ECG in the erectors,
amplifier offset drift; rigid-body inertial signals with misalignment, bias and noise. Not covered: single
motor units, crosstalk, movement artefacts of the electrodes, fatigue of the spectrum, soft-tissue wobble.

References
----------
Shwedyk 1977, doi:10.1109/TBME.1977.326147; Stulen and De Luca 1981, doi:10.1109/TBME.1981.324738.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware_sim.wearer import DRIVE_HZ, MUSCLES, SIDES, Script, Site

Array = NDArray[np.float64]

EMG_GRID_HZ = 2000.0
IMU_GRID_HZ = 200.0
STILL_S = 8.0  # length of the loop before and after the script: whole cycles of hum and breath
HARDWARE_BAND_HZ = (10.0, 450.0)
STANDARD_GRAVITY_M_S2 = 9.80665

SEGMENT_OF = {"gluteus_maximus": "pelvis", "biceps_femoris": "thigh", "erector_spinae": "lumbar"}
REST_DEG = {"pelvis": 0.0, "thigh": 40.0, "lumbar": 5.0}
LEVER_M = {"pelvis": 0.25, "thigh": 0.20, "lumbar": 0.15}  # from the axis of rotation to the sensor
MVIC_UV = {"gluteus_maximus": (60.0, 250.0), "biceps_femoris": (120.0, 500.0), "erector_spinae": (50.0, 200.0)}
_GYRO_NOISE_DPS_PER_RTHZ, _ACC_NOISE_G_PER_RTHZ = 0.007, 150e-6


@dataclass(frozen=True, slots=True)
class SkinSite:
    """What person, electrode and amplifier make of an activation at one site.

    `mvic_uv` is the RMS amplitude at full activation, `exponent` the b of amplitude ~ drive^b, `low_hz` and
    `high_hz` the shape of the spectrum, `ecg_uv` the height of the R wave (0 where none is seen).
    """

    mvic_uv: float
    exponent: float
    low_hz: float
    high_hz: float
    noise_uv: float
    hum_uv: float
    ecg_uv: float


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
    """All that one sensor can measure: `emg_uv` (1 channel), `imu` (acc x y z in g, gyro x y z in dps)."""

    emg_uv: Grid
    imu: Grid


def body_signals(script: Script, site: Site, *, seed: int = 0) -> BodySignals:
    """Signals at one site (muscle, side); the same seed is the same person on the same day."""
    rng = np.random.default_rng([seed, 2, MUSCLES.index(site[0]), SIDES.index(site[1])])
    emg_uv = _emg_uv(script, site, skin_site(site, seed=seed), seed, rng)
    imu = _imu(script, SEGMENT_OF[site[0]], rng)
    return BodySignals(Grid(emg_uv[:, None], EMG_GRID_HZ), Grid(imu, IMU_GRID_HZ))


def skin_site(site: Site, *, seed: int) -> SkinSite:
    """Draw the constants of a site; left and right differ by about 10 % in gain."""
    muscle, side = site
    person = np.random.default_rng([seed, 3, MUSCLES.index(muscle)])
    low_uv, high_uv = MVIC_UV[muscle]
    mvic_uv = float(np.exp(person.uniform(np.log(low_uv), np.log(high_uv))))
    exponent = float(person.uniform(0.92, 1.05))
    here = np.random.default_rng([seed, 4, MUSCLES.index(muscle), SIDES.index(side)])
    return SkinSite(
        mvic_uv=float(np.clip(mvic_uv * here.lognormal(0.0, 0.1), low_uv, high_uv)),
        exponent=exponent,
        low_hz=float(here.uniform(45.0, 60.0)),
        high_hz=float(here.uniform(100.0, 140.0)),
        noise_uv=float(here.uniform(1.5, 3.0)),
        hum_uv=float(here.uniform(0.0, 3.0)),
        ecg_uv=float(here.uniform(15.0, 30.0)) if muscle == "erector_spinae" else 0.0,
    )


def mean_amplitude_uv(drive: Array, skin: SkinSite) -> Array:
    """Noise-free envelope: the expected RMS of the muscle's own signal, µV, for a drive of 0 to 1."""
    return np.asarray(skin.mvic_uv * drive**skin.exponent)


def _emg_uv(script: Script, site: Site, skin: SkinSite, seed: int, rng: np.random.Generator) -> Array:
    """Potential behind the amplifier's hardware band, µV, shape (loop + script,)."""
    drive = script.drive[site]
    loop = int(STILL_S * EMG_GRID_HZ)
    size = loop + int(np.ceil(script.duration_s * EMG_GRID_HZ)) + 2
    time_s = (np.arange(size) - loop) / EMG_GRID_HZ
    activation = np.interp(time_s, np.arange(drive.size) / DRIVE_HZ, drive, left=float(drive[0]))
    source = _shaped_noise(size, skin.low_hz, skin.high_hz, rng) * _peaky(activation, rng)
    signal = mean_amplitude_uv(activation, skin) * source
    signal += skin.noise_uv * _band_noise(size, *HARDWARE_BAND_HZ, rng)
    signal += skin.hum_uv * np.sqrt(2) * np.sin(2 * np.pi * 50.0 * time_s + rng.uniform(0, 2 * np.pi))
    if skin.ecg_uv:
        signal += skin.ecg_uv * _ecg(time_s, np.random.default_rng([seed, 5]))
    signal += rng.normal(0.0, 4.0) + 2.0 * np.sin(2 * np.pi * time_s / 40.0 + rng.uniform(0, 2 * np.pi))
    return np.asarray(signal)


def _shaped_noise(size: int, low_hz: float, high_hz: float, rng: np.random.Generator) -> Array:
    """Gaussian noise of unit variance with the EMG spectrum within the hardware band."""
    padded, frequency_hz = _spectrum_axis(size)
    power = high_hz**4 * frequency_hz**2
    power /= (frequency_hz**2 + low_hz**2) * (frequency_hz**2 + high_hz**2) ** 2
    power *= _hardware_power(frequency_hz)
    return _noise_of(power, padded, rng)[:size]


def _band_noise(size: int, low_hz: float, high_hz: float, rng: np.random.Generator) -> Array:
    """Gaussian noise of unit variance, flat between two corner frequencies."""
    padded, frequency_hz = _spectrum_axis(size)
    power = ((frequency_hz >= low_hz) & (frequency_hz <= high_hz)).astype(np.float64)
    return _noise_of(power, padded, rng)[:size]


def _spectrum_axis(size: int) -> tuple[int, Array]:
    padded = 1 << (size - 1).bit_length()
    return padded, np.asarray(np.fft.rfftfreq(padded, 1 / EMG_GRID_HZ), np.float64)


def _hardware_power(frequency_hz: Array) -> Array:
    """Power response of the second-order hardware corners (Butterworth)."""
    low_hz, high_hz = HARDWARE_BAND_HZ
    ratio = np.divide(low_hz, frequency_hz, out=np.full_like(frequency_hz, np.inf), where=frequency_hz > 0)
    return np.asarray(1.0 / (1.0 + ratio**4) / (1.0 + (frequency_hz / high_hz) ** 4))


def _noise_of(power: Array, padded: int, rng: np.random.Generator) -> Array:
    bins = rng.standard_normal(power.size) + 1j * rng.standard_normal(power.size)
    noise = np.fft.irfft(bins * np.sqrt(power), padded)
    return np.asarray(noise / noise.std())


def _peaky(activation: Array, rng: np.random.Generator) -> Array:
    """Slow random gain of unit mean square that turns Gaussian into Laplacian noise at low effort.

    A Gaussian whose variance is exponentially distributed is Laplacian; here the variance moves within
    about 60 ms, as when few motor units fire, and the effect fades above a drive of 0.15.
    """
    low_pass = [_band_noise(activation.size, 0.0, 8.0, rng) for _ in range(2)]
    exponential = (low_pass[0] ** 2 + low_pass[1] ** 2) / 2
    share = np.exp(-activation / 0.15)
    return np.asarray(np.sqrt(1.0 - share + share * exponential))


def _ecg(time_s: Array, rng: np.random.Generator) -> Array:
    """P-QRS-T train at about 70 beats a minute, R wave of height 1; the same beats for one person."""
    signal = np.zeros_like(time_s)
    beat_s = time_s[0] + 0.3
    waves = ((-0.17, 0.10, 0.025), (-0.03, -0.12, 0.008), (0.0, 1.0, 0.010), (0.03, -0.2, 0.009), (0.28, 0.2, 0.05))
    while beat_s < time_s[-1]:
        window = slice(*np.searchsorted(time_s, [beat_s - 0.35, beat_s + 0.55]))
        for delay_s, height, width_s in waves:
            signal[window] += height * np.exp(-0.5 * ((time_s[window] - beat_s - delay_s) / width_s) ** 2)
        beat_s += 60.0 / 70.0 * rng.lognormal(0.0, 0.04)
    return signal


def _imu(script: Script, segment: str, rng: np.random.Generator) -> Array:
    """Acceleration (g) and angular velocity (dps) in the sensor's own axes, shape (loop + script, 6).

    The segment turns about its mediolateral axis y; at rest the accelerometer reads +1 g upwards.
    """
    angle = script.angle_deg[segment]
    loop = int(STILL_S * IMU_GRID_HZ)
    size = loop + int(np.ceil(script.duration_s * IMU_GRID_HZ)) + 2
    time_s = (np.arange(size) - loop) / IMU_GRID_HZ
    inclination_deg = REST_DEG[segment] + np.where(
        time_s < 0.0,
        0.15 * np.sin(2 * np.pi * 0.25 * time_s),
        np.interp(time_s, np.arange(angle.size) / DRIVE_HZ, angle),
    )
    theta = np.deg2rad(inclination_deg)
    omega = np.gradient(theta, 1 / IMU_GRID_HZ)
    tangential = np.gradient(omega, 1 / IMU_GRID_HZ) * LEVER_M[segment] / STANDARD_GRAVITY_M_S2
    centripetal = omega**2 * LEVER_M[segment] / STANDARD_GRAVITY_M_S2
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
