"""The page that shows how to add a metric is run as it stands: its toy is right, estimated over the set and written."""

import csv
import io
import math
import re
from dataclasses import replace
from pathlib import Path

import pytest

import emgmon
from emgmon.metrics import METRICS
from emgmon.model import Placement
from emgmon.report.long import reps_csv, sets_csv

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "add-a-metric.md").read_text("utf-8")


@pytest.fixture(scope="module")
def toy():
    names = {}
    for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(compile(code, "add-a-metric.md", "exec"), names)  # noqa: S102 - our own page
    return names["LIFT_PART"]


@pytest.fixture
def summary(toy, monkeypatch):
    monkeypatch.setattr("emgmon.pipeline.sets.METRICS", (*METRICS, toy))
    return emgmon.analyse(emgmon.read_recording(ROOT / "recordings" / "bridges-clean.mcap"))


def test_it_is_what_the_page_says(toy, summary):
    rep = summary.sets[0].reps[0]
    seconds = {phase: stop - start for phase in ("con", "act") for start, stop in [rep.rep.bounds_s(phase)]}
    place = str(Placement("gluteus_maximus", "left"))
    expected = rep.value("level", "con", place) * seconds["con"] / (rep.value("level", "act", place) * seconds["act"])
    assert rep.value(toy.name, "con", "left") == pytest.approx(expected)
    assert 0.0 < expected < 1.0


def test_it_is_estimated_over_the_set_and_in_both_tables(toy, summary):
    (both,) = (e for e in summary.sets[0].estimates if (e.metric, e.where) == (toy.name, "both"))
    assert both.low < both.mean < both.high
    for table in (reps_csv(summary), sets_csv(summary)):
        lines = [line for line in csv.DictReader(io.StringIO(table)) if line["metric"] == toy.name]
        assert {line["where"] for line in lines} == {"left", "right", "both"}


def test_what_is_lacking_stays_lacking(toy, monkeypatch):
    signals = {}
    monkeypatch.setattr("emgmon.pipeline.sets.METRICS", (replace_compute(toy, signals),))
    emgmon.analyse(emgmon.read_recording(ROOT / "recordings" / "bridges-clean.mcap"))
    seen = signals["last"]
    assert toy.compute(replace(seen, phases=("act",))) == []
    assert toy.compute(replace(seen, groups=("H", "E"))) == []
    lost = {place: series._replace(power=series.power * math.nan) for place, series in seen.series.items()}
    values = toy.compute(replace(seen, series=lost))
    assert {(math.isnan(value.value), value.flag) for value in values} == {(True, "signal lost")}


def replace_compute(toy, signals):
    return toy._replace(compute=lambda seen: signals.update(last=seen) or [])
