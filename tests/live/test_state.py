import numpy as np
import pytest

from emgmon.dsp.quality import REMEDIES
from emgmon.live.state import Light, TrainState
from emgmon.model import DeviceChanged, Notice, Placement, QualityChanged, ReferenceTaken

from .scenes import (
    LEVELS,
    NAN,
    SITES,
    frame,
    levels,
    noise,
    opened,
    rep_closed,
    reps_done,
    set_closed,
    streaming,
)


def after(*events) -> TrainState:
    state = TrainState()
    for event in events:
        state.apply(event)
    return state


def test_a_set_opens_with_its_exercise_and_without_the_reps_of_the_last():
    state = after(opened(1), rep_closed(1), set_closed(1), opened(2, exercise_title="Hip thrust", reps_target=8))
    assert (state.exercise_title, state.set_index, state.reps_target) == ("Hip thrust", 2, 8)
    assert state.hold_target_s == (2.0, 4.0)
    assert state.in_set
    assert state.reps == []
    assert len(state.summaries) == 1


def test_the_mark_is_the_mean_share_of_the_first_two_reps_that_have_one():
    state = after(opened())
    assert state.mark() is None
    for event in (rep_closed(1, 0.4), rep_closed(2, NAN, "unknown"), rep_closed(3, 0.9, valid=False)):
        state.apply(event)
        assert state.mark() is None
    state.apply(rep_closed(4, 0.6))
    assert state.mark() == pytest.approx(0.5)
    state.apply(rep_closed(5, 0.9))
    assert state.mark() == pytest.approx(0.5)


def test_last_share_skips_reps_that_have_none():
    state = after(opened(), rep_closed(1, 0.4), rep_closed(2, NAN))
    assert state.last_share()["G"] == pytest.approx(0.4)
    assert sum(state.last_share().values()) == pytest.approx(1.0)
    assert not after(opened()).last_share()


def test_first_level_is_of_the_first_two_reps():
    state = after(opened(), rep_closed(1, level=0.4), rep_closed(2, level=0.6), rep_closed(3, level=2.0))
    assert state.first_level(SITES["GL"]) == pytest.approx(0.5)
    assert state.first_level(SITES["HL"]) is None


def test_a_sensor_turns_lost_and_good_again_and_keeps_its_battery():
    state = after(*streaming())
    site = SITES["GR"]
    assert state.light(site) is Light.GOOD
    state.apply(DeviceChanged(5.0, "sensor-gr", "lost", (site,), None))
    assert state.light(site) is Light.LOST
    state.apply(DeviceChanged(6.0, "sensor-gr", "connected", (site,), None))
    assert state.light(site) is Light.WEAK
    state.apply(DeviceChanged(7.0, "sensor-gr", "streaming", (), None))
    assert state.light(site) is Light.GOOD
    assert state.sensors["sensor-gr"].battery_percent == 80


def test_a_nearly_empty_battery_is_weak():
    state = after(DeviceChanged(1.0, "a", "streaming", (SITES["GL"],), 9))
    assert state.light(SITES["GL"]) is Light.WEAK


def test_lost_samples_make_a_light_weak_and_good_again_with_hysteresis():
    state = after(*streaming())
    for block in noise("ER", 0.0, 5.0, lost=0.3):
        state.apply(block)
    assert state.light(SITES["ER"]) is Light.WEAK
    seen = set()
    for block in noise("ER", 5.0, 20.0):
        state.apply(block)
        if 0.02 < state.loss[SITES["ER"]] < 0.05:
            seen.add(state.light(SITES["ER"]))
    assert seen == {Light.WEAK}
    assert state.light(SITES["ER"]) is Light.GOOD


def test_a_channel_without_device_event_is_lost_when_its_level_is_nan():
    state = after(frame(level=levels(HL=NAN)))
    assert state.light(SITES["HL"]) is Light.LOST
    assert state.light(SITES["HR"]) is Light.GOOD


def test_peaks_grow_ignore_nan_and_start_anew_with_references():
    state = after(frame(referenced=False, level={SITES["GL"]: 40.0, SITES["GR"]: NAN}))
    state.apply(frame(referenced=False, level={SITES["GL"]: 30.0}))
    assert state.peak == {SITES["GL"]: 40.0}
    state.apply(frame(level={SITES["GL"]: 0.3}))
    assert state.peak == {SITES["GL"]: 0.3}


def test_the_clock_never_runs_backwards_and_signals_do_not_move_it():
    state = after(frame(t_s=9.0), Notice(4.0, "late"))
    for block in noise("GL", 50.0, 1.0):
        state.apply(block)
    assert state.clock_s == pytest.approx(9.0)


@pytest.mark.parametrize(
    ("text", "headline"),
    [
        ("Lie still", "LIE STILL"),
        ("6 of 6 sensors stream.", ""),
        ("SQUEEZE GLUTES", "SQUEEZE GLUTES"),
        ("Words that go on without a stop", ""),
    ],
)
def test_a_short_notice_before_a_set_is_the_headline(text, headline):
    state = after(Notice(1.0, text))
    assert (state.headline, state.notice) == (headline, text)


def test_headlines_end_with_the_reference_and_with_the_set():
    assert after(Notice(1.0, "Squeeze"), ReferenceTaken(2.0, ())).headline == ""
    assert after(Notice(1.0, "Squeeze"), opened()).headline == ""
    assert after(opened(), Notice(1.0, "Squeeze")).headline == ""


def test_placements_come_from_devices_levels_and_signals():
    assert after(*streaming()).placements() == set(SITES.values())
    assert after(frame()).placements() == {SITES[name] for name in LEVELS}
    assert after(*noise("GL", 0.0, 0.1)).placements() == {SITES["GL"]}


def test_an_empty_block_changes_no_loss():
    (block,) = noise("GL", 0.0, 0.05)
    state = after(type(block)(block.placement, 0.0, 0.001, np.empty(0), "uv"))
    assert state.loss == {}


def test_all_reps_of_a_set_are_kept_in_order():
    state = after(opened(), *reps_done())
    assert [rep.index for rep in state.reps] == [1, 2, 3, 4, 5, 6]
    assert [rep.target for rep in state.reps] == ["unknown", "unknown", "met", "missed", "met", "met"]


@pytest.mark.parametrize(
    ("state", "code", "light"),
    [("amber", "PLI", Light.WEAK), ("red", "NOISE", Light.WEAK), ("red", "LEAD", Light.LOST), ("good", "", Light.GOOD)],
)
def test_quality_turns_the_light_and_says_what_to_do(state, code, light):
    place, train = Placement("biceps_femoris", "left"), TrainState()
    train.apply(QualityChanged(1.0, place, state, code, REMEDIES.get(code, "")))
    assert train.light(place) is light
    assert (train.notice == f"HL: {REMEDIES.get(code, '')}") == (state == "red")
    train.apply(QualityChanged(3.0, place, "good", "", ""))
    assert train.light(place) is Light.GOOD
