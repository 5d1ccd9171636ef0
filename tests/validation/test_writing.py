"""What leaves: JSON whose shape is promised, a table for the terminal, the page of the documents."""

import json
import math

from emgmon.cli import main
from emgmon.validation import Limit, Measurement, Row, Run, as_json, as_markdown, as_text, statistics
from emgmon.validation.page import KEPT_BELOW
from emgmon.validation.running import run_row
from emgmon.validation.writing import number

RUN = Run("emgmon 1.0", {"numpy": "2.0"}, "2026-01-02T03:04:05+00:00", "emgmon validate --quick", quick=True)


def results():
    def measured(seeds, _quick):
        return [
            Measurement("bias", -0.04, "ln", 12, seeds, {"device": "A", "snr_db": 20.0}),
            Measurement("RMSE", math.nan, "ln", 0, seeds, {"device": "C", "snr_db": 20.0}),
        ]

    limits = (Limit("bias", 0.03, size=True), Limit("RMSE", 0.08))
    rows = [
        Row("index", "Index of a set", "at most 0.03", limits, "Simulated.", measured),
        Row("later", "Something else", "some day", (), "Not measured yet: no history."),
    ]
    return [run_row(row, quick=True) for row in rows]


def test_json_keeps_its_shape():
    table = as_json(RUN, results())
    assert set(table) == {
        *("schema", "program", "libraries", "date", "command", "quick", "simulated", "counts", "rows"),
    }
    assert table["schema"] == 1
    assert table["simulated"] is True
    assert table["counts"] == {"met": 0, "missed": 1, "not measured": 1, "reported": 0}
    row = table["rows"][0]
    assert set(row) == {
        *("id", "quantity", "target", "conditions", "verdict", "why", "cpu_s", "measurements"),
    }
    first, second = row["measurements"]
    assert first == {
        "measure": "bias",
        "value": -0.04,
        "unit": "ln",
        "n": 12,
        "seeds": [7_310_000, 7_310_001],
        "conditions": {"device": "A", "snr_db": 20.0},
        "limit": {"bound": 0.03, "at_least": False, "size": True},
        "verdict": "missed",
    }
    assert second["value"] is None
    assert second["verdict"] == "missed"
    json.dumps(table, allow_nan=False)


def test_text_shouts_what_is_missed_and_where():
    text = as_text(RUN, results())
    assert "MISSED        index  bias −0.0400 ln; RMSE – ln" in text
    assert "MISSED bias −0.0400 ln (≤ 0.03) at device A, snr_db 20; n = 12" in text
    assert "not measured  later  Not measured yet: no history." in text
    assert text.endswith("1 missed, 1 not measured")


def test_page_keeps_what_was_written_by_hand():
    page = as_markdown(RUN, results(), earlier=f"# Old\n\n{KEPT_BELOW}\n\n## Real data\n\nKept.\n")
    assert page.startswith("# Validation\n")
    assert "simulated data" in page
    assert "`emgmon validate --quick` on 2026-01-02" in page
    assert "| A | 20 | bias | −0.0400 ln | ≤ 0.03 | 12 | **missed** |" in page
    assert page.endswith(f"{KEPT_BELOW}\n\n## Real data\n\nKept.\n")
    assert as_markdown(RUN, results(), earlier=page) == page


def test_page_keeps_the_rows_that_were_not_run_and_the_day_of_each():
    whole = as_markdown(RUN, results())
    later = RUN._replace(date="2026-03-04T00:00:00+00:00", command="emgmon validate --rows later")
    page = as_markdown(later, results()[1:], earlier=whole, order=["later", "index"])
    assert "Rows: 1 missed, 1 not measured." in page
    assert page.index("| [later](#later)") < page.index("| [index](#index)")
    assert page.index("## later") < page.index("## index")
    assert "s of CPU; 2026-01-02." in page
    assert page.count("## index") == 1
    assert "index" not in as_markdown(later, results()[1:], earlier=whole, order=["later"])


def test_numbers_have_three_digits():
    shown = [number(value) for value in (0.0, 0.01234, 1.0, 12.345, 123.45, 1234.5, -0.5, math.nan)]
    assert shown == ["0", "0.0123", "1.00", "12.3", "123", "1234", "−0.500", "–"]


def test_the_command_prints_json_and_says_what_it_lacks(capsys):
    assert main(["validate", "--quick", "--rows", "false-alarms,latency-screen", "--json"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in table["rows"]] == ["false-alarms", "latency-screen"]
    assert table["rows"][1]["verdict"] == "not measured"
    assert table["command"] == "emgmon validate --quick --rows false-alarms,latency-screen"
    assert main(["validate", "--rows", "nothing"]) == 1
    assert "no row is called 'nothing'" in capsys.readouterr().err


def test_strict_fails_when_a_target_is_missed(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(statistics, "interval", lambda _index, _value: (1.0, 2.0))
    monkeypatch.setattr(statistics, "SETS_A_SEED", 5)
    words = ["validate", "--quick", "--rows", "coverage", "--out", str(tmp_path / "table.txt")]
    assert main(words) == 0
    assert main([*words, "--strict"]) == 3
    assert "MISSED        coverage" in (tmp_path / "table.txt").read_text("utf-8")
    assert capsys.readouterr().out == ""
    assert main(["validate", "--quick", "--rows", "latency-screen", "--out", str(tmp_path / "no" / "x")]) == 1
