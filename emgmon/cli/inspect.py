"""Commands that look into a recording and change nothing: info, verify."""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import asdict
from typing import Any

from emgmon.cli import DONE, INCOMPLETE
from emgmon.cli.console import damage_said, with_progress
from emgmon.storage.inspection import RecordingInfo, Verification, inspect
from emgmon.storage.inspection import verify as verify_recording
from emgmon.storage.recording import read_recording


def info(options: argparse.Namespace) -> int:
    """``emgmon info RECORDING``."""
    recording = read_recording(options.recording)
    found = inspect(recording, with_progress(recording, "reading"))
    print(_json(found) if options.json else "\n".join(_info_lines(found)))
    return INCOMPLETE if damage_said(recording) else DONE


def verify(options: argparse.Namespace) -> int:
    """``emgmon verify RECORDING``."""
    recording = read_recording(options.recording)
    found = verify_recording(recording, with_progress(recording, "verifying"))
    print(_json(found) if options.json else "\n".join(_verify_lines(found)))
    return INCOMPLETE if found.findings else DONE


def _json(found: RecordingInfo | Verification) -> str:
    return json.dumps(_plain(asdict(found)), indent=1, allow_nan=False)


def _plain(value: Any) -> Any:
    """JSON has no NaN: null."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _info_lines(found: RecordingInfo) -> list[str]:
    begun = found.started_utc or "date unknown"
    lines = [
        found.path,
        f"  begun       {begun}, {_minutes(found.duration_s)} long, {found.size_bytes / 1e6:.2f} MB",
        f"  made by     {found.program or 'unknown'}, format {found.format}",
        f"  source      {found.source or 'unknown'}",
        f"  simulated   {'YES: no person wore the sensors' if found.simulated else 'no'}",
    ]
    for number, sensor in enumerate(found.sensors):
        head = "sensors" if not number else ""
        places = ", ".join(sensor.placements) or "no muscle assigned"
        lines.append(f"  {head:10}  {sensor.device} ({sensor.driver}): {places}; {sensor.packets} packets")
        lines += [f"  {'':10}    {stream}" for stream in sensor.streams]
    for number, done in enumerate(found.sets, 1):
        length = "never stopped" if math.isnan(done.length_s) else _minutes(done.length_s)
        lines.append(
            f"  {'sets' if number == 1 else '':10}  {number}: {done.exercise}, from {done.start_s:.1f} s, {length}"
        )
    lines.append(f"  entries     {found.packets} packets, {found.marks} marks, {found.references} references")
    lines += [f"  note        {text}" for text in found.notes]
    return lines


def _verify_lines(found: Verification) -> list[str]:
    lines = []
    for stream in found.streams:
        drift = "" if math.isnan(stream.drift_ppm) else f", clock {stream.drift_ppm:+.0f} ppm"
        if not math.isnan(stream.clock_unsure_s):
            drift += f", times to ±{1e3 * stream.clock_unsure_s:.1f} ms"
        rate = "" if math.isnan(stream.fs_measured_hz) else f", measured {stream.fs_measured_hz:.5g} Hz{drift}"
        lines.append(
            f"{stream.device}, {stream.quantity}: {stream.samples} samples at {stream.fs_hz:g} Hz{rate}; "
            f"{stream.lost} lost in {stream.gaps} gaps (known by {stream.loss_evidence}), "
            f"coverage {100 * stream.coverage:.2f} %"
        )
    lines += [f"FINDING  {finding.where}: {finding.text}" for finding in found.findings]
    count = len(found.findings)
    lines.append(f"{found.path}: " + ("good" if not count else f"{count} finding{'s' if count > 1 else ''}"))
    return lines


def _minutes(length_s: float) -> str:
    return f"{length_s:.1f} s" if length_s < 90.0 else f"{int(length_s // 60)} min {length_s % 60:02.0f} s"
