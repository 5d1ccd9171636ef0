import numpy as np
import pytest
from scipy.signal import welch

from firmware_sim import bridges
from firmware_sim.person import MVIC_UV
from firmware_sim.physiology import REST_DEG, body_signals
from firmware_sim.skin import mean_amplitude_uv, skin_site
from firmware_sim.wearer import DRIVE_HZ, MUSCLES, SIDES

SITES = [(muscle, side) for muscle in MUSCLES for side in SIDES]


@pytest.fixture(scope="module")
def script():
    return bridges(4, seed=1)


@pytest.fixture(scope="module")
def bodies(script):
    return {site: body_signals(script, site, seed=1) for site in SITES}


def sampled(grid, from_s, to_s, rate_hz=1000.0):
    return grid.at(np.arange(from_s, to_s, 1 / rate_hz))


@pytest.mark.parametrize("site", SITES, ids="/".join)
def test_spectrum_when_active_is_that_of_surface_emg(script, bodies, site):
    windows = [(rep.top_s, rep.release_s) for rep in script.reps]
    if site[0] == "erector_spinae":  # their ECG weighs at low effort: look at the maximal contraction
        start_s = next(cue.t_s for cue in script.cues if cue.data.get("group") == "E")
        windows = [(start_s + 0.8, start_s + 2.8)]
    active = np.concatenate([sampled(bodies[site].emg_uv, *window)[:, 0] for window in windows])
    frequency_hz, power = welch(active, 1000.0, nperseg=500)
    share = np.cumsum(power) / power.sum()
    assert 60.0 < frequency_hz[np.searchsorted(share, 0.5)] < 130.0
    assert power[frequency_hz < 20.0].sum() / power.sum() < 0.03


@pytest.mark.parametrize("site", SITES, ids="/".join)
def test_amplitude_follows_the_noise_free_envelope(script, bodies, site):
    skin = skin_site(site, seed=1)
    low_uv, high_uv = MVIC_UV[site[0]]
    assert low_uv <= skin.mvic_uv <= high_uv
    rep = script.reps[0]
    drive = script.drive[site][int(rep.top_s * DRIVE_HZ) : int(rep.release_s * DRIVE_HZ)]
    expected = np.sqrt(np.mean(mean_amplitude_uv(drive, skin) ** 2))
    measured = sampled(bodies[site].emg_uv, rep.top_s, rep.release_s)[:, 0].std()
    assert measured == pytest.approx(expected, rel=0.2)


def test_noise_is_peaky_at_rest_and_gaussian_when_maximal(script, bodies):
    def kurtosis(values):
        return np.mean((values - values.mean()) ** 4) / values.var() ** 2

    site = ("gluteus_maximus", "left")
    start_s = next(cue.t_s for cue in script.cues if cue.kind == "reference_start") + 0.8
    assert kurtosis(sampled(bodies[site].emg_uv, start_s, start_s + 2.0)[:, 0]) < 3.6
    rest_uv = sampled(bodies[site].emg_uv, 1.0, 4.0)[:, 0].std()
    assert 1.5 < rest_uv < 6.0


def test_ecg_is_in_the_erectors_only_and_in_step_on_both_sides(bodies):
    def beats(muscle):
        left, right = (sampled(bodies[muscle, side].emg_uv, 1.0, 4.0)[:, 0] for side in SIDES)
        smooth = np.ones(20) / 20
        return np.corrcoef(np.convolve(left, smooth, "valid"), np.convolve(right, smooth, "valid"))[0, 1]

    assert beats("erector_spinae") > 0.5
    assert beats("biceps_femoris") < 0.5


@pytest.mark.parametrize("site", SITES, ids="/".join)
def test_at_rest_the_accelerometer_reads_1_g(bodies, site):
    imu = sampled(bodies[site].imu, 1.0, 4.0, 100.0)
    assert np.linalg.norm(imu[:, :3], axis=1).mean() == pytest.approx(1.0, abs=0.035)
    assert 0.4 < np.linalg.norm(imu[:, 3:].mean(axis=0)) < 2.2


@pytest.mark.parametrize(("muscle", "segment"), [("biceps_femoris", "thigh"), ("gluteus_maximus", "pelvis")])
def test_gyroscope_integrates_to_the_angle_and_gravity_turns_with_it(script, bodies, muscle, segment):
    imu = sampled(bodies[muscle, "left"].imu, 0.0, script.duration_s, 200.0)
    truth = script.angle_deg[segment]
    rep = script.reps[0]
    bias = imu[200:800, 3:].mean(axis=0)
    lift = slice(int(rep.start_s * 200) - 20, int(rep.top_s * 200) + 20)
    turned = np.linalg.norm((imu[lift, 3:] - bias).sum(axis=0) / 200.0)
    expected = truth[int(lift.stop / 200 * DRIVE_HZ)] - truth[int(lift.start / 200 * DRIVE_HZ)]
    assert turned == pytest.approx(expected, abs=0.7)
    rest, top = imu[200:800, :3].mean(axis=0), imu[lift.stop + 100 : lift.stop + 300, :3].mean(axis=0)
    cosine = rest @ top / np.linalg.norm(rest) / np.linalg.norm(top)
    assert np.rad2deg(np.arccos(cosine)) == pytest.approx(expected, abs=4.0)


def test_mounting_is_off_by_5_to_20_degrees(bodies):
    for (muscle, _), body in bodies.items():
        segment = {"gluteus_maximus": "pelvis", "biceps_femoris": "thigh", "erector_spinae": "lumbar"}[muscle]
        theta = np.deg2rad(REST_DEG[segment])
        mean = sampled(body.imu, 1.0, 4.0, 100.0)[:, :3].mean(axis=0)
        cosine = mean @ [-np.sin(theta), 0.0, np.cos(theta)] / np.linalg.norm(mean)
        assert np.rad2deg(np.arccos(cosine)) < 23.0


def test_before_and_after_the_script_the_person_lies_still(script, bodies):
    for site in SITES:
        for from_s in (-30.0, script.duration_s + 1.0):
            assert sampled(bodies[site].emg_uv, from_s, from_s + 3.0).std() < 10.0
            assert np.ptp(sampled(bodies[site].imu, from_s, from_s + 3.0, 100.0)[:, :3]) < 2.0
        seam = sampled(bodies[site].imu, -16.05, -15.95, 200.0)[:, 3:]
        assert np.abs(np.diff(seam, axis=0)).max() < 1.0


def test_a_seed_is_a_person(script):
    site = ("erector_spinae", "right")
    first, again, other = (body_signals(script, site, seed=seed).emg_uv.values for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
