"""The table: one line for each thing that is promised. Adding a row is a function and a line here."""

from __future__ import annotations

from emgmon.validation import (
    amplitude,
    angles,
    clocks,
    controls,
    denoise,
    lights,
    movement,
    onsets,
    people,
    screen,
    sets,
    statistics,
    weeks,
    weeks_as_signals,
)
from emgmon.validation.table import Limit, Row


def _snr_limits(
    measure: str, bounds: dict[float, float], *, at_least: bool = False, size: bool = False, **where: str
) -> tuple[Limit, ...]:
    """Limits by signal-to-noise ratio in dB."""
    return tuple(
        Limit(measure, bound, at_least=at_least, size=size, where={"snr_db": snr_db, **where})
        for snr_db, bound in bounds.items()
    )


_GOOD_INDEX = {"snr_db": sets.BOTH, "effort": "perfect"}

ROWS = (
    Row(
        "envelope",
        "Error of the envelope (250 ms RMS) against the noise-free envelope, as a share of the plateau",
        "at most 10, 11, 14, 20 % at 30, 20, 10, 5 dB",
        _snr_limits("NRMSE", {30.0: 10.0, 20.0: 11.0, 10.0: 14.0, 5.0: 20.0}),
        "Three plateaus of 3 s at a drive of 0.3 with ramps of 0.3 s; gain from a contraction of 6 s at full drive.",
        amplitude.envelope,
        n_seeds=6,
        n_quick=3,
    ),
    Row(
        "rep-mean",
        "Mean amplitude of a repetition of 2 s as a share of a maximal contraction",
        "bias at most 3 % and SD at most 6 % from 10 dB on; 8 % and 12 % at 5 dB; a number in 95 % of reps",
        (
            *_snr_limits("bias", {30.0: 3.0, 20.0: 3.0, 10.0: 3.0, 5.0: 8.0}, size=True),
            *_snr_limits("SD", {30.0: 6.0, 20.0: 6.0, 10.0: 6.0, 5.0: 12.0}),
            Limit("given", 95.0, at_least=True),
        ),
        "Through the whole pipeline, glutes, hamstrings and back, 8 reps each; true spans, so that reps cannot err.",
        amplitude.rep_mean,
        n_seeds=3,
        n_quick=1,
    ),
    Row(
        "reference",
        "Level of a reference trial over the mean amplitude of the same effort",
        "none: that the best half second of a steady trial lies above its mean is what the protocol does",
        (),
        "Best 500 ms of 5 s. It is the same for all muscles within its SD, so shares and the index do not see it.",
        amplitude.reference,
        n_seeds=3,
        n_quick=1,
    ),
    Row(
        "live-offline",
        "Set means from the causal chain against filters without delay",
        "at most 3 %",
        (Limit("largest difference", 3.0, size=True),),
        "The same samples, band-passed forwards and backwards; both as a share of the same maximal contraction.",
        amplitude.live_offline,
        n_seeds=3,
        n_quick=1,
    ),
    Row(
        "index",
        "Index (SDI) of a set of 12 reps against the truth",
        "bias at most 0.03 and RMSE at most 0.08 from 10 dB on, with reference contractions of full effort",
        (
            Limit("bias", 0.03, size=True, where=_GOOD_INDEX),
            Limit("RMSE", 0.08, where=_GOOD_INDEX),
            Limit("given", 95.0, at_least=True, where=_GOOD_INDEX),
        ),
        "The whole way from samples to the set: rest, three trials of 3 s for each group, bridges with one motion "
        "sensor. Levels are drawn from person to person; one side at 20 dB, the other at 10. Imperfect effort is 70 to "
        "100 % of the maximum, correlated by 0.5 between muscles: what it costs has no target.",
        sets.index,
        n_seeds=5,
        n_quick=1,
    ),
    Row(
        "coverage",
        "Share of sets whose 95 % interval holds the true mean",
        "93 to 97 % with independent reps, at least 89 % with an autocorrelation of 0.3",
        (
            Limit("coverage", 93.0, at_least=True, where={"autocorrelation": 0.0}),
            Limit("coverage", 97.0, where={"autocorrelation": 0.0}),
            Limit("coverage", 89.0, at_least=True, where={"autocorrelation": 0.3}),
        ),
        "Gaussian reps, 8 to 12 in a set, with and without a trend over the set.",
        statistics.coverage,
        n_seeds=20,
        n_quick=5,
    ),
    Row(
        "denoise",
        "What mains hum of 20 µV RMS on 10 % of the maximum, and a heart of 50 µV on a quiet back, change in a rep",
        "at most 5 %; at most 8 % with the mains 0.5 Hz off; at most 10 % for the heart; a number in 95 % of reps",
        (
            Limit("RMS error", 5.0, where={"artefact": "mains 50 Hz"}),
            Limit("RMS error", 8.0, where={"artefact": "mains 50.5 Hz"}),
            Limit("RMS error", 8.0, where={"artefact": "mains of a large grid, wandering"}),
            Limit("RMS error", 10.0, where={"artefact": "heart, quiet back"}),
            Limit("given", 95.0, at_least=True),
        ),
        "The same session with and without the artefact; maximum 100 µV RMS, noise 2 µV, back at 5 %. Wandering "
        "hum begins anywhere within ±0.3 Hz and has harmonics 2, 3 and 5; that of a generator has no target.",
        denoise.residual,
        n_seeds=4,
        n_quick=1,
    ),
    Row(
        "lights",
        "Artefacts that are told by a code that fits, and false flags in clean signals",
        "at least 95 % of each kind; at most 0.2 a minute",
        (Limit("detected", 95.0, at_least=True), Limit("false flags", 0.2)),
        "Episodes of 2 s in repetitions, in a channel of their own; told until 1.25 s after the episode counts.",
        lights.flags,
        n_seeds=3,
        n_quick=1,
    ),
    Row(
        "onset",
        "Onset of one muscle near a movement: median error, robust SD, early by more than 150 ms, missed",
        "fast rises: median at most 25, 10, 10 ms and SD 15, 10, 10 ms at 10, 20, 30 dB; slow: median 90, 35, 15 ms; "
        "early and missed at most 1 %",
        (
            *_snr_limits("median", {10.0: 25.0, 20.0: 10.0, 30.0: 10.0}, size=True, rise="fast"),
            *_snr_limits("robust SD", {10.0: 15.0, 20.0: 10.0, 30.0: 10.0}, rise="fast"),
            *_snr_limits("median", {10.0: 90.0, 20.0: 35.0, 30.0: 15.0}, size=True, rise="slow"),
            Limit("early", 1.0),
            Limit("missed", 1.0),
        ),
        "Drive rises along a straight line to 0.35 within 100 ms (fast) or 400 ms (slow); the truth is its start.",
        onsets.onset,
        n_seeds=8,
        n_quick=3,
    ),
    Row(
        "order",
        "How often a set of 8 reps makes the program say that the glutes start later",
        "at most 5 % with a true delay of 0 ms, at least 80 % of fast lifts with 100 ms",
        (
            Limit("said later", 5.0, where={"delay_ms": 0.0}),
            Limit("said earlier", 5.0, where={"delay_ms": 0.0}),
            Limit("said later", 80.0, at_least=True, where={"delay_ms": 100.0, "rise": "fast"}),
        ),
        "Glutes at 10 dB, hamstrings at 20 dB; a delay of 50 ms is the least that is called one, and has no target.",
        onsets.order,
        n_seeds=16,
        n_quick=5,
    ),
    Row(
        "reps",
        "Repetitions found, both ends within 0.3 s, and sets counted right within one",
        "F1 at least 0.98; at least 95 % of sets",
        (Limit("F1", 0.98, at_least=True), Limit("count within 1", 95.0, at_least=True)),
        "Simulated bridges with one motion sensor; holds of 0 to 5 s are beyond what the rules were tuned on.",
        movement.repetitions,
        n_seeds=12,
        n_quick=2,
    ),
    Row(
        "reps-real",
        "Repetitions found in recordings of people",
        "F1 at least 0.95",
        (),
        "Not measured: no open recording of bridges or deadlifts with motion sensors and marked reps is known.",
    ),
    Row(
        "phases",
        "Median size of the error of the boundaries of phases, and of the hold",
        "at most 100 ms and 0.2 s",
        (Limit("boundary", 100.0), Limit("hold", 0.2)),
        "The reps of the row above that were found.",
        movement.phases,
        n_seeds=12,
        n_quick=2,
    ),
    Row(
        "reps-programme",
        "The same for every exercise in which the index is scored, by people who also give up, pause and fidget",
        "F1 at least 0.98; at least 95 % of sets",
        (Limit("F1", 0.98, at_least=True), Limit("count within 1", 95.0, at_least=True)),
        "Simulated in space; sensors on sacrum and thighs, not calibrated, 5 to 20° askew, with bias and wobble. "
        "Each set has one repetition given up, one half way (which may count or not), one pause, and fidgets.",
        movement.programme_repetitions,
        n_seeds=6,
        n_quick=1,
    ),
    Row(
        "phases-programme",
        "Median size of the error of the boundaries of phases, and of the hold, in every exercise of the row above",
        "at most 100 ms and 0.2 s",
        (Limit("boundary", 100.0), Limit("hold", 0.2)),
        "The reps of the row above that were found.",
        movement.programme_phases,
        n_seeds=6,
        n_quick=1,
    ),
    Row(
        "holds",
        "Planks and balances: holds counted right, and the median size of the error of where they begin and end",
        "95 % of sets; at most 0.2 s",
        (Limit("count right", 95.0, at_least=True), Limit("end", 0.2)),
        "Two holds of 8 to 14 s in a set; sensors on sacrum and thighs, not calibrated.",
        movement.held,
        n_seeds=8,
        n_quick=1,
    ),
    Row(
        "latency",
        "Time from a step of activation to the frame that shows it",
        "median at most 140 ms for features alone; 95 % within the 300 ms that the screen has",
        (
            Limit("median", 140.0, where={"shown": "half of the power"}),
            Limit("p95", 300.0, where={"shown": "half of the power"}),
        ),
        "Simulated sensors with packets as they come over a link; half of the power is where a moving RMS passes the "
        "middle of a step. Drawing is not in it.",
        clocks.latency,
        n_seeds=3,
        n_quick=1,
    ),
    Row(
        "clocks",
        "Disagreement of two sensors' clocks beyond what both links delay at least",
        "at most 10 ms (95 %) on a good and a typical link",
        (Limit("p95", 10.0, where={"link": "good"}), Limit("p95", 10.0, where={"link": "typical"})),
        "Crystals within 40 ppm, packets of 25 ms, connection events with repetitions, stalls and gaps.",
        clocks.clock_error,
        n_seeds=12,
        n_quick=4,
    ),
    Row(
        "controls",
        "What must not change the index: one electrode's gain, noise, all muscles; and swapped sensors",
        "change at most 0.03; swapped sensors noticed in 95 % of sessions, and none where none are swapped",
        (
            Limit("change", 0.03, size=True),
            Limit("noticed", 95.0, at_least=True, where={"control": "electrodes swapped"}),
            Limit("noticed", 0.0, where={"control": "nothing swapped"}),
        ),
        "The same wearer and seeds with one thing changed; largest change over the seeds. One side, 6 bridges, all "
        "layers of person and day. Noticed is: the quality code SITE, or a sentence that speaks of a swap.",
        controls.controls,
        n_seeds=3,
        n_quick=1,
    ),
    Row(
        "no-dysfunction",
        "Sets in which nobody takes over, and the program says that someone does",
        "at most 6 % of sets",
        (Limit("change told", 6.0),),
        "The sets of the row “index”, rule of the report (more than ×1.25 from half to half, interval without zero).",
        sets.no_dysfunction,
        n_seeds=5,
        n_quick=1,
    ),
    Row(
        "classification",
        "Changes of the index within a person: area under the curve for ×2, Brier score, calibration error",
        "AUC at least 0.90; calibration error at most 0.05",
        (Limit("AUC", 0.90, at_least=True), Limit("ECE", 0.05)),
        "Sets drawn as numbers (12 % a muscle from rep to rep, autocorrelation 0.3, 0.19 a muscle from day to day). "
        "The probability takes nothing for known about how often people change; where only two things happen it cannot "
        "match their frequencies.",
        people.classification,
        n_seeds=40,
        n_quick=8,
    ),
    Row(
        "false-alarms",
        "Healthy people told to be clearly unusual by one set",
        "at most 6 %",
        (Limit("told clear", 6.0, where={"people": "healthy"}),),
        "Two-leg bridge, maximal references, people and days drawn from the published spread.",
        people.false_alarms,
        n_seeds=40,
        n_quick=8,
    ),
    Row(
        "cohort",
        "Days drawn as numbers, on which the two rows below rest, against the same days as packets of sensors",
        "signals add at most 0.08 to a day; numbers scatter at least as much as signals, and go the same way",
        (
            Limit("RMSE of a day", 0.08),
            Limit("scatter of reps, numbers to signals", 1.0, at_least=True),
            Limit("scatter of days, numbers to signals", 1.0, at_least=True),
            Limit("likeness of days", 0.9, at_least=True),
        ),
        "Index of a set of 6 bridges, one side, against a perfect instrument after the same imperfect references; a "
        "user of every course, 3 days each. Amplitude grows less than drive does, so numbers, which take drive for "
        "amplitude, scatter more: changes are harder to find in them, not easier.",
        weeks_as_signals.cohort,
        n_seeds=5,
        n_quick=2,
    ),
    Row(
        "false-alarms-8-weeks",
        "Healthy users told of a synergist-dominant pattern within eight weeks",
        "at most 2 % of users",
        (Limit("told within 8 weeks", 2.0),),
        "Bridges and deadlifts three times a week, looked at after each of 24 sessions; people are alike in both by "
        "0.6, and both share the errors of their day's references.",
        weeks.pattern,
        n_seeds=200,
        n_quick=30,
    ),
    Row(
        "trend",
        "Type I error and power of a change over days",
        "at most 5 % of users in whom nothing changes; power of the trend's interval 72 to 88 % where 80 are planned",
        (
            Limit("told clear", 5.0, where={"sessions": 24.0, "change": "none"}),
            Limit("told clear at any look", 5.0),
            Limit("interval without zero", 72.0, at_least=True),
            Limit("interval without zero", 88.0),
        ),
        "Bridges three times a week. As planned: 0.19 a muscle between days; else drawn from 0.08 to 0.36, muscles "
        "correlated. Drift: electrodes lose 10 to 30 % between references and set; practice: references get better; "
        "slip: on a tenth of the days an electrode moves, and nobody notices. Clear asks for more than the interval: "
        "×1.25 at least, beyond what days can differ by, and one more day that agrees.",
        weeks.trend,
        n_seeds=40,
        n_quick=12,
    ),
    Row(
        "angles",
        "Joint angles against the truth with misalignment and wobble",
        "at most 4° sagittal and 5° frontal",
        (
            Limit("RMSE", 4.0, where={"plane": "sagittal"}),
            Limit("RMSE", 5.0, where={"plane": "frontal"}),
        ),
        "Simulated segments with sensors mounted 5 to 20° askew, soft tissue that wobbles and a gyroscope with a bias, "
        "calibrated by standing, bows and squats; the error over all repetitions.",
        angles.joint_angles,
        n_seeds=4,
        n_quick=1,
    ),
    Row(
        "squat-checks",
        "Sensitivity and specificity of the signs in the overhead squat",
        "at least 0.85 and 0.90 with eight sensors",
        (
            Limit("sensitivity", 0.85, at_least=True, where={"sensors": "eight"}),
            Limit("specificity", 0.90, at_least=True, where={"sensors": "eight"}),
        ),
        "Five simulated squats, one sign shown or none, of 1.3 times the limit of amber to 1.5 times that of red; all "
        "six are judged in each. A sign is there when the true angles are at least 1° beyond the limit, absent when at "
        "least 1° below. Calibrated by marks; true spans of the reps, so that reps cannot err.",
        screen.squat_signs,
        n_seeds=8,
        n_quick=1,
    ),
    Row(
        "latency-screen",
        "Time from the skin to the screen",
        "median at most 200 ms, 95 % at most 300 ms",
        (),
        "Not measured here: it needs a window and the clock on the wall.",
    ),
    Row(
        "endurance",
        "Two hours of 8 EMG channels at 1 kHz and 8 motion sensors",
        "no feature dropped, bounded memory",
        (),
        "Not measured here: a run of hours is a benchmark, see `benchmarks/`.",
    ),
)
