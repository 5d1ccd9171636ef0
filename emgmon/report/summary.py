"""The report as one HTML file: two A4 pages for each set, readable on a phone, nothing fetched, nothing run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from markupsafe import Markup

from emgmon.model import GROUP_TITLES, GROUPS, PHASE_TITLES, SessionSummary, SetSummary
from emgmon.report import svg
from emgmon.report.cells import Cells, rep_cells
from emgmon.report.doing import count_text, signs_on_page
from emgmon.report.figures import (
    Figure,
    index_figure,
    sides_figure,
    tempo_figure,
    work_figure,
)
from emgmon.report.finding import CLEAR_LN, Finding, find, set_estimate
from emgmon.report.headline import Headline, headlines
from emgmon.report.order import order_lines, starts_figure
from emgmon.report.questions import QuestionRow, beside_lines, question_rows
from emgmon.report.reading import Reading, counted, has_phases, read_set
from emgmon.report.tables import (
    EstimateRow,
    MuscleRow,
    SensorRow,
    estimate_rows,
    judge,
    lost_text,
    muscle_rows,
    sensor_rows,
    sensor_title,
    setting_texts,
)
from emgmon.report.templates import font, template
from emgmon.report.wording import factor, interval, length, listing, moment, plural, signed

Item = TypeVar("Item")

MAX_ESTIMATES, MAX_MUSCLES, MAX_SENSORS, MAX_NOTES = 4, 8, 9, 5
MAX_SETTINGS = (24, 6)
"""Rows that two A4 pages hold; how many more there are is said on the page, and the JSON summary has them all.

