"""Every kit of bought sensors through its drivers; simulators and drivers were written apart, from one document."""

import math

import pytest
from simulated import entries_of, events_of, script_of

from firmware_sim import KITS, Faults, Window

pytestmark = pytest.mark.slow
OTHER = ("umyo", "gforce", "npg", "shimmer", "ganglion", "mixed")


@pytest.fixture(scope="module")
def script():
    return script_of(1, seed=4)


@pytest.mark.parametrize("kit", OTHER)
def test_every_channel_comes_whole_and_shows_the_wearers_share(script, kit):
    _, summary = events_of(entries_of(script, seed=4, kit=kit))
    channels = {(channel.device, str(channel.placement)) for channel in summary.channels if channel.placement}
    wanted = {(unit.name, place) for unit in KITS[kit] for place in unit.emg if place}
    assert wanted <= channels
    assert {channel.bad_packets for channel in summary.channels} == {0}
    for channel in summary.channels:
        if channel.quantity == "emg":
            limit = 0.0051 if kit == "ganglion" else 0.0  # one sample in 201 is not sent
            assert channel.lost / (channel.samples + channel.lost) <= limit, channel
    (found,) = summary.sets
    assert len(found.reps) == 1
    if kit != "ganglion":  # four leads: nobody wears the back's, so there is no share
        assert found.reps[0].value("share_glute", "hold") == pytest.approx(script.reps[0].share_glute, abs=0.04)


@pytest.mark.parametrize("kit", OTHER)
def test_losses_are_found_by_what_each_sensor_offers(script, kit):
    away = Window(KITS[kit][0].name, 18.0, 3.0)
    faults = Faults(loss_share=0.02, loss_burst=2.0, duplicate_share=0.003, corrupt_share=0.003, outages=(away,))
    _, summary = events_of(entries_of(script, seed=3, kit=kit, faults=faults))
    for channel in summary.channels:
        if channel.quantity != "emg" or channel.placement is None:
            continue
        share = channel.lost / (channel.samples + channel.lost)
        expected = 0.02 + 3.1 / (script.duration_s + 1.5) * (channel.device == away.device)
        assert share == pytest.approx(expected, abs=0.025), channel
        assert not math.isnan(channel.fs_measured_hz)
