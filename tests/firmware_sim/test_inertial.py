"""Motion sensors in space: gravity at rest gives the angle, the gyroscope integrates to it, errors are within range."""

import numpy as np
import pytest

from firmware_sim import perform
from firmware_sim.inertial import IDEAL, IMU_GRID_HZ, MOUNTS, Straps, inertial, segment_at
from firmware_sim.kinematics import MOTION_HZ

STILL_S = 8.0
SITES = [
    ("sacrum", "midline"),
    ("thoracic_spine", "midline"),
    *((part, side) for part in ("thigh", "shank", "foot") for side in ("left", "right")),
]


@pytest.fixture(scope="module", params=["overhead_squat", "bridge_2leg", "clam", "bird_dog"])
def motion(request):
    return perform(request.param, 2, seed=3, references=False).motion


def measured(motion, site, straps=IDEAL, seed=0):
    """Acceleration and angular velocity over the script, without the loop before it."""
    return inertial(motion, site, straps, STILL_S, np.random.default_rng(seed))[int(STILL_S * IMU_GRID_HZ) :]


def axes(site):
    """Sensor's axes as rows in those of the segment: the nominal mounting."""
    mount, flip = MOUNTS[site[0]], np.array([1.0, -1.0 if site[1] == "right" else 1.0, 1.0])
    x, z = np.array(mount.along) * flip, np.array(mount.outward) * flip
    return np.stack([x, np.cross(z, x), z])


def at_rest(motion, site):
    """Samples in which the segment does not turn, as indices of the sensor's grid."""
    rotation = motion.rotation(segment_at(site))
    turned = np.abs(rotation[25:] - rotation[:-25]).max(axis=(1, 2))
    quiet = np.flatnonzero(turned < 1e-4) + 12
    return np.unique((quiet * IMU_GRID_HZ / MOTION_HZ).astype(int))


@pytest.mark.parametrize("site", SITES, ids="/".join)
def test_at_rest_gravity_shows_the_true_inclination(motion, site):
    samples = measured(motion, site)
    quiet = at_rest(motion, site)
    quiet = quiet[(quiet > 20) & (quiet < len(samples) - 20)][::50]
    up = motion.up(segment_at(site))[np.rint(quiet * MOTION_HZ / IMU_GRID_HZ).astype(int)] @ axes(site).T
    acc = samples[quiet, :3]
    cosine = np.sum(acc * up, axis=1) / np.linalg.norm(acc, axis=1)
    still_whole_body = np.linalg.norm(acc, axis=1) - 1.0
    assert np.median(np.abs(still_whole_body)) < 0.003
    assert np.median(np.rad2deg(np.arccos(np.clip(cosine, -1.0, 1.0)))) < 0.4


@pytest.mark.parametrize("site", SITES, ids="/".join)
def test_the_gyroscope_integrates_to_the_true_attitude(motion, site):
    rate = np.deg2rad(measured(motion, site)[:, 3:] @ axes(site))
    turned = motion.rotation(segment_at(site))[0].T
    step = 1.0 / IMU_GRID_HZ
    seconds = min(25.0, len(rate) / IMU_GRID_HZ - 0.1)
    for at in range(int(seconds * IMU_GRID_HZ)):
        x, y, z = (rate[at] + rate[at + 1]) / 2 * step
        skew = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
        turned = (np.eye(3) - skew + skew @ skew / 2) @ turned
    true = motion.rotation(segment_at(site))[int(seconds * MOTION_HZ)].T
    angle = np.rad2deg(np.arccos(np.clip((np.trace(turned @ true.T) - 1.0) / 2.0, -1.0, 1.0)))
    assert angle < 1.5


def test_errors_lie_within_their_ranges(motion):
    site = ("sacrum", "midline")
    ideal = measured(motion, site)[200:600]
    for seed in range(6):
        samples = measured(motion, site, seed=seed, straps=Straps())[200:600]
        bias_dps = np.linalg.norm((samples - ideal)[:, 3:].mean(axis=0))
        assert 0.9 < bias_dps < 5.2
        cosine = samples[:, :3].mean(axis=0) @ ideal[:, :3].mean(axis=0)
        cosine /= np.linalg.norm(samples[:, :3].mean(axis=0)) * np.linalg.norm(ideal[:, :3].mean(axis=0))
        assert np.rad2deg(np.arccos(min(cosine, 1.0))) < 20.0 + 3.0
        assert samples[:, :3].std(axis=0).max() < 0.01


def test_skin_wobbles_only_while_the_segment_moves():
    motion = perform("squat_bw", 2, seed=1, references=False).motion
    site = ("thigh", "left")
    only_wobble = Straps((0.0, 0.0), (2.0, 2.0), (6.0, 6.0), (0.0, 0.0), (0.0, 0.0), 0.0, 0.0, 0.0)
    difference = np.abs(measured(motion, site, only_wobble) - measured(motion, site))[:, 3:].max(axis=1)
    assert difference.max() > 20.0
    quiet = at_rest(motion, site)
    assert np.median(difference[quiet[quiet < len(difference)]]) < 0.5


def test_a_foot_that_strikes_the_floor_is_felt_up_the_leg():
    script = perform("lunge", 2, seed=1, references=False, calibrated=False)
    strike = round(script.reps[0].top_s * IMU_GRID_HZ)
    peak = {
        part: np.ptp(np.linalg.norm(measured(script.motion, (part, side))[strike : strike + 20, :3], axis=1))
        for part, side in (("foot", "left"), ("shank", "left"), ("thigh", "left"), ("sacrum", "midline"))
    }
    assert peak["foot"] > 0.3
    assert list(peak.values()) == sorted(peak.values(), reverse=True)