The second number of settings is for a set with many notes and sensors."""


CROWDED = 3
"""Lines beyond those of a usual set from which the second page needs its small type."""


NO_WEEKS = Markup("")


@dataclass(frozen=True, slots=True)
class Listing(Generic[Item]):
    """As many rows as the page holds, and how many more there are."""

    rows: Sequence[Item]
    more: int


@dataclass(frozen=True, slots=True)
class SetView:
    """Two pages."""

    anchor: str
    heading: str
    finding: Finding
    cautions: str
    headlines: tuple[Headline, ...]
    cells: Cells
    work: Figure
    tempo: Figure
    index: Figure
    sides: Figure
    starts: Figure | None
    order: tuple[str, ...]
    questions: tuple[QuestionRow, ...]
    beside: tuple[str, ...]
    signs: tuple[str, ...]
    phase: str
    phased: bool
    spectral: bool
    level_unit: str
    certainty: tuple[str, str]
    muscles: Listing[MuscleRow]
    estimates: Listing[EstimateRow]
    notes: Listing[str]
    sensors: Listing[SensorRow]
    settings: Listing[tuple[str, str]]
    reading: Reading
    how: tuple[str, ...]
    dense: bool


def session_html(
    summary: SessionSummary, *, title_person: str = "", recording: str = "", weeks: Markup = NO_WEEKS
) -> str:
    """Return a session as one HTML page that holds everything it shows.

    Parameters
    ----------
    summary : SessionSummary
    title_person : str
        Name or number of the person for the head of each page; left out when empty.
    recording : str
        Name and hash of the recording that it was made from, so that it can be made again.
    weeks : Markup
        A page of comparison with earlier sessions, as `emgmon.report.compare.weeks_section` makes it.

    Returns
    -------
    str
        HTML of about 70 to 190 kB; prints to two A4 pages for each set, or to one page without sets.
    """
    return template("page.html").render(
        session=summary,
        person=title_person,
        recording=recording,
        when=moment(summary.started_utc),
        length=length(summary.duration_s),
        sets=[_set_view(summary, item) for item in summary.sets],
        sensors=_cut(sensor_rows(summary, None), MAX_SENSORS),
        notes=_cut(summary.notes, MAX_NOTES),
        settings=_settings(summary, 0)[0],
        titles=GROUP_TITLES,
        groups=GROUPS,
        svg=svg,
        font=font(),
        weeks=weeks,
    )


def _cut(rows: Sequence[Item], most: int) -> Listing[Item]:
    return Listing(rows[:most], max(0, len(rows) - most))


def _set_view(session: SessionSummary, summary: SetSummary) -> SetView:
    reading = read_set(summary)
    beside = beside_lines(summary, reading)
    settings, dense = _settings(session, _crowd(session, summary) + 2 * len(beside))
    place = f"set {summary.index} of {len(session.sets)}" if len(session.sets) > 1 else f"set {summary.index}"
    return SetView(
        anchor=f"set-{summary.index}",
        heading=f"{summary.exercise_title}, {place}, {count_text(summary)}",
        finding=find(summary, reading),
        cautions=_cautions(session, summary),
        headlines=headlines(summary, reading),
        cells=rep_cells(summary, reading),
        work=work_figure(summary, reading),
        tempo=tempo_figure(summary),
        index=index_figure(summary, reading),
        sides=sides_figure(summary, reading),
        starts=starts_figure(summary),
        order=order_lines(summary),
        questions=question_rows(session, summary),
        beside=beside,
        signs=signs_on_page(summary),
        phase=PHASE_TITLES[reading.phase],
        phased=has_phases(summary),
        spectral=any(row.drift for row in muscle_rows(summary, reading)),
        level_unit=f"% of {reading.permits.title}" if reading.normalised else "µV",
        certainty=certainty(summary, reading),
        muscles=_cut(muscle_rows(summary, reading), MAX_MUSCLES),
        estimates=_cut(estimate_rows(summary, reading), MAX_ESTIMATES),
        notes=_cut([*summary.notes, *session.notes], max(1, MAX_NOTES - len(signs_on_page(summary)))),
        sensors=_cut(sensor_rows(session, summary), MAX_SENSORS),
        reading=reading,
        how=how_to_read(reading),
        settings=settings,
        dense=dense,
    )


def _crowd(session: SessionSummary, summary: SetSummary) -> int:
    """Return how many lines of half a page's width notes, signs and sensors take more than in a usual set."""
    notes = [*[*summary.notes, *session.notes][:MAX_NOTES], *signs_on_page(summary)]
    return 2 * max(0, len(sensor_rows(session, summary)) - 7) + sum(1 + len(note) // 60 for note in notes)


def _settings(session: SessionSummary, crowd: int) -> tuple[Listing[tuple[str, str]], bool]:
    """Return the settings that a page holds, and whether it then needs its small type."""
    shown = _cut(list(setting_texts(session.settings)), MAX_SETTINGS[crowd > CROWDED])
    lines = sum(len(name) + len(value) + 6 for name, value in shown.rows) // 110
    return shown, crowd + 2 * lines > CROWDED


def certainty(summary: SetSummary, reading: Reading) -> tuple[str, str]:
    """Return title and lead of the second page: the set's estimate with its interval, or why there is none."""
    estimate = set_estimate(summary, reading)
    if reading.index is None:
        return (
            "No index for this set",
            "It needs the glutes and at least one of hamstrings and back, above their noise.",
        )
    if estimate is None:
        have = plural(len(counted(summary.reps)), "rep")
        return "No interval for this set", f"{have} that count: too few reps for an interval."
    change = estimate.last - estimate.first
    halves = f"95 % interval {interval(estimate.change_low, estimate.change_high)}"
    trend = interval(estimate.slope_low, estimate.slope_high, 3)
    tail = f"Trend {signed(estimate.slope, 3)} per rep, 95 % interval {trend}."
    if not reading.comparable:
        title = f"{reading.index.short} changed by {signed(change)} from the first half to the second"
        why = "Relative to light tasks" if reading.normalised else "Without references"
        return title, f"That is {factor(change)}, {halves}. {tail} {why} its level has no meaning."
    title = f"{reading.index.short} {signed(estimate.mean)}, 95 % interval {interval(estimate.low, estimate.high)}"
    return title, f"Second half against first: {signed(change)} ({factor(change)}), {halves}. {tail}"


def _cautions(session: SessionSummary, summary: SetSummary) -> str:
    """Return which channels spoil the numbers, and how many reps do not count."""
    bad = []
    for channel in session.channels:
        mark, verdict = judge(channel)
        if mark == "cross":
            size = f", {lost_text(channel)} %" if verdict == "much lost" else ""
            bad.append(f"{sensor_title(channel)} ({verdict}{size})")
    uncounted = [rep.index for rep in summary.reps if not rep.valid]
    if uncounted:
        shown = [*uncounted[:6], "…"] if len(uncounted) > 6 else uncounted
        bad.append(f"{'rep' if len(uncounted) == 1 else 'reps'} {listing(shown)} not counted")
    return "; ".join([*bad[:3], *([f"{len(bad) - 3} more"] if len(bad) > 3 else [])])


def how_to_read(reading: Reading) -> tuple[str, ...]:
    """Return the sentences that a reader of this set needs."""
    lines = [reading.permits.sentence]
    if not reading.comparable:
        lines.append("Zero is the mean of the first two reps.")
    elif reading.index is not None:
        lines.append(
            f"{reading.index.short} = {reading.index.formula}: at 0, {reading.index.synergists} and glutes are at the "
            "same part of their references, at +0.69 twice, at −0.69 half of it. What is usual differs between "
            "exercises, and 0 is no goal."
        )
    lines.append(
        f"A change over the set is called one when the halves differ by more than {factor(CLEAR_LN)} and the 95 % "
        "interval of that difference does not hold zero."
    )
    lines.append(
        "The intervals are about this set. Another day also adds the placing of the electrodes, so they do not tell "
        "two days apart. On target: not above your own first set of the exercise (in it, its first reps) by more than "
        "the dead band."
    )
    return tuple(lines)
