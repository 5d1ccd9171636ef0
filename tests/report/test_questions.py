"""The three questions in the report: each has its row, and what was not asked says why."""

from dataclasses import replace

import pytest

from emgmon.model import Estimate, Value
from emgmon.report import session_html, session_json, session_text
from emgmon.report.questions import beside_lines, question_rows, set_answers
from emgmon.report.reading import read_set

NAN = float("nan")


def asked(session, kind="T1", *, exercise="bridge_2leg", sdi=1.6, difference=1.2):
    """The session's first set with an index that knows its error, and sensors of class A."""
    one = session.sets[0]

    def known(metric, mean):
        return Estimate(metric, "hold", "both", "ln", 8, mean, mean, mean, *[NAN] * 7, error=0.07, freedom=6.0)

    references = tuple(replace(item, kind=kind) for item in one.references) if kind != "T4" else ()
    kept = tuple(item for item in one.estimates if item.metric != "sdi")
    new = replace(
        one,
        exercise=exercise,
        references=references,
        estimates=(*kept, known("sdi", sdi), known("sdi_difference", difference)),
    )
    channels = tuple(replace(item, device_class="A") for item in session.channels)
    return replace(session, sets=(new,), channels=channels)


def test_every_set_has_three_rows_and_no_verdict_of_them_together(session):
    for one in session.sets:
        rows = question_rows(session, one)
        assert len(rows) == 3
        assert all(row.answer and row.reason.endswith(".") for row in rows)
        assert [item.question for item in set_answers(session, one)] == ["N", "C", "A"]


def test_answers_stand_in_page_text_and_json(make):
    session = asked(make["full"]())
    rows = question_rows(session, session.sets[0])
    assert [row.answer for row in rows] == ["clear in this measurement", "not answered", "clear in this measurement"]
    assert "grade B, n = 30" in rows[0].reason
    assert rows[1].reason == "Needs an earlier set of the same day, or 3 earlier days."
    assert "P > 99 % to lie above" in rows[0].reason
    page, text = session_html(session), " ".join(session_text(session).split())
    for row in rows:
        assert row.question in page
        assert row.answer in page
        assert f"{row.question} {row.answer}. {row.reason}" in text
    found = session_json(session)["sets"][0]["answers"]
    assert [item["word"] for item in found] == [rows[0].answer, "", rows[2].answer]
    assert found[1]["probability"] is None
    assert found[1]["lacked"]


@pytest.mark.parametrize("kind", ["T2", "T4"])
def test_without_maximal_references_nothing_is_called_unusual(make, kind):
    session = asked(make["full"](), kind)
    row = question_rows(session, session.sets[0])[0]
    assert row.answer == "not answered"
    assert "maximal references" in row.reason


def test_the_second_set_of_a_session_is_held_against_the_first(make):
    session = asked(make["full"](), sdi=0.2)
    first = session.sets[0]
    estimates = tuple(replace(item, mean=0.9) if item.metric == "sdi" else item for item in first.estimates)
    both = replace(session, sets=(first, replace(first, index=2, estimates=estimates)))
    row = question_rows(both, both.sets[1])[1]
    assert row.answer == "clear in this measurement"
    assert "×2.01 of it" in row.reason
    assert "more than ×1.25 up" in row.reason
    assert "the first set of the same day" in row.reason
    assert question_rows(both, both.sets[0])[1].answer == "not answered"


def with_values(one, values):
    return replace(one, reps=tuple(replace(rep, values=(*rep.values, *values)) for rep in one.reps))


def test_crosstalk_is_spoken_of_from_three_times_on(make):
    one = make["full"]().sets[0]
    reading = read_set(one)
    assert beside_lines(one, reading) == ()
    small, large = (Value("crosstalk", reading.phase, "both", reach, "ln") for reach in (0.22, 0.30))
    assert beside_lines(with_values(one, [small]), reading) == ()
    (line,) = beside_lines(with_values(one, [large]), reading)
    assert "up to +0.30 (×1.35) higher" in line
    all_of_it = Value("crosstalk", reading.phase, "both", NAN, "ln", "all of the glute signal could be crosstalk")
    (line,) = beside_lines(with_values(one, [all_of_it]), reading)
    assert "no lower bound" in line


def test_amplitude_up_and_frequency_down_is_called_a_sign_of_fatigue(make):
    one = make["full"]().sets[0]
    where = "gluteus_maximus/left"

    def drift(metric, low, high):
        bounds = [NAN] * 8
        return Estimate(metric, "hold", where, "ln", 8, 0.1, *bounds[:6], 0.5 * (low + high), low, high)

    def lines(level, frequency):
        kept = tuple(item for item in one.estimates if (item.metric, item.where) != ("level", where))
        changed = replace(one, estimates=(drift("level", *level), drift("mdf_change", *frequency), *kept))
        return beside_lines(changed, read_set(one))

    assert lines((0.01, 0.02), (-0.03, -0.01)) == (
        "Amplitude and median frequency over the set: a sign of fatigue in gluteus maximus, left.",
    )
    assert "more force" in lines((0.01, 0.02), (0.01, 0.03))[0]
    assert "less force" in lines((-0.02, -0.01), (-0.03, -0.01))[0]
    assert "recovery" in lines((-0.02, -0.01), (0.01, 0.03))[0]
    assert lines((-0.01, 0.02), (-0.03, -0.01)) == ()
    assert lines((0.01, 0.02), (-0.03, 0.01)) == ()
