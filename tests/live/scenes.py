"""Made-up sessions for tests and screenshots: each scene is a list of events that leads to one state."""

from dataclasses import replace
from math import isfinite

import numpy as np

from emgmon.model import (
    CueWord,
    DeviceChanged,
    Estimate,
    Event,
    Frame,
    Notice,
    Phase,
    Placement,
    Rep,
    RepClosed,
    RepSummary,
    SetClosed,
    SetOpened,
    SetSummary,
    SignalSeen,
    Value,
)

NAN = float("nan")
SITES = {
    "GL": Placement("gluteus_maximus", "left"),
    "GR": Placement("gluteus_maximus", "right"),
    "HL": Placement("biceps_femoris", "left"),
    "HR": Placement("biceps_femoris", "right"),
    "EL": Placement("erector_spinae", "left"),
    "ER": Placement("erector_spinae", "right"),
}
LEVELS = {"GL": 0.66, "GR": 0.58, "HL": 0.30, "HR": 0.27, "EL": 0.16, "ER": 0.17}
TARGETS = ("unknown", "unknown", "met", "missed", "met", "met")
INDICES = (0.42, 0.38, 0.2, 0.7, 0.35, 0.4)
SHARES = (0.50, 0.50, 0.57, 0.44, 0.51, 0.53)


def levels(**changed: float) -> dict[Placement, float]:
    return {SITES[name]: changed.get(name, level) for name, level in LEVELS.items()}


def frame(**changed) -> Frame:
    usual = Frame(
        t_s=252.0,
        level=levels(),
        referenced=True,
        share={"G": 0.58, "H": 0.27, "E": 0.15},
        sdi=-0.3,
        baseline_sdi=-0.2,
        angle_deg=38.0,
        phase=Phase.HOLD,
        hold_s=2.4,
        rep=7,
        cue=CueWord.HOLD,
        leader="G",
    )
    return replace(usual, **changed)


REST = {
    "phase": Phase.REST,
    "cue": CueWord.REST,
    "leader": "",
    "share": {},
    "rep": 6,
    "level": levels(GL=0.04, GR=0.03, HL=0.03, HR=0.04, EL=0.05, ER=0.05),
}


def rep_closed(
    index: int, share: float = 0.5, target: str = "met", valid: bool = True, level: float = 0.4, sdi: float = NAN
) -> RepClosed:
    rest = 1.0 - share
    values = [
        Value("share_glute", "hold", "both", share, "1"),
        Value("share_hamstring", "hold", "both", 0.65 * rest, "1"),
        Value("share_back", "hold", "both", 0.35 * rest, "1"),
        *([Value("sdi", "hold", "both", sdi, "ln")] if isfinite(sdi) else []),
        *(Value("level", "hold", str(SITES[name]), level, "ref") for name in ("GL", "GR", "HL")),
    ]
    start_s = 100.0 + 7.0 * index
    rep = Rep(index, start_s, start_s + 1.0, start_s + 3.5, start_s + 5.0)
    return RepClosed(rep.end_s, RepSummary(rep, tuple(values), (), valid, target))


def streaming(names=tuple(SITES)) -> list[Event]:
    return [DeviceChanged(1.0, f"sensor-{name.lower()}", "streaming", (SITES[name],), 80) for name in names]


def opened(index: int = 2, **changed) -> SetOpened:
    usual = SetOpened(90.0, index, "glute_bridge", "Glute bridge", 12, (2.0, 4.0), ("G", "H", "E"), "inclination", 3)
    return replace(usual, **changed)


def reps_done() -> list[Event]:
    return [rep_closed(i + 1, share, target) for i, (share, target) in enumerate(zip(SHARES, TARGETS, strict=True))]


def noise(name: str, start_s: float, duration_s: float, fs_hz: float = 1000.0, size_uv: float = 60.0, lost=0.0):
    """EMG-like noise in blocks of 50 samples, bursts every four seconds, a share of the blocks lost."""
    rng = np.random.default_rng(sum(map(ord, name)))
    total = int(duration_s * fs_hz)
    time_s = start_s + np.arange(total) / fs_hz
    burst = 0.08 + 0.92 * np.clip(np.sin(2 * np.pi * time_s / 4.0), 0.0, 1.0)
    samples = rng.standard_normal(total) * size_uv * burst
    for first in range(0, total, 50):
        block = samples[first : first + 50].copy()
        if rng.random() < lost:
            block[:] = np.nan
        hum = 800.0 + 0.8 * size_uv * np.sin(2 * np.pi * 50.0 * time_s[first : first + 50])
        yield SignalSeen(SITES[name], float(time_s[first]), 1.0 / fs_hz, block, "uv", block + hum)


def set_closed(index: int = 2, first: float = 0.53, last: float = 0.49) -> SetClosed:
    reps = tuple(event.summary for event in reps_done() if isinstance(event, RepClosed))
    numbers = {"mean": 0.51, "low": 0.47, "high": 0.55, "first": first, "last": last}
    changes = {"change_low": -0.08, "change_high": 0.0, "slope": -0.01, "slope_low": -0.02, "slope_high": 0.0}
    estimate = Estimate("share_glute", "hold", "both", "1", 6, **numbers, **changes)
    summary = SetSummary(
        index, "glute_bridge", "Glute bridge", 90.0, 200.0, 12, (2.0, 4.0), reps, (estimate,), (), ("A note.",)
    )
    return SetClosed(253.0, summary)


def weak_back() -> list[Event]:
    return list(noise("ER", 240.0, 6.0, lost=0.3))


