"""The same exercise over weeks as a page, a terminal text or JSON; returns text, writes nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from markupsafe import Markup

from emgmon.metrics.comparable import Asked
from emgmon.metrics.comparison import Comparison
from emgmon.metrics.line import largest
from emgmon.metrics.weeks import Sideways, compare, usual
from emgmon.model import GROUPS, PastSet
from emgmon.report import svg
from emgmon.report.axes import value_text
from emgmon.report.telling import HOW, Told, name_of, told
from emgmon.report.templates import font, template
from emgmon.report.weeks_charts import LogDay, log_chart, weeks_chart
from emgmon.report.wording import moment

SCHEMA = "emgmon-compare/1"
OTHERS = (
    ("symmetry", "G"),
    ("share_glute", "both"),
    ("onset_delay_h", "both"),
    ("log_ratio_h", "both"),
    ("log_ratio_e", "both"),
    ("sdi_difference", "both"),
)
"""Numbers that are shown beside the chosen one, small."""
READ = frozenset({"sdi", "share_hamstring", "share_back", *(metric for metric, _where in OTHERS)})
"""Numbers that are offered."""
MAX_OTHERS, MAX_NOTES = 4, 7
SIDES = {"sdi", "log_ratio_h", "log_ratio_e", "share_glute", "share_hamstring", "share_back", "symmetry", "duration"}
"""Numbers of two sets that are shown side by side."""


class Small(NamedTuple):
    """A small multiple: what it shows, what it found, and its drawing."""

    title: str
    note: str
    drawing: Markup


class WeeksView(NamedTuple):
    """One page."""

    heading: str
    name: str
    told: Told
    chart: Markup
    others: tuple[Small, ...]
    simulated: bool
    notes: tuple[str, ...]
    how: tuple[str, ...]


class Weeks(NamedTuple):
    """The chosen number of an exercise over weeks, those beside it, and what the person told on all days."""

    main: Comparison
    others: tuple[Comparison, ...]
    log: tuple[LogDay, ...] = ()


def over_weeks(
    history: Iterable[PastSet], exercise: str = "", asked: Asked | None = None, *, chosen: str = ""
) -> Weeks | None:
    """Compare what is asked first of an exercise, or one number that was asked for; None when there is nothing.

    Parameters
    ----------
    history : iterable of PastSet
        All sets of a person.
    exercise : str
        Which one; empty for the chosen one.
    asked : Asked
        Another number, which is then exploratory.
    chosen : str
        The exercise that was chosen beforehand; empty for the one with the most days.
    """
    history = list(history)
    first = usual(history, chosen) or usual(history)
    asked = asked or (usual(history, exercise) if exercise else first)
    if asked is None:
        return None
    chosen = first.exercise if first else ""
    main = compare(history, asked.exercise, asked.metric, phase=asked.phase, where=asked.where, chosen=chosen)
    beside = [
        found
        for metric, where in OTHERS
        if (metric, where) != (asked.metric, asked.where)
        and (found := compare(history, asked.exercise, metric, where=where, chosen=chosen)).days
    ]
    return Weeks(main, tuple(beside[:MAX_OTHERS]), _log(history))


def _log(history: Sequence[PastSet]) -> tuple[LogDay, ...]:
    """Return the worst that was told on each day, whatever the exercise."""
    told_: dict[str, list[PastSet]] = {}
    for item in history:
        if item.day and (math.isfinite(item.tension) or math.isfinite(item.pain)):
            told_.setdefault(item.day, []).append(item)
    return tuple(
        LogDay(day, largest(item.tension for item in told_[day]), largest(item.pain for item in told_[day]))
        for day in sorted(told_)
    )


def weeks_section(weeks: Weeks, *, person: str = "") -> Markup:
    """Return one A4 page of a comparison, for a page that has the report's style."""
    page = template("weeks.html").render(view=_view(weeks), person=person, svg=svg)
    return Markup(page)  # noqa: S704 - made by a template that escapes


def weeks_html(pages: Sequence[Weeks], *, person: str = "") -> str:
    """Return comparisons as one HTML file, a page each; it holds everything it shows, and runs nothing.

    Parameters
    ----------
    pages : sequence of Weeks
    person : str
        Name or number for the head of each page; left out when empty.
    """
    sections = Markup("").join(weeks_section(each, person=person) for each in pages)
    return template("compare.html").render(sections=sections, svg=svg, font=font(), groups=GROUPS)


