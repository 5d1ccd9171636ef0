import csv
import io
import math
from dataclasses import replace

from emgmon.report.long import REP_COLUMNS, SET_COLUMNS, reps_csv, sets_csv


def lines_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_each_number_of_each_rep_is_one_line_with_its_unit(session):
    lines = lines_of(reps_csv(session))
    assert len(lines) == sum(len(rep.values) for item in session.sets for rep in item.reps)
    values = [value for item in session.sets for rep in item.reps for value in rep.values]
    for line, value in zip(lines, values, strict=True):
        assert (line["metric"], line["phase"], line["where"], line["unit"]) == (
            value.metric,
            value.phase,
            value.where,
            value.unit,
        )
        assert bool(line["value"]) is math.isfinite(value.value)
        if line["value"]:
            assert math.isclose(float(line["value"]), value.value, rel_tol=1e-5, abs_tol=1e-9)


def test_each_estimate_is_one_line(session):
    lines = lines_of(sets_csv(session))
    assert len(lines) == sum(len(item.estimates) for item in session.sets)
    assert all(line["unit"] and line["n"] for line in lines)


def test_without_sets_there_are_the_headings(make):
    assert reps_csv(make["empty"]()) == ",".join(REP_COLUMNS) + "\n"
    assert sets_csv(make["empty"]()) == ",".join(SET_COLUMNS) + "\n"


def test_a_text_that_a_spreadsheet_would_compute_stays_a_text(make):
    session = make["full"]()
    hostile = replace(session, sets=(replace(session.sets[0], exercise='=HYPERLINK("x")'),))
    assert {line["exercise"] for line in lines_of(reps_csv(hostile))} == {'\'=HYPERLINK("x")'}
