import pytest

from emgmon.exercise.scores import hold_score


@pytest.mark.parametrize(
    ("hold_s", "score"),
    [(0.0, "short"), (1.7, "short"), (1.9, "met"), (2.0, "met"), (4.0, "met"), (4.2, "met"), (4.3, "long")],
)
def test_a_hold_is_scored_with_a_quarter_of_a_second_to_spare(hold_s, score):
    assert hold_score(hold_s, (2.0, 4.0)) == score
    assert hold_score(hold_s, None) == ""
