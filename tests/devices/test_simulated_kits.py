"""Drivers against simulators that others wrote from the same documents: where they disagree, one has misread."""

import numpy as np
import pytest
from simulated import entries_of, script_of

from emgmon.devices import driver_named
from emgmon.model import Mark
from emgmon.pipeline.intake import DeviceIntake

KITS = {
    "umyo": (1116.0, "uv", 0.0),
    "gforce": (500.0, "a.u.", 0.0),
    "npg": (500.0, "a.u.", 0.0),
    "shimmer": (512.0, "uv", 0.0),
    "ganglion": (200.0, "uv", 1 / 201),
}
"""Nominal rate, unit, and the share that the sensor itself leaves out."""

AWAY_S = ((9.0, 9.7), (12.0, 13.3), (16.0, 18.6))


@pytest.fixture(scope="module", params=KITS)
def kit(request):
    return request.param, entries_of(script_of(1, seed=3), seed=3, kit=request.param)


def taken(entries):
    """Intake of the kit's first sensor after all entries, by its name."""
    intakes = {}
    for entry in entries:
        name = entry.data.get("device", "") if isinstance(entry, Mark) else entry.device
        if isinstance(entry, Mark):
            if entry.kind == "device" and not intakes:
                intakes[name] = DeviceIntake(name, driver_named(entry.data["driver"]).decoder(name))
            elif entry.kind == "connected" and name in intakes:
                intakes[name].connected()
        elif name in intakes:
            intakes[name].take(entry, entries[0].host_ns)
    return intakes


def emg_of(intake):
    return next((stream, streamed) for stream, streamed in intake.streams.items() if stream.quantity == "emg")


def test_every_packet_is_understood_and_nothing_is_lost(kit):
    name, entries = kit
    rate_hz, unit, left_out = KITS[name]
    intakes = taken(entries)
    assert intakes
    for intake in intakes.values():
        stream, streamed = emg_of(intake)
        assert intake.bad_packets == 0
        assert (stream.fs_hz, stream.unit) == (rate_hz, unit)
        assert streamed.counter.repeated == 0
        expected = left_out * streamed.counter.received
        assert abs(streamed.counter.lost - expected) <= (1 if left_out else 0)
        assert streamed.fs_measured_hz() == pytest.approx(rate_hz, rel=0.06 if name == "umyo" else 0.005)


def test_what_is_lost_is_counted_to_the_sample(kit):
    _name, entries = kit
    rng = np.random.default_rng(7)
    begin_ns = entries[0].host_ns

    def arrives(entry):
        host_s = (entry.host_ns - begin_ns) * 1e-9
        if isinstance(entry, Mark) or host_s < 3.0:
            return True
        return rng.random() > 0.03 and not any(first < host_s < last for first, last in AWAY_S)

    last_s = max(entry.host_ns for entry in entries) * 1e-9 - 0.5
    kept = [entry for entry in entries if arrives(entry) or entry.host_ns * 1e-9 > last_s]
    (whole,), (holed,) = taken(entries).values(), taken(kept).values()
    right, found = emg_of(whole)[1].counter, emg_of(holed)[1].counter
    assert found.received < right.received
    assert found.lost + found.received == right.lost + right.received
    assert holed.bad_packets == 0
