import pytest

from emgmon.exercise.scores import count_score, hold_score


@pytest.mark.parametrize(
    ("hold_s", "score"),
    [(0.0, "short"), (1.7, "short"), (1.9, "met"), (2.0, "met"), (4.0, "met"), (4.2, "met"), (4.3, "long")],
)
def test_a_hold_is_scored_with_a_quarter_of_a_second_to_spare(hold_s, score):
    assert hold_score(hold_s, (2.0, 4.0)) == score
    assert hold_score(hold_s, None) == ""


@pytest.mark.parametrize(
    ("reps", "least", "target", "said"),
    [
        (9, 10, 12, "few"),
        (10, 10, 12, "met"),
        (12, 10, 12, "met"),
        (13, 10, 12, "many"),
        (4, None, 5, "few"),
        (3, None, None, ""),
    ],
)
def test_count_against_what_is_asked_for(reps, least, target, said):
    assert count_score(reps, least, target) == said
