"""A session as JSON-ready data: everything but the curves, in a stable order, NaN as None, units in the names."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from emgmon.model import (
    Answer,
    ChannelQuality,
    Estimate,
    Exceeded,
    Reference,
    RepSummary,
    SessionSummary,
    SetSummary,
    SignOfSet,
)
from emgmon.report.questions import set_answers

SCHEMA = "emgmon-summary/1"


def session_json(summary: SessionSummary) -> dict[str, Any]:
    """Return a session as dicts, lists, texts, numbers, booleans and None."""
    return {
        "schema": SCHEMA,
        "started_utc": summary.started_utc,
        "program": summary.program,
        "source": summary.source,
        "simulated": summary.simulated,
        "duration_s": _number(summary.duration_s),
        "settings": _plain(summary.settings),
        "notes": list(summary.notes),
        "channels": [_channel(item) for item in summary.channels],
        "sets": [_set(summary, item) for item in summary.sets],
    }


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _plain(value: Any) -> Any:
    """Return a setting as JSON knows it; what JSON has no type for becomes text."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [_plain(item) for item in value]
    return str(value)


def _channel(item: ChannelQuality) -> dict[str, Any]:
    return {
        "device": item.device,
        "placement": str(item.placement) if item.placement else None,
        "quantity": item.quantity,
        "unit": item.unit,
        "fs_hz": _number(item.fs_hz),
        "fs_measured_hz": _number(item.fs_measured_hz),
        "samples": item.samples,
        "lost": item.lost,
        "lost_percent": _number(item.lost_percent),
        "loss_evidence": item.loss_evidence,
        "bad_packets": item.bad_packets,
        "noise": _number(item.noise),
        "battery_percent": item.battery_percent,
        "masked": item.masked,
        "flags": [{"code": f.code, "state": f.state, "duration_s": _number(f.duration_s)} for f in item.flags],
        "device_class": item.device_class,
        "mains_hz": _number(item.mains_hz),
    }


def _set(session: SessionSummary, item: SetSummary) -> dict[str, Any]:
    return {
        "index": item.index,
        "exercise": item.exercise,
        "exercise_title": item.exercise_title,
        "start_s": _number(item.start_s),
        "stop_s": _number(item.stop_s),
        "reps_from": item.reps_from,
        "reps_target": item.reps_target,
        "count": item.count,
        "partial": item.partial,
        "measured_by": item.measured_by,
        "hold_target_s": list(item.hold_target_s) if item.hold_target_s else None,
        "reps": [_rep(rep) for rep in item.reps],
        "estimates": [_estimate(estimate) for estimate in item.estimates],
        "answers": [_answer(answer) for answer in set_answers(session, item)],
        "reference_kind": item.kind,
        "references": [_reference(reference) for reference in item.references],
        "exceeded": [_exceeded(exceeded) for exceeded in item.exceeded],
        "signs": [_sign_of_set(sign) for sign in item.signs],
        "notes": list(item.notes),
    }


def _sign_of_set(item: SignOfSet) -> dict[str, Any]:
    return {
        "name": item.name,
        "title": item.title,
        "unit": item.unit,
        "level": item.level,
        "median": _number(item.median),
        "measured": item.measured,
        "amber": item.amber,
        "red": item.red,
        "needs": item.needs,
    }


def _rep(item: RepSummary) -> dict[str, Any]:
    return {
        "index": item.index,
        "start_s": _number(item.rep.start_s),
        "top_s": _number(item.rep.top_s),
        "release_s": _number(item.rep.release_s),
        "end_s": _number(item.rep.end_s),
        "first": item.rep.first,
        "side": item.rep.side,
        "source": item.rep.source,
        "valid": item.valid,
        "invalid": [str(place) for place in item.invalid],
        "target": item.target,
        "hold": item.hold,
        "signs": [
            {"name": sign.name, "value": _number(sign.value), "unit": sign.unit, "level": sign.level}
            for sign in item.signs
        ],
        "values": [
            {
                "metric": value.metric,
                "phase": value.phase,
                "where": value.where,
                "value": _number(value.value),
                "unit": value.unit,
                "flag": value.flag,
            }
            for value in item.values
        ],
    }


def _estimate(item: Estimate) -> dict[str, Any]:
    return {
        "metric": item.metric,
        "phase": item.phase,
        "where": item.where,
        "unit": item.unit,
        "n": item.n,
        "mean": _number(item.mean),
        "low": _number(item.low),
        "high": _number(item.high),
        "first": _number(item.first),
        "last": _number(item.last),
        "change_low": _number(item.change_low),
        "change_high": _number(item.change_high),
        "slope": _number(item.slope),
        "slope_low": _number(item.slope_low),
        "slope_high": _number(item.slope_high),
        "error": _number(item.error),
        "freedom": _number(item.freedom),
        "at_most": item.at_most,
        "at_least": item.at_least,
    }


def _answer(item: Answer) -> dict[str, Any]:
    return {
        "question": item.question,
        "metric": item.metric,
        "phase": item.phase,
        "where": item.where,
        "word": item.word,
        "probability": _number(item.probability),
        "direction": item.direction,
        "value": _number(item.value),
        "error": _number(item.error),
        "limit": _number(item.limit),
        "censored": item.censored,
        "used": list(item.used),
        "lacked": list(item.lacked),
    }


def _reference(item: Reference) -> dict[str, Any]:
    return {
        "placement": str(item.placement),
        "kind": item.kind,
        "level": _number(item.level),
        "unit": item.unit,
        "position": item.position,
        "trials": item.trials,
        "load_kg": _number(item.load_kg),
        "origin": item.origin,
        "cut_off": item.cut_off,
    }


def _exceeded(item: Exceeded) -> dict[str, Any]:
    return {
        "placement": str(item.placement),
        "level": _number(item.level),
        "reference": _number(item.reference),
        "unit": item.unit,
        "reps": list(item.reps),
    }
