"""Rows about what is said of a person: changes found or invented, and probabilities that mean what they say.

Sets are drawn as numbers, not as signals: what an index errs by within a set has rows of its own. Each person has their
own mean, each day its own electrodes, each rep its own scatter that resembles its neighbour's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from emgmon.exercise.reference_bands import bands_of
from emgmon.metrics.questions import Past, changed, pasts_of, unusual
from emgmon.metrics.sets import set_estimates
from emgmon.model import Answer, Array, Placement, Reference, Rep, RepSummary, SetSummary, Value
from emgmon.validation.sessions import E, G, H
from emgmon.validation.statistics import correlated
from emgmon.validation.table import Conditions, Measurement

EXERCISE, REPS, PEOPLE_A_SEED = "bridge_2leg", 12, 50
REP_LN, CORRELATION = 0.12 * math.sqrt(1.5), 0.3
"""Spread of the index from rep to rep: 12 % a muscle."""
DAY_LN, LASTING_LN = 0.19 * math.sqrt(1.5), 0.15 * math.sqrt(1.5)
"""Errors of the index that a set does not show: of the day, and of the reference on all days."""
SHIFT_LN = math.log(2.0)
ASKED_LN = math.log(1.25)
BASELINE_DAYS = 3
CLEAR = "clear in this measurement"
PLACES = tuple(Placement(muscle, side) for muscle in (G, H, E) for side in ("left", "right"))
CLASSES = dict.fromkeys(PLACES, "A")


def drawn_set(rng: np.random.Generator, mean_ln: float, exercise: str = EXERCISE) -> SetSummary:
    """Draw a set of reps whose index, in the phase that published groups are known in, scatters about a mean."""
    phase = next(band.phase for band in bands_of(exercise) if band.usable)
    values = mean_ln + REP_LN * correlated(rng, 1, REPS, CORRELATION)[0]
    reps = tuple(
        RepSummary(
            Rep(k, 5.0 * k, 5.0 * k + 1, 5.0 * k + 3, 5.0 * k + 4),
            (Value("sdi", phase, "both", v, "ln"),),
            (),
            valid=True,
            target="met",
        )
        for k, v in enumerate(values.tolist(), start=1)
    )
    references = tuple(Reference(place, "T1", 100.0, "uv") for place in PLACES)
    return SetSummary(
        1, exercise, exercise, 0.0, 5.0 * REPS + 5.0, REPS, None, reps, set_estimates(reps), references, notes=()
    )


def _same_day(rng: np.random.Generator, shift_ln: float) -> Answer:
    """Ask of the second of two sets of one day."""
    usual_ln = rng.normal(0.23, 0.62)
    earlier = pasts_of(drawn_set(rng, usual_ln), "today")
    return changed(drawn_set(rng, usual_ln + shift_ln), earlier, "today")


def _other_days(rng: np.random.Generator, shift_ln: float) -> Answer:
    """Ask of a set against three earlier days, electrodes and references new on each."""
    usual_ln = rng.normal(0.23, 0.62) + rng.normal(0.0, LASTING_LN)
    earlier: list[Past] = []
    for day in range(BASELINE_DAYS):
        earlier += pasts_of(drawn_set(rng, usual_ln + rng.normal(0.0, DAY_LN)), f"day {day}")
    return changed(drawn_set(rng, usual_ln + shift_ln + rng.normal(0.0, DAY_LN)), earlier, "today")


BASELINES: dict[str, Callable[[np.random.Generator, float], Answer]] = {
    "first set of the day": _same_day,
    "three earlier days": _other_days,
}


def _rose(answer: Answer) -> float:
    """Probability that the index rose by more than ×1.25, as the answer gives it."""
    return answer.probability if answer.direction > 0 else 0.0


def _auc(positive: Array, negative: Array) -> float:
    """Chance that a changed person is ranked above an unchanged one."""
    more = (positive[:, None] > negative).mean()
    return float(more + 0.5 * (positive[:, None] == negative).mean())


def classification(seeds: range, quick: bool) -> Sequence[Measurement]:
    """Area under the curve for a shift of ×2; Brier score and calibration error (10 bins) of the probability."""
    del quick
    out = []
    for name, ask in BASELINES.items():
        answers: dict[float, list[Answer]] = {0.0: [], SHIFT_LN: []}
        wide: list[tuple[float, bool]] = []
        for seed in seeds:
            rng = np.random.default_rng([seed, 61])
            for _ in range(PEOPLE_A_SEED):
                for shift_ln, told in answers.items():
                    told.append(ask(rng, shift_ln))
                any_ln = rng.uniform(-2.0 * SHIFT_LN, 2.0 * SHIFT_LN)
                wide.append((_rose(ask(rng, any_ln)), any_ln > ASKED_LN))
        n = len(wide)
        change, none = (np.array([answer.value for answer in told]) for told in (answers[SHIFT_LN], answers[0.0]))
        here: Conditions = {"baseline": name, "population": "half unchanged, half ×2"}
        out.append(Measurement("AUC", _auc(change, none), "1", 2 * n, seeds, here))
        for which, told in (("unchanged told clear", answers[0.0]), ("×2 told clear", answers[SHIFT_LN])):
            share = 100.0 * float(np.mean([answer.word == CLEAR for answer in told]))
            out.append(Measurement(which, share, "%", n, seeds, here))
        two = [(_rose(answer), shift_ln > ASKED_LN) for shift_ln, told in answers.items() for answer in told]
        for population, pairs in ((here["population"], two), ("any change from ×¼ to ×4 alike", wide)):
            said, true = (np.array(column, np.float64) for column in zip(*pairs, strict=True))
            there: Conditions = {"baseline": name, "population": population}
            out.append(Measurement("Brier", float(np.mean((said - true) ** 2)), "1", len(said), seeds, there))
            out.append(Measurement("ECE", _calibration_error(said, true), "1", len(said), seeds, there))
    return out


def _calibration_error(said: Array, true: Array) -> float:
    """Mean distance of the probabilities from what came true, in ten bins weighted by their size."""
    bins = np.minimum((10.0 * said).astype(int), 9)
    parts = [
        abs(float(said[bins == k].mean() - true[bins == k].mean())) * float(np.mean(bins == k))
        for k in set(bins.tolist())
    ]
    return float(sum(parts))


def false_alarms(seeds: range, quick: bool) -> Sequence[Measurement]:
    """How often healthy people, and people far above them, are told to be clearly unusual by one set, %."""
    del quick
    band = next(band for band in bands_of(EXERCISE) if band.usable)
    mean_ln, spread_ln = band.indices["sdi"].mean, band.indices["sdi"].spread
    out = []
    for above in (None, 2.0):
        words = []
        for seed in seeds:
            rng = np.random.default_rng([seed, 62, 0 if above is None else round(above)])
            for _ in range(4 * PEOPLE_A_SEED):
                own_ln = mean_ln + spread_ln * (rng.standard_normal() if above is None else above)
                own_ln += rng.normal(0.0, DAY_LN) + rng.normal(0.0, LASTING_LN)
                words.append(unusual(drawn_set(rng, own_ln), CLASSES).word)
        who = "healthy" if above is None else f"{above:g} SD above the mean"
        share = 100.0 * float(np.mean([word == CLEAR for word in words]))
        out.append(Measurement("told clear", share, "%", len(words), seeds, {"people": who}))
    return out
