"""Laws of references: neither packets nor gains nor odd marks change what they may not change."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_session import FS_HZ, SITES, Session, noise, steady
from simulated import events_of

from emgmon.model import Mark, Placement, Stream, TimedBlock
from emgmon.pipeline import Pipeline
from emgmon.pipeline.references import MARKS, SETTLE_S, References
from emgmon.pipeline.tracks import EmgTrack
from emgmon.runner import analyse

PLACES = {name: Placement.parse(text) for name, text in SITES.items()}
SET = steady(4, G=40.0, H=30.0, E=20.0)


def level_of(done, group):
    return next(item for item in done.references if item.placement == PLACES[group])


def referenced(session):
    """One maximal contraction of each group."""
    for group, level in zip("GHE", (100.0, 80.0, 60.0), strict=True):
        session.reference(group, level)
    return session


def settled(samples, cuts, stop_s):
    """Levels of one trial from samples cut at these places, judged as the pipeline does."""
    place = PLACES["G"]
    track = EmgTrack(place, "uv", FS_HZ)
    stream = Stream("F", "emg", "uv", FS_HZ, (place,))
    tracks, references = {place: track}, References()
    waiting = [(1.0, "reference_start"), (stop_s, "reference_stop")]
    edges = [0, *sorted(cuts), len(samples)]
    for first, stop in pairwise(edges):
        if stop > first:
            track.add(TimedBlock(stream, samples[first:stop, None], first / FS_HZ, 1 / FS_HZ), 0)
        while waiting and waiting[0][0] <= stop / FS_HZ:
            at_s, kind = waiting.pop(0)
            references.mark(at_s, Mark(0, kind, {"group": "G", "kind": "T1"}), tracks, 0)
        if stop / FS_HZ >= stop_s + SETTLE_S:
            references.settle(stop_s + SETTLE_S, tracks)
    references.settle(np.inf, tracks)
    return [trial.level for trial in references.trials]


@given(st.integers(0, 5), st.lists(st.integers(1, 1599), max_size=60), st.booleans(), st.sampled_from([2.5, 3.0, 3.3]))
@settings(max_examples=25, deadline=None)
def test_the_level_of_a_reference_does_not_depend_on_the_packets(seed, cuts, broken, stop_s):
    samples = 50.0 * noise(1600, seed)
    if broken:
        samples[700:750] = 7.0
    whole = settled(samples, range(25, 1600, 25), stop_s)
    assert repr(settled(samples, cuts, stop_s)) == repr(whole)
    assert len(whole) == 1


@pytest.mark.parametrize("gain", [0.5, 3.0])
@pytest.mark.parametrize("group", ["G", "H", "E"])
def test_a_gain_of_one_channel_changes_no_number_of_maximal_references(gain, group):
    """A device with another gain from the start scales reference and set alike."""
    plain = referenced(Session(unit="a.u.").rest()).cycles(SET)
    scaled = referenced(Session(unit="a.u.").gain(group, gain).rest()).cycles(SET)
    (one,), (other,) = analyse(plain.entries()).sets, analyse(scaled.entries()).sets
    assert other.kind == "T1"
    assert level_of(other, group).level == pytest.approx(gain * level_of(one, group).level)
    for first, second in zip(one.reps, other.reps, strict=True):
        for name, where in (("share_glute", "both"), ("sdi", "both"), ("level", SITES[group])):
            assert second.value(name, "act", where) == pytest.approx(first.value(name, "act", where), rel=1e-6)


@pytest.mark.parametrize("gain", [0.5, 3.0])
def test_without_references_a_gain_moves_all_reps_alike(gain):
    """The change of an index between any two reps is the same, its level is not."""
    levels = [{"G": 40.0, "H": 20.0 + 4.0 * k, "E": 20.0} for k in range(5)]
    plain, scaled = Session(unit="a.u.").rest(), Session(unit="a.u.").gain("H", gain).rest()
    (one,), (other,) = analyse(plain.cycles(levels).entries()).sets, analyse(scaled.cycles(levels).entries()).sets
    first, second = (np.array([rep.value("sdi", "act") for rep in done.reps]) for done in (one, other))
    assert one.kind == other.kind == "T4"
    assert np.isfinite(first).all()
    np.testing.assert_allclose(second - first, 0.5 * np.log(gain), atol=1e-9)
    np.testing.assert_allclose(np.diff(second), np.diff(first), atol=1e-9)


@pytest.mark.slow
def test_the_same_entries_give_the_same_events():
    beyond = [{"G": 170.0 if k in (1, 3) else 50.0, "H": 30.0, "E": 20.0} for k in range(5)]
    session = referenced(Session().rest()).cycles(beyond).mark("reference_accept", placement=SITES["G"])
    entries = session.do(2.0).cycles(SET).entries()
    pipeline = Pipeline()
    streamed = [event for entry in entries for event in pipeline.feed(entry)] + pipeline.close()
    assert repr(streamed) == repr(events_of(entries)[0])


def test_packets_of_another_size_give_the_same_references_and_levels():
    """Bit for bit; times of the session clock may differ in their last digits."""
    session = referenced(Session().rest()).cycles(SET)
    (once,), (again,) = (analyse(session.entries(packet=size)).sets for size in (5, 125))
    assert repr(again.references) == repr(once.references)
    names = ("level", "share_glute", "sdi")
    first, second = ([v for rep in done.reps for v in rep.values if v.metric in names] for done in (once, again))
    assert first
    assert repr(second) == repr(first)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
WORDS = st.sampled_from(["T1", "T2", "T3", "G", "H", *SITES.values(), "standing_squeeze", "prone_thigh_lift", "uv"])
KEYS = [
    "group",
    "placement",
    "kind",
    "position",
    "trial",
    "load_kg",
    "level",
    "unit",
    "value",
    "recent_surgery",
    "electrodes_untouched",
]


@pytest.mark.parametrize("kind", ["reference_start", "reference", "pain"])
@pytest.mark.parametrize("key", ["load_kg", "level", "value"])
@pytest.mark.parametrize("value", [10**400, np.inf, np.nan, True, "3", [1]])
def test_what_is_no_number_is_not_taken_for_one(kind, key, value):
    references = References()
    references.mark(0.0, Mark(0, kind, {"kind": "T1", "placement": SITES["G"], key: value}), {}, 0)
    references.mark(1.0, Mark(0, "reference_stop", {}), {}, 0)
    assert references.best(PLACES["G"], "T1") is None


@given(
    st.lists(
        st.tuples(st.sampled_from(MARKS), st.dictionaries(st.sampled_from(KEYS), WORDS | ANYTHING, max_size=6)),
        max_size=12,
    )
)
@settings(max_examples=60, deadline=None)
def test_no_mark_ever_raises(marks):
    place = PLACES["G"]
    track = EmgTrack(place, "uv", FS_HZ)
    track.add(TimedBlock(Stream("F", "emg", "uv", FS_HZ, (place,)), 50.0 * noise(500, 1)[:, None], 0.0, 1 / FS_HZ), 0)
    references, tracks = References(), {place: track}
    for number, (kind, data) in enumerate(marks):
        references.mark(0.2 * number, Mark(0, kind, data), tracks, number)
        references.settle(0.2 * number, tracks)
    references.settle(np.inf, tracks)
    held = references.in_force([place], tracks)
    assert all(0.0 < item.level < np.inf for item in held.values())
    assert all(isinstance(note, str) and note for note in references.closing_notes())
