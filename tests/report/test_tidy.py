from __future__ import annotations

import json
import math
from dataclasses import replace
from enum import Enum
from pathlib import PurePosixPath

from emgmon.model import SessionSummary
from emgmon.report import session_json


def test_json_comes_back_as_it_went(session: SessionSummary) -> None:
    data = session_json(session)
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert " ".join(data) == ("schema started_utc program source simulated duration_s settings notes channels sets")
    assert data["schema"] == "emgmon-summary/1"


def test_json_holds_every_value_and_no_curve(make) -> None:
    full = make["full"]()
    one = session_json(full)["sets"][0]
    assert [rep["index"] for rep in one["reps"]] == list(range(1, 9))
    assert [len(rep["values"]) for rep in one["reps"]] == [len(rep.values) for rep in full.sets[0].reps]
    assert len(one["estimates"]) == len(full.sets[0].estimates)
    assert "curves" not in one["reps"][0]
    first = full.sets[0].reps[0]
    found = [v for v in one["reps"][0]["values"] if (v["metric"], v["phase"], v["where"]) == ("sdi", "hold", "both")]
    assert found == [
        {
            "metric": "sdi",
            "phase": "hold",
            "where": "both",
            "value": first.value("sdi", "hold"),
            "unit": "ln",
            "flag": "",
        }
    ]
    estimate = full.sets[0].estimates[0]
    assert one["estimates"][0]["change_low"] == estimate.change_low


def test_nan_and_infinity_become_none(make) -> None:
    full = make["full"]()
    odd = replace(full.channels[0], noise=math.nan, fs_measured_hz=math.inf)
    channel = session_json(replace(full, channels=(odd,)))["channels"][0]
    assert (channel["noise"], channel["fs_measured_hz"]) == (None, None)


def test_settings_of_any_type_become_json(make) -> None:
    class Kind(Enum):
        A = "a"

    settings = {"path": PurePosixPath("x/y"), "pair": (1, math.nan), "kind": Kind.A, "deep": {"on": True, 3: None}}
    data = session_json(replace(make["empty"](), settings=settings))["settings"]
    assert data == {"path": "x/y", "pair": [1, None], "kind": "Kind.A", "deep": {"on": True, "3": None}}
