"""``emgmon check-firmware``: whether a sensor keeps the rules of the open profile, rule by rule."""

from __future__ import annotations

import argparse
import asyncio
import json

from emgmon.cli import DONE, INCOMPLETE
from emgmon.cli.console import say
from emgmon.cli.scan import radio_of
from emgmon.sources.ble import Radio
from emgmon.sources.conformance import Exam, Verdict, examine
from emgmon.sources.examiner import wire_to
from emgmon.sources.profile_rules import RULES

DOCUMENT = "docs/emg-stream-profile.md"


def run(options: argparse.Namespace) -> int:
    """Examine one sensor; exit code 0 when it keeps every rule, 3 when it breaks one."""
    say(f"Looking for {options.address} …")
    return asyncio.run(checked(radio_of(options.adapter), options))


async def checked(radio: Radio, options: argparse.Namespace) -> int:
    """Connect, ask, print."""
    async with wire_to(radio, options.address, options.scan_seconds) as wire:
        say(f"{wire.advertisement.name}, MTU {wire.mtu}: {len(RULES)} rules, about {options.seconds + 12:.0f} s")
        verdicts = await examine(Exam(wire, options.seconds), RULES, _ignore if options.json else _tell)
    failed = [verdict for verdict in verdicts if verdict.state == "FAIL"]
    if options.json:
        print(json.dumps([_plain(verdict) for verdict in verdicts], indent=1))
    else:
        print(f"{len(failed)} of {len(verdicts)} rules broken" if failed else "every rule kept")
    return INCOMPLETE if failed else DONE


def _tell(verdict: Verdict) -> None:
    print(f"{verdict.state:4}  {verdict.rule.name:20} {verdict.rule.title}", flush=True)
    if verdict.seen:
        where = f" ({DOCUMENT}, {verdict.rule.section})" if verdict.state == "FAIL" else ""
        print(f"      {'':20} {verdict.seen}{where}", flush=True)


def _ignore(_verdict: Verdict) -> None:
    """Say nothing yet: JSON comes at the end."""


def _plain(verdict: Verdict) -> dict[str, str]:
    rule = verdict.rule
    return {
        "rule": rule.name,
        "title": rule.title,
        "section": rule.section,
        "state": verdict.state,
        "seen": verdict.seen,
    }
