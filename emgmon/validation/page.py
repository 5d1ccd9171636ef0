"""The finished table as the page of the documents, in which rows that were not run stay as they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from emgmon.validation.table import Result, Verdict
from emgmon.validation.writing import Run, number, plain, ranges, unit_of

KEPT_BELOW = "<!-- written by hand from here on -->"
"""What follows this line in an earlier page is kept."""

_LINE = re.compile(r"\| \[(?P<id>[\w-]+)\]\(#(?P=id)\) \|.*\| \**(?P<verdict>[\w ]+?)\** \|")
_SECTION = re.compile(r"^## (?P<id>[\w-]+)$")


class _Part(NamedTuple):
    """What the page says of one row: its line in the table, the verdict there, its section."""

    line: str
    verdict: str
    section: str


def as_markdown(run: Run, results: Sequence[Result], earlier: str = "", order: Iterable[str] = ()) -> str:
    """Return the page of the documents.

    Parameters
    ----------
    run : Run
    results : sequence of Result
    earlier : str
        The page as it was; what stands below `KEPT_BELOW` is kept, and so are the rows that were not run.
    order : iterable of str
        Ids of all rows there are. A row of the earlier page that is not among them is left out.
    """
    before, _, kept = earlier.partition(KEPT_BELOW)
    parts = _parts(before) | {result.row.id: _part(run, result) for result in results}
    ids = [row_id for row_id in dict.fromkeys([*order, *(r.row.id for r in results)]) if row_id in parts]
    said = Counter(parts[row_id].verdict for row_id in ids)
    libraries = ", ".join(f"{name} {version}" for name, version in run.libraries.items())
    lines = [
        "# Validation",
        "",
        f"All of this is simulated data. Last written by `{run.command}` on {run.date[:10]} ({run.program};",
        f"{libraries}); below each table stands the day on which its row was run.",
        "The program was tuned on shaped noise with other seeds; motor units are a source that it was not tuned on.",
        "A missed target stands here as missed. Device classes are those of [quality](quality.md).",
        "`emgmon validate --markdown --out docs/validation.md` rewrites this page, with `--rows` those rows of it.",
        "Adding a row is a function and a line in `emgmon/validation/rows.py`.",
        "",
        f"Rows: {', '.join(f'{said[verdict]} {verdict}' for verdict in Verdict if said[verdict])}.",
        "",
        "| row | quantity | target | measured | verdict |",
        "| --- | --- | --- | --- | --- |",
        *(parts[row_id].line for row_id in ids),
    ]
    for row_id in ids:
        lines += ["", parts[row_id].section]
    lines += ["", KEPT_BELOW, "", kept.strip()] if kept.strip() else ["", KEPT_BELOW]
    return "\n".join(lines) + "\n"


def _parts(page: str) -> dict[str, _Part]:
    """Find what an earlier page says of each row."""
    lines: dict[str, tuple[str, str]] = {}
    sections: dict[str, list[str]] = {}
    inside: list[str] | None = None
    for text in page.splitlines():
        if found := _LINE.fullmatch(text):
            lines[found["id"]] = text, found["verdict"]
        if found := _SECTION.match(text):
            inside = sections.setdefault(found["id"], [])
        if inside is not None:
            inside.append(text)
    return {
        row_id: _Part(*lines[row_id], "\n".join(section).strip())
        for row_id, section in sections.items()
        if row_id in lines
    }


def _part(run: Run, result: Result) -> _Part:
    row = result.row
    line = f"| [{row.id}](#{row.id}) | {row.quantity} | {row.target} | {ranges(result)} | {_bold(result.verdict)} |"
    return _Part(line, result.verdict.value, "\n".join(_section(result, run.date[:10])))


def _bold(verdict: Verdict) -> str:
    return f"**{verdict.value}**" if verdict is Verdict.MISSED else verdict.value


def _section(result: Result, date: str) -> list[str]:
    row = result.row
    lines = [f"## {row.id}", "", f"{row.quantity}. Target: {row.target}. {row.conditions}"]
    if result.judged and result.why:
        lines += ["", f"It broke: {result.why}"]
    if not result.judged:
        return lines
    keys = list(dict.fromkeys(key for item in result.judged for key in item.measurement.conditions))
    lines += [
        "",
        f"| {' | '.join([*(key.replace('_', ' ') for key in keys), 'measure', 'value', 'limit', 'n', 'verdict'])} |",
        "|" + " --- |" * (len(keys) + 5),
    ]
    for item in result.judged:
        taken = item.measurement
        where = [plain(taken.conditions.get(key, "")) for key in keys]
        value = f"{number(taken.value)} {unit_of(taken)}".rstrip()
        cells = [*where, taken.measure, value, str(item.limit or ""), str(taken.n), _bold(item.verdict)]
        lines.append(f"| {' | '.join(cells)} |")
    seeds = result.judged[0].measurement.seeds
    return [*lines, "", f"Seeds {seeds.start} to {seeds.stop - 1}; {result.cpu_s:.0f} s of CPU; {date}."]
