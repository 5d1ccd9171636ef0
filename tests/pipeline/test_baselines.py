"""What a set's reps are measured by: the first set of the exercise, as long as nothing makes it another measurement."""

import copy
from dataclasses import replace

import pytest
from made_session import EXERCISE, SITES, Session
from simulated import entries_of, events_of, script_of

from emgmon.model import Frame, Mark, Notice, RepClosed, SetClosed, SetOpened
from emgmon.pipeline import Pipeline
from emgmon.pipeline.baselines import Baselines, mean_of
from emgmon.pipeline.frames import NO_BASELINE


@pytest.fixture(scope="module")
def bridges():
    """Four reps of a bridge, seen by two sensors, and when the second had ended."""
    entries = entries_of(script_of(4, seed=2), seed=2, sensors=["EMG-GL", "EMG-EL"])
    events, _ = events_of(entries)
    return entries, [event.t_s for event in events if isinstance(event, RepClosed)][1]


def in_two_sets(bridges, between=()):
    """Close the set after two reps and open it again, with marks between the two sets."""
    entries, closed_s = bridges
    at_ns = entries[0].host_ns + round((closed_s + 0.1) * 1e9)
    opened = next(e for e in entries if isinstance(e, Mark) and e.kind == "set_start")
    marks = [Mark(at_ns, "set_stop"), *(replace(m, host_ns=at_ns) for m in between), replace(opened, host_ns=at_ns)]
    return sorted([*entries, *marks], key=lambda e: e.host_ns)


def story(entries):
    """Return set openings, closed sets and the baselines of each set's frames in their order."""
    events, summary = events_of(entries)
    opened = [event for event in events if isinstance(event, SetOpened)]
    said = [event.text for event in events if isinstance(event, Notice) and "mark is set anew" in event.text]
    return events, summary.sets, opened, said


@pytest.mark.slow
def test_the_second_set_is_measured_by_the_first_from_its_first_rep(bridges):
    events, sets, opened, said = story(in_two_sets(bridges))
    assert [event.measured_by for event in opened] == [0, 1]
    assert [done.measured_by for done in sets] == [0, 1]
    assert said == []
    assert [rep.target for rep in sets[0].reps] == ["unknown", "unknown"]
    assert len(sets[1].reps) == 2
    assert all(rep.target in {"met", "missed"} for rep in sets[1].reps)
    mean = sum(rep.value("log_ratio_e", "hold") for rep in sets[0].reps) / 2
    shown = [f for f in events if isinstance(f, Frame) and f.t_s > opened[1].t_s and f.phase == "hold"]
    assert shown
    assert {frame.baseline_sdi for frame in shown} == {mean}


@pytest.mark.slow
def test_another_exercise_has_its_own_mark(bridges):
    other = {**next(e for e in bridges[0] if isinstance(e, Mark) and e.kind == "exercise").data, "id": "other"}
    entries = in_two_sets(bridges, [Mark(0, "exercise", other)])
    starts = [k for k, e in enumerate(entries) if isinstance(e, Mark) and e.kind == "set_start"]
    entries[starts[1]] = replace(entries[starts[1]], data={**entries[starts[1]].data, "exercise": "other"})
    _events, sets, opened, said = story(entries)
    assert [event.measured_by for event in opened] == [0, 0]
    assert [done.exercise for done in sets][1] == "other"
    assert said == []


def bursts(n=4):
    return [{"G": 40.0, "H": 30.0, "E": 20.0}] * n


def test_a_moved_sensor_sets_the_mark_anew_and_that_is_said():
    worn = {"emg": list(SITES.values())}
    session = Session().mark("placement", device="F", channels=worn).rest().cycles(bursts()).cycles(bursts())
    session.mark("placement", device="F", channels={"emg": [None, *worn["emg"][1:]]}).do(0.2)
    session.mark("placement", device="F", channels=worn).do(0.2).cycles(bursts()).cycles(bursts())
    _events, sets, opened, said = story(session.entries())
    assert [event.measured_by for event in opened] == [0, 1, 0, 3]
    assert [rep.target for rep in sets[2].reps][:2] == ["unknown", "unknown"]
    assert said == ["Sensors are worn elsewhere: your mark is set anew by the first reps of this set."]


def test_new_references_set_the_mark_anew_and_that_is_said():
    session = Session().rest()
    for group in "GHE":
        session.reference(group, 60.0)
    session.cycles(bursts()).cycles(bursts()).reference("G", 90.0).cycles(bursts()).cycles(bursts())
    _events, sets, opened, said = story(session.entries())
    assert [event.measured_by for event in opened] == [0, 1, 0, 3]
    assert [done.measured_by for done in sets] == [0, 1, 0, 3]
    assert said == ["References are new: your mark is set anew by the first reps of this set."]


def test_a_check_rep_and_a_set_of_one_rep_measure_nothing():
    session = Session().rest().do(0.5).mark("set_start", exercise=EXERCISE["id"], check=True).do(0.5)
    session.do(1.0, **bursts()[0]).do(1.0).do(1.0, **bursts()[0]).do(1.0).mark("set_stop").do(0.5)
    _events, _sets, opened, _said = story(session.cycles(bursts(1)).cycles(bursts()).cycles(bursts()).entries())
    assert [event.measured_by for event in opened] == [0, 0, 0, 2]


@pytest.mark.slow
def test_a_copy_of_the_state_goes_on_alike(bridges):
    """State is saved by `copy.deepcopy`, between the two sets."""
    entries = in_two_sets(bridges)
    cut = max(k for k, e in enumerate(entries) if isinstance(e, Mark) and e.kind == "set_start") - 1
    pipeline = Pipeline()
    for entry in entries[:cut]:
        pipeline.feed(entry)
    both = (copy.deepcopy(pipeline), pipeline)
    told = [[e for entry in entries[cut:] for e in one.feed(entry)] + one.close() for one in both]
    assert repr(told[0]) == repr(told[1])
    assert [e.measured_by for e in told[0] if isinstance(e, SetOpened)] == [1]
    assert [e.summary.measured_by for e in told[0] if isinstance(e, SetClosed)][-1] == 1


def test_packets_of_another_size_give_the_same_marks():
    session = Session().rest().cycles(bursts()).cycles(bursts())
    told = []
    for packet in (25, 50):
        events, sets, _opened, _said = story(session.entries(packet=packet))
        told.append([e.baseline_sdi for e in events if isinstance(e, Frame)])
        told[-1].append(repr([(done.measured_by, [rep.target for rep in done.reps]) for done in sets]))
    assert repr(told[0]) == repr(told[1])


def test_what_was_moved_while_a_set_ran_does_not_measure_the_next():
    baselines = Baselines()
    condition = baselines.condition("cycles", [], {})
    baselines.moves += 1
    baselines.keep(condition, 1, [])
    assert baselines.of(condition) == NO_BASELINE
    assert baselines.anew(condition) == ""
    assert mean_of([]) == NO_BASELINE
