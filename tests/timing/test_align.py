import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgmon.timing.align import ClockFit, ClockSettings


def run(rng, drift_ppm=40.0, length_s=120.0, offset_s=12.3):
    """A link of 15 ms connection events with late packets now and then; returns the fit's error in s over time."""
    fit, errors = ClockFit(), []
    for device_s in np.arange(0.025, length_s, 0.025):
        true_s = offset_s + device_s * (1 + drift_ppm * 1e-6)
        delay_s = 0.004 + rng.uniform(0, 0.015) + (rng.exponential(0.05) if rng.random() < 0.05 else 0.0)
        fit.add(device_s, true_s + delay_s)
        errors.append(fit.session_s(device_s) - true_s)
    return fit, np.array(errors)


@pytest.mark.parametrize("drift_ppm", [-80.0, 0.0, 60.0])
def test_error_is_the_least_delay_of_the_link_and_steady(drift_ppm):
    _fit, errors = run(np.random.default_rng(1), drift_ppm)
    late = errors[len(errors) // 2 :]
    assert np.abs(late - 0.004).max() < 0.003
    assert late.std() < 0.001


def test_uncertainty_tells_a_quiet_link_from_a_bad_one():
    fits = {}
    for name, most_s in (("quiet", 0.002), ("bad", 0.3)):
        rng, fit = np.random.default_rng(5), ClockFit()
        assert np.isnan(fit.uncertainty_s)
        for device_s in np.arange(0.025, 60.0, 0.025):
            fit.add(device_s, device_s + 0.01 + rng.uniform(0, most_s))
        fits[name] = fit.uncertainty_s
    assert fits["quiet"] < 0.001
    assert 0.005 < fits["bad"] < 0.05


def test_beats_arrival_time_and_drift_is_found():
    fit, _errors = run(np.random.default_rng(2), drift_ppm=80.0, length_s=200.0)
    assert fit.skew_ppm == pytest.approx(80.0, abs=20.0)


def test_published_time_never_jumps_once_settled():
    fit = ClockFit()
    rng = np.random.default_rng(3)
    times = []
    for device_s in np.arange(0.025, 60.0, 0.025):
        # from 30 s on the link becomes 40 ms faster, as after a change of the connection interval
        fit.add(device_s, device_s + (0.05 if device_s < 30 else 0.01) + rng.uniform(0, 0.01))
        times.append(fit.session_s(device_s))
    steps = np.diff(times)[400:]
    assert (steps > 0.024).all()
    assert (steps < 0.026).all()


def test_restart_forgets_the_old_clock():
    fit, _errors = run(np.random.default_rng(4))
    fit.restart()
    fit.add(0.0, 500.0)
    assert fit.session_s(0.0) == 500.0


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), max_size=60))
def test_totality_times_in_any_order(pairs):
    fit = ClockFit()
    for device_s, host_s in pairs:
        fit.add(device_s, host_s)
        assert np.isfinite(fit.session_s(device_s))


def test_two_streams_of_one_sensor_share_its_clock():
    """Packets of EMG and IMU end at different moments and arrive interleaved."""
    fit = ClockFit()
    for k in range(2000):
        fit.add(0.025 * k, 0.025 * k + 0.01)
        fit.add(0.025 * k - 0.03, 0.025 * k + 0.012)
    assert fit.session_s(50.0) == pytest.approx(50.01, abs=1e-3)


@given(st.integers(0, 10_000), st.sampled_from([20.0, 100.0, 20_000.0]))
@settings(max_examples=40, deadline=None)
def test_many_packets_at_once_are_those_one_by_one(seed, skew_ppm):
    """Two streams in turn, late packets, a few out of order, cut anywhere; lateness was bounded beforehand."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(400, 1500))
    device_s = np.sort(np.arange(n) * 0.025 + rng.uniform(-0.03, 0.03, n) * (rng.random(n) < 0.3))
    swapped = rng.random(n) < 0.05
    device_s[swapped] -= rng.uniform(0.0, 0.7, int(swapped.sum()))
    host_s = 3.0 + device_s * (1 + rng.uniform(-1, 1) * skew_ppm * 1e-6) + rng.exponential(0.02, n)
    one, many = (ClockFit(ClockSettings(skew_ppm=skew_ppm)) for _ in range(2))
    at, in_columns = 0, 0
    while at < n:
        stop = min(n, at + int(rng.integers(1, 300)))
        device, host = device_s[at:stop], host_s[at:stop]
        bounds = many.late_s(device, host)
        late_s, session_s = [], []
        for when_s, arrived_s in zip(device.tolist(), host.tolist(), strict=True):
            late_s.append(arrived_s - one.session_s(when_s))
            one.add(when_s, arrived_s)
            session_s.append(one.session_s(when_s - 0.024))
        if bounds is None:
            for when_s, arrived_s in zip(device.tolist(), host.tolist(), strict=True):
                many.add(when_s, arrived_s)
        else:
            in_columns += stop - at
            assert (bounds[0] <= late_s).all()
            assert (late_s <= bounds[1]).all()
            at_s, offset_s, skew = many.add_many(device, host)
            moment_s = device - 0.024
            np.testing.assert_array_equal(moment_s + (offset_s + skew * (moment_s - at_s)), session_s)
        at = stop
    assert in_columns > 0
    assert one.uncertainty_s == many.uncertainty_s
    assert one.skew_ppm == many.skew_ppm
