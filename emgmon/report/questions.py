"""The three questions to a set as a reader sees them: one row each, and what else must be known beside them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from emgmon.metrics.crosstalk import NOTEWORTHY_LN
from emgmon.metrics.fatigue import joint_reading
from emgmon.metrics.questions import CHANGE_LN, SIDE_LN, answers, pasts_of
from emgmon.model import GROUPS, Answer, Placement, SessionSummary, SetSummary
from emgmon.report.reading import INDICES, Reading
from emgmon.report.wording import capital, factor, listing, percent, signed

TITLES = {
    "N": "Unusual against healthy groups?",
    "C": "Changed from your own baseline?",
    "A": "Do the sides differ?",
}
NOT_ANSWERED = "not answered"


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question, the word of its answer (or that there is none), and the numbers behind it (or what was lacking)."""

    question: str
    answer: str
    reason: str


def set_answers(session: SessionSummary, summary: SetSummary) -> tuple[Answer, Answer, Answer]:
    """Ask the three questions of one set; the baseline is what the same session has before it."""
    day = session.started_utc
    earlier = [past for other in session.sets if other.index < summary.index for past in pasts_of(other, day)]
    classes = {item.placement: item.device_class for item in session.channels if item.placement and item.device_class}
    return answers(summary, classes, earlier, day=day)


def question_rows(session: SessionSummary, summary: SetSummary) -> tuple[QuestionRow, ...]:
    """Return a row for each question."""
    return tuple(
        QuestionRow(TITLES[item.question], item.word or NOT_ANSWERED, _reason(item))
        for item in set_answers(session, summary)
    )


def _reason(answer: Answer) -> str:
    if not answer.word:
        return f"Needs {listing(answer.lacked)}."
    chance, rests = _chance(answer.probability), listing(answer.used)
    if answer.question == "A":
        sentence = f"Right {factor(answer.value)} of left; {chance} for more than {_factor(SIDE_LN)}."
    elif answer.question == "C":
        way = "up" if answer.direction > 0 else "down"
        parts = capital(next(index.synergists for index in INDICES if index.metric == answer.metric))
        sentence = f"{parts} to glutes {factor(answer.value)} of it; {chance} for more than {_factor(CHANGE_LN)} {way}."
    else:
        sentence = (
            f"SDI {signed(answer.value)} (their mean and one spread: {signed(answer.limit)}); {chance} to lie above."
        )
    bound = " The glutes were below their limit of detection: at least this." if answer.censored else ""
    return f"{sentence}{bound} Rests on {rests}."


def _factor(log_ratio: float) -> str:
    return factor(log_ratio).rstrip("0")


def _chance(probability: float) -> str:
    """Return a probability as text that is never certain."""
    if 0.01 <= probability <= 0.99:
        return f"P = {percent(probability)} %"
    return "P > 99 %" if probability > 0.5 else "P < 1 %"


def beside_lines(summary: SetSummary, reading: Reading) -> tuple[str, ...]:
    """Say what stands beside the answers: room for crosstalk, and a drift of the spectrum; empty when there is none."""
    return (*_crosstalk(summary, reading), *_drifts(summary))


def _crosstalk(summary: SetSummary, reading: Reading) -> tuple[str, ...]:
    if reading.index is None or "H" not in reading.index.groups:
        return ()
    values = [
        item
        for rep in summary.reps
        for item in rep.values
        if rep.valid and (item.metric, item.phase, item.where) == ("crosstalk", reading.phase, reading.where)
    ]
    known = [item.value for item in values if math.isfinite(item.value)]
    unbounded = sum("crosstalk" in item.flag for item in values)
    start = "If a fifth of the hamstrings' signal reached the glutes' electrodes (crosstalk),"
    if 2 * unbounded > len(values):
        return (f"{start} it could be all that was seen there: the glutes' own part has no lower bound.",)
    reach = sum(known) / len(known) if known else 0.0
    if reach <= NOTEWORTHY_LN:
        return ()
    return (f"{start} {reading.index.short} would be up to {signed(reach)} ({factor(reach)}) higher than shown.",)


def _drifts(summary: SetSummary) -> tuple[str, ...]:
    """Name the channels whose amplitude and median frequency both drift clearly, by what the pair is a sign of."""
    found: dict[str, list[str]] = {}
    for item in summary.estimates:
        if item.metric != "mdf_change":
            continue
        place = Placement.parse(item.where)
        level = summary.estimate("level", item.phase, item.where)
        if place is not None and place.group in GROUPS and level is not None:
            word = joint_reading(level, item)
            if word:
                found.setdefault(word, []).append(place.title.lower())
    return tuple(
        f"Amplitude and median frequency over the set: a sign of {word} in {listing(places)}."
        for word, places in found.items()
    )
