"""A short session whose marks, packets and times are not what any emgmon writes, and every command that reads it."""

import contextlib
import io
import json
import shutil
from dataclasses import replace
from functools import cache

from made_session import Session, steady
from trust.hostile import NAMES, VALUES, Draws, altered
from trust.target import Target, random_seeds

from emgmon.cli import DONE, FAILED, INCOMPLETE, main
from emgmon.model import Mark, Packet
from emgmon.storage.recorder import write_recording

KINDS = (
    *("session", "exercise", "device", "connected", "lost", "baseline_start", "baseline_stop", "set_start", "set_stop"),
    *("reference_start", "reference_stop", "reference_raised", "placement", "note", "tap_start", "tap_stop", "answer"),
    *("calibration_start", "calibration_stop", "pain", "tension", "rep", "channels", "kept", "x"),
)
COMMANDS = (
    *("info", "info --json", "verify", "verify --json", "analyse", "analyse --json", "analyse --raise-references"),
    *("report --json --csv -o out/r.html", "screen --json", "trim --from 1 -o out/t.mcap"),
    *("anonymise -o out/a.mcap", "anonymise --drop-date -o out/a.mcap"),
    *("export --to edf -o out/x.edf", "export --to bdf -o out/x.bdf", "export --to bids -o out/bids"),
    *("export --to xdf -o out/x.xdf", "export --to csv -o out/csv", "export --to mat -o out/x.mat"),
    *("export --to csv --what both -o out/csv", "export --to sto -o out/x.sto"),
)
"""Command lines; the recording follows the first word."""

CURSOR = {chr(code) for code in (*range(9), *range(11, 13), *range(14, 32), *range(127, 160))}
"""What moves a terminal's cursor, or worse, but for tab, new line and return."""


@cache
def short_session():
    """Rest, three references and a set of two bursts, one imported file of three channels; 12 s."""
    made = Session().rest()
    for group in "GHE":
        made.reference(group, 60.0)
    return made.cycles(steady(2, G=40.0, H=20.0, E=10.0)).entries()


def hostile_entries(draws, entries):
    """Some of the entries changed, moved, doubled or left out."""
    out = list(entries)
    marks = [k for k, entry in enumerate(out) if isinstance(entry, Mark)] + [4]
    for _ in range(1 + draws.below(4)):
        at = draws.one_of(marks) if draws.below(4) else draws.below(len(out))
        entry, how = out[at], draws.below(8)
        if how == 0:
            out[at] = replace(entry, host_ns=draws.one_of((0, 1, 10**9, 2**40, 2**63, 2**64 - 1)))
        elif how == 1:
            out[at] = Mark(entry.host_ns, draws.one_of(KINDS), dict(entry.data) if isinstance(entry, Mark) else {})
        elif how == 2:
            out.insert(draws.below(len(out)), entry)
        elif isinstance(entry, Mark):
            data = altered(dict(entry.data), draws, (*VALUES, None))
            out[at] = replace(entry, data=data if isinstance(data, dict) else {"device": data, "exercise": data})
        elif entry.port == "description":
            said = altered(json.loads(entry.payload), draws, (*VALUES, None))
            out[at] = replace(entry, payload=json.dumps(said).encode())
        elif how == 3:
            out[at] = replace(entry, device=draws.one_of(NAMES), port=draws.one_of((*NAMES, "9", "\u00b2")))
        else:
            out[at] = replace(entry, payload=draws.piece(20) + entry.payload[20:])
    return out


def commanded(words, folder):
    """Run a command as a person would; returns its exit code. Only the folder ``out`` may be written to."""
    shutil.rmtree(folder / "in" / "out", ignore_errors=True)
    command, *options = words.split()
    options = [str(folder / "in" / word) if word.startswith("out/") else word for word in options]
    silent = io.StringIO()
    with contextlib.redirect_stdout(silent), contextlib.redirect_stderr(silent):
        code = main([command, str(folder / "in" / "x.mcap"), *options])
    said = silent.getvalue()
    assert code in {DONE, FAILED, INCOMPLETE}, (code, said)
    assert "Traceback" not in said
    assert not CURSOR & set(said), said
    return code


def written(folder):
    """Files below a folder, as texts."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def _session(content, folder):
    draws = Draws(content)
    command = draws.one_of(COMMANDS)
    entries = hostile_entries(draws, short_session())
    (folder / "in").mkdir()
    write_recording(folder / "in" / "x.mcap", (e for e in entries if _can_be_written(e)))
    commanded(command, folder)
    outside = [name for name in written(folder) if not name.startswith(("in/out/", "in/x.mcap"))]
    assert not outside, outside


def _can_be_written(entry):
    try:
        return isinstance(entry, Packet) or bool(json.dumps(dict(entry.data), allow_nan=False)) or True
    except ValueError:
        return False


SESSION_TARGETS = (Target("session", random_seeds, _session, slow=True),)