def _view(weeks: Weeks) -> WeeksView:
    main = weeks.main
    said = told(main)
    log = log_chart(weeks.log)
    shown = weeks.others[: MAX_OTHERS - bool(log)]
    others = [Small(name_of(each.asked), latest_text(each), weeks_chart(each, small=True)) for each in shown]
    if log:
        others.append(
            Small(
                "Hamstring tension and pain", "0 to 10, any exercise; disc = tension after, triangle = pain before", log
            )
        )
    more = len(said.notes) - MAX_NOTES
    notes = (*said.notes[:MAX_NOTES], *([f"{more} more notes in the JSON."] if more > 0 else []))
    name = f"{name_of(main.asked)}, by day"
    return WeeksView(main.title, name, said, weeks_chart(main), tuple(others), main.simulated, notes, HOW)


def latest_text(comparison: Comparison) -> str:
    """Return the latest value, what it was, and the word: ``32 %, was 37 %; within measurement error``."""
    if comparison.lacked:
        last = [day for day in comparison.days if day.used][-1:]
        return f"{value_text(last[0].value, comparison.unit)}; days cannot be compared yet" if last else "not measured"
    first, last_value = (value_text(value, comparison.unit) for value in comparison.ends)
    return f"{last_value}, was {first}; {comparison.word}"


def weeks_text(weeks: Weeks) -> list[str]:
    """Return a comparison as lines for a terminal."""
    said = told(weeks.main)
    lines = [said.title, said.lead, ""]
    lines += [f"  {item.label:22} {item.value:>10}  {item.note}" for item in said.numbers]
    lines += ["", f"  {'day':12} {'value':>10}   95 % interval within the day's sets"]
    unit = weeks.main.unit
    for day in weeks.main.days:
        mark = f"  not counted ({day.why})" if day.why else "  outside the band" if day.outside else ""
        bounds = f"{value_text(day.low, unit)} to {value_text(day.high, unit)}"
        lines.append(f"  {day.day:12} {value_text(day.value, unit):>10}   {bounds}{mark}")
    if weeks.others:
        lines += ["", "Beside it (exploratory):"]
        lines += [f"  {name_of(each.asked):42} {latest_text(each)}" for each in weeks.others]
    return [*lines, "", *said.notes]


def weeks_json(pages: Sequence[Weeks]) -> dict[str, Any]:
    """Return comparisons as JSON knows them; a missing number is None."""
    return {
        "schema": SCHEMA,
        "comparisons": [
            {
                "title": (said := told(weeks.main)).title,
                "lead": said.lead,
                "main": _plain(asdict(weeks.main) | {"asked": weeks.main.asked._asdict()}),
                "log": [_plain(day._asdict()) for day in weeks.log],
                "beside": [_plain(asdict(each) | {"asked": each.asked._asdict()}) for each in weeks.others],
            }
            for weeks in pages
        ],
    }


def _plain(value: Any) -> Any:
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


class SideRow(NamedTuple):
    """One number of two sets in words."""

    name: str
    first: str
    second: str
    difference: str
    needed: str
    beyond: bool


def side_rows(found: Sideways) -> tuple[SideRow, ...]:
    """Return the numbers of two sets side by side, those that matter most."""
    rows = []
    for row in found.rows:
        if row.asked.metric not in SIDES or row.asked.where not in {"both", "G"}:
            continue
        ratio = row.unit == "ln" or row.asked.metric.startswith("share")
        step = row.difference if row.unit == "ln" else row.second.mean - row.first.mean
        shown = value_text(step, row.unit) if row.unit == "ln" else _step_text(step, row.unit)
        needed = "–" if math.isnan(row.mdc) else value_text(row.mdc, "ln") if ratio else value_text(row.mdc, row.unit)
        first, second = (value_text(each.mean, row.unit) for each in (row.first, row.second))
        rows.append(SideRow(name_of(row.asked), first, second, shown, needed, row.beyond))
    return tuple(rows)


def _step_text(step: float, unit: str) -> str:
    return f"{100 * step:+.0f} points".replace("-", "−") if unit == "1" else f"{step:+.1f} {unit}".replace("-", "−")


def side_text(found: Sideways) -> list[str]:
    """Return two sets side by side as lines for a terminal."""
    first, second = (f"{moment(item.started_utc)}, set {item.index}" for item in (found.first, found.second))
    lines = [f"{found.first.exercise_title}: {first}", f"{found.second.exercise_title}: {second}", ""]
    lines += [f"  {'':38} {'first':>9} {'second':>9} {'change':>11}  needed for more than error"]
    for row in side_rows(found):
        mark = "  more than error" if row.beyond else ""
        lines.append(f"  {row.name:38} {row.first:>9} {row.second:>9} {row.difference:>11}  {row.needed}{mark}")
    return [*lines, *([""] if found.warnings else []), *found.warnings]
