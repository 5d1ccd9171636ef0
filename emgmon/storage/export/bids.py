"""A BIDS data set of one subject and one recording: EMG as BDF+, motion as tables (BIDS 1.11, EMG and Motion).

Everything begins at session time 0, so an event's onset is a session time. Electrode positions were not measured:
as the specification says for that case, ``target_muscle`` of each channel tells where, and there is no
``electrodes.tsv``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from emgmon import __version__
from emgmon.model import Array
from emgmon.storage.export.edf import BDF, LOST, OUTSIDE, gaps_of, lay_out, write_records
from emgmon.storage.export.happenings import PHASES, mark_rows
from emgmon.storage.signals import Signal, Signals

BIDS_VERSION = "1.11.0"
SUBJECT = "sub-01"
STANDARD_GRAVITY = 9.80665
NOT_KNOWN = "n/a"
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Part:
    """One recording file: the signals of one quantity and rate."""

    folder: Path
    stem: str
    signals: tuple[Signal, ...]

    def path(self, suffix: str) -> Path:
        return self.folder / f"{self.stem}_{suffix}"


def write_bids(signals: Signals, folder: Path) -> list[str]:
    """Write the data set; returns what was said about gaps and clocks."""
    folder.mkdir()
    told, scans = [], []
    for part in _parts(signals, folder, "emg"):
        part.folder.mkdir(parents=True, exist_ok=True)
        told += write_records(BDF, signals, part.signals, part.path("emg.bdf"))
        _emg_tables(signals, part)
        scans.append(part.path("emg.bdf"))
    for part in _parts(signals, folder, "imu"):
        part.folder.mkdir(parents=True, exist_ok=True)
        _motion(signals, part)
        scans.append(part.path("motion.tsv"))
    _top(signals, folder, scans)
    return told


def _parts(signals: Signals, folder: Path, kind: str) -> Iterator[_Part]:
    """Signals of one kind by nominal rate; the rate is in the name when there is more than one."""
    chosen = [signal for signal in signals.signals if signal.kind == kind]
    rates_hz = sorted({signal.fs_hz for signal in chosen})
    for fs_hz in rates_hz:
        rate = "".join(filter(str.isalnum, f"{fs_hz:g}hz"))
        stem = f"{SUBJECT}_task-{_task(signals)[0]}"
        if kind == "imu":
            stem += f"_tracksys-imu{rate if len(rates_hz) > 1 else ''}"
        elif len(rates_hz) > 1:
            stem += f"_acq-{rate}"
        place = folder / SUBJECT / ("motion" if kind == "imu" else "emg")
        yield _Part(place, stem, tuple(signal for signal in chosen if signal.fs_hz == fs_hz))


def _task(signals: Signals) -> tuple[str, str]:
    """Label and name of the task: the first exercise."""
    done = signals.summary.sets[0] if signals.summary.sets else None
    label = "".join(filter(str.isalnum, done.exercise)) if done else "session"
    return label, done.exercise_title if done else "session without a set"


def _common(signals: Signals) -> dict[str, Any]:
    origin = "Simulated data: no person wore the sensors." if signals.summary.simulated else "Sensors worn by a person."
    return {
        "TaskName": _task(signals)[1],
        "TaskDescription": f"{origin} A training aid, not a diagnosis.",
        "SoftwareVersions": f"emgmon {__version__}",
    }


def _emg_tables(signals: Signals, part: _Part) -> None:
    fs_hz = lay_out(part.signals)[1][0].fs_hz
    _json(
        part.path("emg.json"),
        {
            **_common(signals),
            "EMGPlacementScheme": "Other",
            "EMGPlacementSchemeDescription": "Over the belly of the muscle in target_muscle; positions not measured",
            "EMGReference": "bipolar",
            "EMGGround": NOT_KNOWN,
            "EMGChannelCount": sum(len(signal.channels) for signal in part.signals),
            "SamplingFrequency": fs_hz,
            "PowerLineFrequency": NOT_KNOWN,
            "SoftwareFilters": NOT_KNOWN,
            "HardwareFilters": NOT_KNOWN,
            "RecordingDuration": round(signals.end_s, 3),
            "RecordingType": "continuous",
        },
    )
    rows = [
        {
            "name": channel.label,
            "type": "EMG",
            "units": channel.unit if channel.unit == "uV" else NOT_KNOWN,
            "description": f"{signal.device}, {signal.fs_measured_hz:.3f} Hz on the session clock",
            "target_muscle": channel.placement.title if channel.placement else NOT_KNOWN,
        }
        for signal in part.signals
        for channel in signal.channels
    ]
    _tsv(part.path("channels.tsv"), rows)
    _events_tables(signals, part, part.signals)


LEVELS = {
    "rep": "One repetition, from the start of the lift to the end of the lowering",
    "lift": "Concentric phase",
    "hold": "Hold at the top",
    "lower": "Eccentric phase",
    LOST: "Samples that never arrived, 0 in the file; the column source names the channel",
    OUTSIDE: "0 in the file before the first or after the last sample of the channel in the column source",
}


def _events_tables(signals: Signals, part: _Part, gaps_from: Sequence[Signal]) -> None:
    rows = _events(signals, gaps_from)
    kinds = {str(row["trial_type"]) for row in rows}
    _tsv(part.path("events.tsv"), rows)
    _json(
        part.path("events.json"),
        {
            "trial_type": {
                "Description": "What happened",
                "Levels": {kind: LEVELS.get(kind, "A mark of the person or the link") for kind in sorted(kinds)},
            },
            "source": {"Description": "Channel of lost samples, or what the mark is about"},
            "set": {"Description": "Number of the set, from 1"},
            "rep": {"Description": "Number of the repetition in its set, from 1"},
        },
    )


def _events(signals: Signals, gaps_from: Sequence[Signal]) -> list[Row]:
    """Rows in order of time; every one has all columns."""
    found: list[tuple[float, float, str, str, str, str]] = []
    for row in mark_rows(signals):
        about = " ".join(row[key] for key in ("exercise", "group", "kind", "device") if row[key])
        found.append((row["time_s"], 0.0, row["mark"], about or NOT_KNOWN, NOT_KNOWN, NOT_KNOWN))
    for done in signals.summary.sets:
        for item in done.reps:
            for phase, word in {"act": "rep", **PHASES}.items():
                start_s, stop_s = item.rep.bounds_s(phase)
                if stop_s > start_s:
                    found.append((start_s, stop_s - start_s, word, NOT_KNOWN, str(done.index), str(item.index)))
    gaps = (gap for signal in gaps_from for gap in gaps_of(signal, signals.end_s))
    for gap in gaps:
        word = LOST if gap.text.startswith(LOST) else OUTSIDE
        found.append((*gap[:2], word, gap.text.removeprefix(f"{word} "), NOT_KNOWN, NOT_KNOWN))
    columns = ("onset", "duration", "trial_type", "source", "set", "rep")
    return [
        dict(zip(columns, (f"{onset_s:.6f}", f"{length_s:.6f}", *rest), strict=True))
        for onset_s, length_s, *rest in sorted(found)
    ]


def _motion(signals: Signals, part: _Part) -> None:
    """Acceleration in m/s² and angular velocity in deg/s, all sensors on one grid; lost samples are ``n/a``."""
    _record_s, grids = lay_out(part.signals)
    fs_hz = grids[0].fs_hz
    n = round(max(signal.end_s for signal in part.signals) * fs_hz)
    scale = np.array([STANDARD_GRAVITY] * 3 + [1.0] * 3)
    form = "\t".join(["%.9g"] * 6 * len(grids)) + "\n"
    with part.path("motion.tsv").open("w", encoding="ascii", newline="\n") as stream:
        for first in range(0, n, 4096):
            rows: list[Array] = [grid.rows(first, min(first + 4096, n)) * scale for grid in grids]
            lines = ((form % tuple(row)).replace("nan", NOT_KNOWN) for row in np.hstack(rows).tolist())
            stream.writelines(lines)
            signals.progress(first / n)
    _json(
        part.path("motion.json"),
        {
            **_common(signals),
            "TrackingSystemName": "inertial sensors in the EMG housings",
            "SamplingFrequency": fs_hz,
            "SamplingFrequencyEffective": float(np.mean([signal.fs_measured_hz for signal in part.signals])),
            "RecordingDuration": n / fs_hz,
            "ACCELChannelCount": 3 * len(grids),
            "GYROChannelCount": 3 * len(grids),
            "MotionChannelCount": 6 * len(grids),
            "TrackedPointsCount": len(grids),
            "MissingValues": NOT_KNOWN,
        },
    )
    rows_said = [
        {
            "name": channel.label,
            "component": channel.name[-1],
            "type": "ACCEL" if channel.unit == "g" else "GYRO",
            "tracked_point": channel.placement.title if channel.placement else signal.device,
            "units": "m/s^2" if channel.unit == "g" else channel.unit,
        }
        for signal in part.signals
        for channel in signal.channels
    ]
    _tsv(part.path("channels.tsv"), rows_said)
    _events_tables(signals, part, ())


def _top(signals: Signals, folder: Path, scans: Sequence[Path]) -> None:
    """Write what describes the data set as a whole."""
    origin = "simulated, no person wore the sensors" if signals.summary.simulated else "recorded with emgmon"
    _json(
        folder / "dataset_description.json",
        {
            "Name": f"Surface EMG of a training session ({origin})",
            "BIDSVersion": BIDS_VERSION,
            "DatasetType": "raw",
            "GeneratedBy": [{"Name": "emgmon", "Version": __version__}],
        },
    )
    (folder / "README").write_text(
        f"Surface EMG and motion of one training session, {origin}.\n\n"
        "Exported by emgmon. All files begin at session time 0; a sample lies in the slot nearest to its time.\n"
        "Lost samples are 0 in the EMG and n/a in the motion data; each gap is an event 'lost'.\n"
        "A training aid, not a diagnosis. No name is in here; look at the data before you share it.\n",
        encoding="utf-8",
    )
    _tsv(folder / "participants.tsv", [{"participant_id": SUBJECT}])
    began = _acquired(signals.summary.started_utc)
    rows = [{"filename": path.relative_to(folder / SUBJECT).as_posix(), "acq_time": began} for path in scans]
    _tsv(folder / SUBJECT / f"{SUBJECT}_scans.tsv", rows)


def _acquired(text: str) -> str:
    try:
        return f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
    except ValueError:
        return NOT_KNOWN


def _tsv(path: Path, rows: Sequence[Row]) -> None:
    lines = ["\t".join(rows[0]), *("\t".join(map(str, row.values())) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def _json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8", newline="\n")
