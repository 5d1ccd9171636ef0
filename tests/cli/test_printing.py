"""The report as PDF, and its tables, by the command line."""

import re
import sys
from pathlib import Path

import pytest

from emgmon.cli import DONE, FAILED, main
from emgmon.cli.printing import BROWSER_SETTING, browser

RECORDING = Path(__file__).parents[2] / "recordings" / "bridges-clean.mcap"


@pytest.fixture
def page(tmp_path):
    return tmp_path / "report.html"


@pytest.mark.slow
@pytest.mark.skipif(browser() is None, reason="no Chromium, Chrome or Edge is installed")
def test_a_set_prints_on_two_pages_of_a4(page):
    assert main(["report", str(RECORDING), "-o", str(page), "--pdf"]) == DONE
    printed = page.with_suffix(".pdf").read_bytes()
    assert printed.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 2
    for box in re.findall(rb"/MediaBox\s*\[([^\]]*)\]", printed):
        assert [float(edge) for edge in box.split()] == pytest.approx([0, 0, 595, 842], abs=1.5)


def test_a_browser_that_fails_is_one_line_and_the_page_stays(page, monkeypatch, capsys):
    monkeypatch.setenv(BROWSER_SETTING, str(page.parent / "nothing here"))
    assert main(["report", str(RECORDING), "-o", str(page), "--pdf"]) == FAILED
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert re.search(r"report\.pdf: not made: nothing here could not print \(.+\); open the report in a browser", said)
    assert page.exists()
    assert not page.with_suffix(".pdf").exists()


def test_without_a_browser_it_says_which_ones_print(page, monkeypatch, capsys):
    monkeypatch.delenv(BROWSER_SETTING, raising=False)
    monkeypatch.setenv("PATH", str(page.parent))
    monkeypatch.setattr(sys, "platform", "linux")
    assert main(["report", str(RECORDING), "-o", str(page), "--pdf"]) == FAILED
    assert "needs Chrome, Chromium or Edge" in capsys.readouterr().err
    assert page.exists()


def test_tables_and_json_are_written_beside_it(page, capsys):
    assert main(["report", str(RECORDING), "-o", str(page), "--csv", "--json"]) == DONE
    names = ["report.html", "report.json", "report-reps.csv", "report-sets.csv"]
    assert [Path(line).name for line in capsys.readouterr().out.split()] == names
    assert all((page.parent / name).stat().st_size > 1000 for name in names)
    assert "bridges-clean.mcap, SHA-256 " in page.read_text("utf-8")


def test_a_table_that_cannot_be_written_is_one_line(page, capsys):
    page.with_suffix(".json").mkdir()
    assert main(["report", str(RECORDING), "-o", str(page), "--json"]) == FAILED
    assert "report.json: cannot be written" in capsys.readouterr().err