def scenes() -> dict[str, list[Event]]:
    """Each state of the training screen by name."""
    base = [*streaming(), opened(), *reps_done()]
    lost = DeviceChanged(250.0, "sensor-gr", "lost", (SITES["GR"],), None)
    hams = {"share": {"G": 0.36, "H": 0.46, "E": 0.18}, "leader": "H", "cue": CueWord.MORE_GLUTE}
    hams_level = levels(GL=0.34, GR=0.28, HL=0.44, HR=0.48)
    back = {"share": {"G": 0.33, "H": 0.22, "E": 0.45}, "leader": "E", "cue": CueWord.EASE_BACK}
    no_signal = {name: (NAN if name == "GR" else level) for name, level in LEVELS.items()}
    microvolts = {SITES[name]: 90.0 * level for name, level in LEVELS.items()}
    strongest = frame(referenced=False, share={}, leader="", t_s=91.0, level=dict.fromkeys(microvolts, 80.0))
    one_sided = {SITES[name]: LEVELS[name] for name in ("GR", "HR")}
    timer = {
        "exercise": "stretch_hipflexor",
        "exercise_title": "Hip flexor stretch, half-kneeling",
        "reps_target": None,
        "hold_target_s": (30.0, 60.0),
        "groups": (),
        "signal": "timer",
        "sets": 2,
        "sides": "each",
    }
    clock = {"t_s": 115.0, "share": {}, "leader": "", "sdi": NAN, "rep": 1, "level": levels(GL=0.2, GR=0.05)}
    alone = [rep_closed(i + 1, NAN, t, sdi=s) for i, (t, s) in enumerate(zip(TARGETS, INDICES, strict=True))]
    now = {"level": microvolts, "sdi": 0.72, "baseline_sdi": 0.4}
    free = {"referenced": False, "share": {}, "leader": ""}
    return {
        "connecting": [replace(event, state="connected") for event in streaming()],
        "lie-still": [
            *streaming(),
            Notice(2.0, "Lie still"),
            frame(**free, t_s=3.0, level=levels(), rep=0, hold_s=0.0),
        ],
        "squeeze": [*streaming(), Notice(9.0, "Squeeze glutes"), frame(**free, t_s=9.5, level=microvolts, rep=0)],
        "first-lift": [
            *streaming(),
            opened(1),
            frame(
                t_s=95.0, rep=1, phase=Phase.CON, hold_s=0.0, cue=CueWord.LIFT, share={"G": 0.52, "H": 0.3, "E": 0.18}
            ),
        ],
        "on-target": [*base, *weak_back(), frame()],
        "hamstrings-lead": [*base, frame(**hams, phase=Phase.CON, hold_s=0.0, level=hams_level)],
        "back-leads": [*base, frame(**back, phase=Phase.HOLD, hold_s=1.2, level=levels(EL=0.62, ER=0.7))],
        "lowering": [*base, frame(phase=Phase.ECC, hold_s=3.1, cue=CueWord.LOWER, leader="", share=SHARE_LOW)],
        "rest": [*base, frame(**REST)],
        "sensor-lost": [*base, lost, frame(**REST | {"level": {SITES[n]: v * 0.1 for n, v in no_signal.items()}})],
        "no-reference-first": [*base[:7], strongest, frame(**free, level=microvolts, rep=1, sdi=NAN, cue=CueWord.HOLD)],
        "no-reference": [*base[:7], strongest, *alone, frame(**free | {"leader": "H"}, **now, cue=CueWord.MORE_GLUTE)],
        "no-reference-same": [*base[:7], strongest, *alone, frame(**free | {"leader": "G"}, **now | {"sdi": 0.45})],
        "no-reference-better": [*base[:7], strongest, *alone, frame(**free | {"leader": "G"}, **now | {"sdi": -0.1})],
        "light-reference": [
            *base[:7],
            *alone,
            frame(**now | {"sdi": 1.1, "kind": "T2", "share": {}, "leader": "E"}, cue=CueWord.EASE_BACK),
        ],
        "too-little": [*base, frame(share={}, leader="", sdi=NAN, level=levels(GL=0.05, GR=0.05))],
        "lost-at-work": [*base, lost, frame(share={}, leader="", level={SITES[n]: v for n, v in no_signal.items()})],
        "next-rep-in": [
            *base,
            frame(phase=Phase.ECC, leader=""),
            frame(**REST | {"t_s": 252.4}),
            frame(**REST | {"t_s": 253.0}),
        ],
        "next-rep": [*base, frame(phase=Phase.ECC, leader=""), frame(**REST), frame(**REST | {"t_s": 256.0})],
        "all-reps": [*base, *[rep_closed(i, 0.52) for i in range(7, 13)], frame(**REST | {"rep": 12})],
        "after-each-rep": [*base, frame(leader="H", cue=CueWord.MORE_GLUTE)],
        "rest-between-sets": [*base, frame(**REST), set_closed(), frame(**REST | {"t_s": 271.0})],
        "next-set": [*base, frame(**REST), set_closed(), frame(**REST | {"t_s": 320.0})],
        "stretch": [*streaming(), opened(1, **timer), frame(**clock | {"hold_s": 21.4})],
        "stretch-done": [*streaming(), opened(1, **timer), frame(**clock | {"hold_s": 60.3})],
        "not-worn": [
            *streaming(("GR", "HR")),
            opened(groups=("G", "H"), reps_target=None, exercise_title="Walking on the flat with a very long name"),
            *[rep_closed(i + 1, NAN, "unknown") for i in range(30)],
            frame(level=one_sided, share={}, leader="", rep=31, phase=Phase.CON, cue=CueWord.LIFT, t_s=4000.0),
        ],
        "set-done": [*base, frame(**REST), set_closed()],
    }


SHARE_LOW = {"G": 0.47, "H": 0.33, "E": 0.20}
