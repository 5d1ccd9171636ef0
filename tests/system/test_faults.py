"""Sensors under faults: no sample is lost uncounted, nobody is left without a word, no session ends."""

from dataclasses import replace

import pytest

from emgmon.cli import main
from emgmon.validation import faults, refusals
from emgmon.validation.faults import FAULTS, Count, Outcome, kinds, run_faults
from emgmon.validation.refusals import SCENES

pytestmark = [pytest.mark.system, pytest.mark.slow]
KINDS = ("emgmon", "npg", "bitalino", "witmotion")
"""One each of: own index, counter, short counter, no evidence."""


@pytest.fixture(scope="module")
def cells():
    return {(cell.sensor, cell.fault): cell for cell in run_faults(lambda _cell: None, ",".join(KINDS))[0]}


def test_every_cell_is_there_and_none_is_missed(cells):
    assert set(cells) == {(kind, fault) for kind in KINDS for fault in (*FAULTS, *SCENES)}
    missed = [f"{cell.sensor}, {cell.fault}: {cell.why}" for cell in cells.values() if cell.outcome is Outcome.MISSED]
    assert missed == []


@pytest.mark.parametrize("kind", ["emgmon", "npg"])
def test_what_numbers_tell_is_counted_to_the_sample(cells, kind):
    for fault in ("drop 1 %", "bursts of 8", "out of order", "wrong bits", "cut short"):
        counts = cells[kind, fault].counts
        assert all(count.missing == count.counted for count in counts)
        assert any(count.missing for count in counts), "the fault does nothing"


def test_who_bears_no_number_is_called_so(cells):
    assert cells["witmotion", "drop 1 %"].outcome is Outcome.UNSEEN


@pytest.mark.parametrize("kind", KINDS)
def test_the_user_is_told(cells, kind):
    assert "lost → connected → streaming" in cells[kind, "5 s away"].seen
    assert "lost" in cells[kind, "battery flat"].seen
    assert cells[kind, "refuses start"].seen
    assert "Error" not in cells[kind, "refuses start"].seen


def test_a_loss_that_nobody_counts_is_missed(monkeypatch):
    """The matrix can fail: a counter that is blind to holes."""
    monkeypatch.setattr(faults, "_analysed", _blind(faults._analysed))
    monkeypatch.setattr(faults, "FAULTS", {"drop 1 %": FAULTS["drop 1 %"]})
    (cell,) = faults.without_radio(["emgmon"], lambda _cell: None)
    assert cell.outcome is Outcome.MISSED
    assert "are missing, 0 counted" in cell.why


def _blind(analysed):
    def without_loss(entries):
        found = analysed(entries)
        for quantity, channel in found.streams.items():
            found.streams[quantity] = replace(channel, lost=0)
        return found

    return without_loss


def test_a_short_counter_may_be_off_but_not_by_more_than_it_says():
    assert faults._outcome(Count("emg", 300, 100), 1000.0, True, True, 0.0) is Outcome.LIMIT
    assert faults._outcome(Count("emg", 301, 100), 1000.0, True, True, 0.0) is Outcome.MISSED
    assert faults._outcome(Count("emg", 101, 100), 1000.0, True, False, 0.0) is Outcome.MISSED


def test_command_prints_the_table_and_its_exit_code_says_whether_all_was_kept(monkeypatch, capsys):
    few = {name: FAULTS[name] for name in ("drop 1 %", "5 s away")}
    monkeypatch.setattr(faults, "FAULTS", few)
    monkeypatch.setattr(refusals, "SCENES", {"refuses start": SCENES["refuses start"]})
    assert main(["validate", "--faults", "movella"]) == 0
    assert f"{len(few) + 1} cells: " in capsys.readouterr().out
    assert set(kinds()) >= set(KINDS)
    monkeypatch.setattr(refusals, "SCENES", {})
    monkeypatch.setattr(faults, "_analysed", _blind(faults._analysed))
    assert main(["validate", "--faults", "movella"]) == 3
