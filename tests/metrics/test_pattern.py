"""When the phrase for several sessions may be used, and how often it errs."""

import math

import numpy as np
import pytest

from emgmon.metrics.pattern import Seen, pattern_of
from emgmon.model import Answer

CLEAR, LEANING = "clear in this measurement", "leaning"


def seen(session, exercise, word=CLEAR, **options):
    return Seen(str(session), exercise, Answer("N", "sdi", "hold", "both", word, 0.97, 1, **options))


def sessions(*words, exercise):
    return [seen(k, exercise, word) for k, word in enumerate(words)]


BRIDGE = sessions(CLEAR, LEANING, CLEAR, CLEAR, exercise="bridge_2leg")
BIRD_DOG = sessions(CLEAR, CLEAR, CLEAR, exercise="bird_dog")


def test_three_of_four_in_a_bridge_and_another_family():
    found = pattern_of([*BRIDGE, *BIRD_DOG])
    assert found.holds
    assert found.exercises == ("bridge_2leg", "bird_dog")
    assert pattern_of([*BRIDGE, *sessions(CLEAR, CLEAR, CLEAR, exercise="deadlift_conv")]).holds


@pytest.mark.parametrize(
    "history",
    [
        [],
        BRIDGE,
        BIRD_DOG,
        [*BRIDGE[:3], *BIRD_DOG],
        [*BRIDGE, *sessions(CLEAR, CLEAR, CLEAR, exercise="bridge_1leg_k90")],
        [*BRIDGE, *sessions(CLEAR, CLEAR, CLEAR, exercise="lunge_bw")],
        [*sessions(CLEAR, CLEAR, CLEAR, LEANING, LEANING, exercise="bridge_2leg"), *BIRD_DOG],
        [*BRIDGE, *sessions(LEANING, LEANING, LEANING, exercise="bird_dog")],
    ],
)
def test_anything_less_is_no_pattern(history):
    found = pattern_of(history)
    assert not found.holds
    assert found.lacked


def test_a_session_counts_once_by_its_first_set():
    twice = [seen("one", "bridge_2leg")] * 3
    assert not pattern_of([*twice, *BIRD_DOG]).holds
    late = [seen(k, "bridge_2leg", word) for k in range(4) for word in (LEANING, CLEAR)]
    assert not pattern_of([*late, *BIRD_DOG]).holds


def test_unanswered_sessions_and_other_questions_are_not_counted():
    gaps = [seen("gap", "bridge_2leg", ""), *BRIDGE[:1], seen("gap2", "bridge_2leg", ""), *BRIDGE[1:]]
    assert pattern_of([*gaps, *BIRD_DOG]).holds
    others = [item._replace(answer=Answer("C", word=CLEAR, direction=1)) for item in BRIDGE]
    assert not pattern_of([*others, *BIRD_DOG]).holds


def test_glutes_below_their_limit_of_detection_bear_no_pattern():
    hidden = [seen(k, "bridge_2leg", censored=True) for k in range(4)]
    assert not pattern_of([*hidden, *BIRD_DOG]).holds


@pytest.mark.slow
@pytest.mark.parametrize(("shift", "percent"), [(0, 0.5), (1, 6), (2, 31), (3, 70)])
def test_how_often_a_pattern_is_said(shift, percent):
    """Four sessions, two exercises correlated at 0.6 between people; spread 0.55, error 0.30."""
    assert 100 * how_often_said(shift) == pytest.approx(percent, abs=2.0)


def how_often_said(shift, runs=8000, seed=9):
    """Share of simulated people of whom the phrase is said after four sessions."""
    rng = np.random.default_rng(seed)
    spread, error = 0.55, 0.30
    limit = spread + 1.644854 * error
    hits = 0
    for _ in range(runs):
        shared, own = rng.standard_normal(), rng.standard_normal(2)
        person = spread * (shift + math.sqrt(0.6) * shared + math.sqrt(0.4) * own)
        measured = person + error * rng.standard_normal((4, 2))
        history = [
            seen(session, exercise, CLEAR if measured[session, column] >= limit else LEANING)
            for session in range(4)
            for column, exercise in enumerate(("bridge_2leg", "bird_dog"))
        ]
        hits += pattern_of(history).holds
    return hits / runs
