from __future__ import annotations

import re
from dataclasses import replace

from emgmon.model import SessionSummary
from emgmon.report import session_text


def test_lines_are_plain_and_fit(session: SessionSummary) -> None:
    text = session_text(session)
    assert not re.search(r"[\x00-\x09\x0b-\x1f]|nan|\binf\b", text)
    assert all(len(line) <= 100 for line in text.splitlines())
    assert not any(line != line.rstrip() for line in text.splitlines())


def test_the_table_holds_the_numbers_of_each_rep(make) -> None:
    full = make["full"]()
    lines = session_text(full).splitlines()
    assert 24 <= len(lines) <= 36
    rows = [line.split() for line in lines if re.match(r" +\d+ ", line)]
    for row, rep in zip(rows, full.sets[0].reps, strict=True):
        assert row[0] == str(rep.index)
        assert row[2] == f"{rep.value('duration', 'hold'):.1f}"
        shares = [f"{100 * rep.value(f'share_{name}', 'hold'):.0f}" for name in ("glute", "hamstring", "back")]
        assert row[4:7] == shares
        assert row[7].replace("−", "-") == f"{rep.value('sdi', 'hold'):+.2f}"
        assert row[9] == rep.target


def test_simulated_data_and_the_finding_come_first(make) -> None:
    lines = session_text(make["full"]()).splitlines()
    assert lines[1] == "SIMULATED DATA: no person wore the sensors."
    assert lines[4] == "=> Hamstrings and back took over in the second half"
    assert "SIMULATED" not in session_text(replace(make["full"](), simulated=False))


def test_strides_have_no_hold_and_no_shares(make) -> None:
    text = session_text(make["walk"]())
    assert "Δln H/G" in text
    assert "glute %" not in text
    assert re.search(r"^ +1 +1\.1 +–", text, re.MULTILINE)
    assert "loss not known" in text


def test_a_long_set_shows_its_ends(make) -> None:
    text = session_text(make["crowded"]())
    assert "76 reps more in the JSON summary" in text
    rows = [int(line.split()[0]) for line in text.splitlines() if re.match(r" +\d+ +\d", line)]
    assert rows == [*range(1, 13), *range(89, 101)]


def test_a_lost_sensor_and_uncounted_reps_are_named(make) -> None:
    text = session_text(make["lost"]())
    assert re.search(r"Biceps femoris, right +umyo-4 +much lost +999\.7 Hz +lost 57\.6 % \(index\)", text)
    assert text.count("not counted") == 2
