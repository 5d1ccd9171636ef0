"""What the review shows at a moment is what the live window showed then: the same events, no others."""

from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgmon.live import readout
from emgmon.live.playing import Course, Playing, copied
from emgmon.live.state import TrainState
from emgmon.model import DeviceChanged, Frame, Notice, SignalSeen
from emgmon.pipeline import Pipeline
from emgmon.storage.recording import read_recording

from .scenes import SITES, frame, levels, noise, opened, rep_closed, scenes, set_closed, streaming


def alike(first, second) -> bool:
    """Equality in which a missing number equals a missing number, and order in sets and tables does not count."""
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(alike(first[key], second[key]) for key in first)
    return first == second if isinstance(first, set) else repr(first) == repr(second)


def same_state(first: TrainState, second: TrainState) -> bool:
    names = [item.name for item in fields(TrainState) if item.name != "loss"]  # from which `weak` follows
    return all(alike(getattr(first, name), getattr(second, name)) for name in names)


def course_of(events, chunk=7) -> Course:
    course = Course()
    for first in range(0, len(events), chunk):
        course.add(events[first : first + chunk])
    return course


RECORDINGS = Path(__file__).parents[2] / "recordings"


@pytest.fixture(scope="module")
def lived():
    """Events of the recording with faults, and the live state at each of its frames."""
    pipeline = Pipeline()
    events = [event for entry in read_recording(RECORDINGS / "bridges-faults.mcap") for event in pipeline.feed(entry)]
    events += pipeline.close()
    return events, live_states(events)


def live_states(events) -> dict[float, TrainState]:
    """What the live window knew with each frame and the signal that came with it."""
    state, told, states = TrainState(), None, {}
    for event in [*events, None]:
        if not isinstance(event, SignalSeen) and isinstance(told, Frame):
            states[told.t_s] = copied(state)
        if event is not None:
            state.apply(event)
            told = told if isinstance(event, SignalSeen) else event
    return states


@pytest.mark.slow
def test_the_state_at_each_moment_is_the_live_one(lived):
    events, live = lived
    course = course_of(events)
    times = sorted(live)
    assert len(times) > 2000
    assert any(state.weak for state in live.values())
    for t_s in [*times[::41], *times[-3:]]:
        state, _ = course.state_at(t_s)
        assert same_state(state, live[t_s]), t_s
        assert readout.top_bar(state) == readout.top_bar(live[t_s])


@pytest.mark.slow
def test_playing_on_gives_the_same_state_as_seeking(lived):
    events, live = lived
    playing = Playing(course_of(events, chunk=1000))
    playing.bounds_s = (0.0, playing.course.end_s)
    playing.seek(30.0)
    playing.play(runs=True)
    told = [event for _ in range(60) for event in playing.advance(0.05)]
    assert playing.at_s == pytest.approx(33.0)
    fresh, _ = playing.course.state_at(playing.at_s)
    assert same_state(playing.state, fresh)
    frames = [event for event in told if isinstance(event, Frame)]
    assert [f.t_s for f in frames] == [t for t in sorted(live) if 30.0 < t <= playing.at_s]


STEPS = st.lists(
    st.sampled_from(["frame", "rep", "notice", "signal", "lost signal", "device", "set", "end"]),
    min_size=1,
    max_size=60,
)


def made_up(steps) -> list:
    """Events in an order that a session could have; twenty steps a second."""
    events, t_s, rep = [*streaming()], 0.0, 0
    for step in steps:
        t_s += 0.4
        rep += step == "rep"
        events += {
            "frame": [frame(t_s=t_s, level=levels(GL=t_s % 1.0), rep=rep)],
            "rep": [replace(rep_closed(rep, 0.4 + 0.01 * rep), t_s=t_s), frame(t_s=t_s)],
            "notice": [Notice(t_s, f"Said at {t_s:.1f}.")],
            "signal": list(noise("GL", t_s, 1.5)),
            "lost signal": list(noise("GL", t_s, 1.5, lost=0.9)),
            "device": [DeviceChanged(t_s + 0.3, "sensor-gr", "lost", (SITES["GR"],), None)],
            "set": [replace(opened(rep + 1), t_s=t_s)],
            "end": [replace(set_closed(), t_s=t_s)],
        }[step]
    return events


@given(STEPS, st.integers(1, 9), st.floats(-1.0, 30.0))
def test_every_moment_is_one_that_the_live_window_went_through(steps, chunk, t_s):
    """The state is that after some number of events in their order, and nothing in it is of later than the moment."""
    events = made_up(steps)
    state, position = course_of(events, chunk).state_at(t_s)
    live, seen = TrainState(), []
    for event in events:
        if not isinstance(event, SignalSeen):
            if sum(position) == len(seen):
                break
            seen.append(event)
        live.apply(event)
    assert len(seen) == sum(position)
    assert same_state(state, live)
    assert all(event.t_s <= t_s for event in seen if isinstance(event, Frame))


@given(STEPS, st.lists(st.floats(0.0, 25.0), min_size=2, max_size=6))
def test_going_on_is_the_same_as_going_there(steps, times):
    course = course_of(made_up(steps))
    state, position = course.state_at(min(times))
    for t_s in sorted(times):
        _, position = course.forward(state, position, t_s)
        fresh, there = course.state_at(t_s)
        assert position == there
        assert same_state(state, fresh)


def test_a_copy_goes_its_own_way():
    state = TrainState()
    for event in scenes()["on-target"]:
        state.apply(event)
    other = copied(state)
    assert same_state(state, other)
    for event in scenes()["sensor-lost"]:
        other.apply(event)
    assert not same_state(state, other)
    assert len(state.reps) == 6


@pytest.fixture
def playing():
    made = Playing(course_of([frame(t_s=0.02 * k) for k in range(1000)]))
    made.bounds_s = (2.0, 15.0)
    made.seek(5.0)
    return made


def test_nothing_moves_before_it_plays(playing):
    assert playing.advance(1.0) == []
    assert playing.at_s == 5.0


def test_pace_follows_the_speed_and_a_busy_window_does_not_leap(playing):
    playing.speed = 4.0
    playing.play(runs=True)
    playing.advance(0.1)
    assert playing.at_s == pytest.approx(5.4)
    playing.advance(60.0)
    assert playing.at_s == pytest.approx(6.4)


def test_seeking_stays_within_the_bounds(playing):
    playing.seek(-5.0)
    assert playing.at_s == 2.0
    playing.seek(99.0)
    assert playing.at_s == 15.0


def test_it_stops_at_the_end_and_begins_anew_from_there(playing):
    playing.seek(14.95)
    playing.play(runs=True)
    playing.advance(0.1)
    assert (playing.at_s, playing.runs) == (15.0, False)
    playing.play(runs=True)
    assert (playing.at_s, playing.runs) == (2.0, True)


def test_a_loop_goes_round(playing):
    playing.looped_s = (5.0, 6.0)
    playing.play(runs=True)
    jumps = [playing.advance(0.2) is None for _ in range(12)]
    assert jumps.count(True) == 2
    assert 5.0 <= playing.at_s <= 6.0
    assert playing.runs
