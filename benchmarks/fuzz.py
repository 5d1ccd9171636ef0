"""Feeds hostile input to everything that reads what strangers wrote: recordings, other people's files, tables, stores.

``python benchmarks/fuzz.py --minutes 30`` shares the time among all readers of ``tests/trust/targets.py``;
``--reader NAME`` takes those whose name begins so (``--list`` prints them). Guided by coverage with atheris where that
is installed, else by mutation alone (``--engine``). Inputs that make anything but an `EmgmonError` of one line, take
more than 20 s of CPU or a GB of memory are findings: told once for each place, kept under ``--keep``. Exit code 1 with
findings.

Every reader runs in a process of its own whose address space is limited. Readers that start a process of their own
(HDF5, MAT) and whole sessions are always mutated; coverage cannot be seen through a process. Linux and macOS.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import importlib.util
import json
import multiprocessing
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

CPU_S = 20
"""One input may take so much CPU."""
GROWN_KB = 1 << 20
ADDRESSES = 6 << 30
CORPUS = ROOT / "tests" / "corpus"


class TooLong(BaseException):
    """An input took more than `CPU_S`; no reader can catch it by mistake."""


@dataclass(slots=True)
class Tally:
    """What one reader did with its inputs; `findings` by place, with the shortest input of each."""

    runs: int = 0
    taken: int = 0
    refusals: set[str] = field(default_factory=set)
    findings: dict[str, bytes] = field(default_factory=dict)


def once(target: Any, content: bytes, tally: Tally, tried: Callable[..., str]) -> None:
    """Try one input and write down what came of it."""
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tally.runs += 1
    with tempfile.TemporaryDirectory() as folder:
        signal.setitimer(signal.ITIMER_PROF, CPU_S)
        try:
            said = tried(target, content, Path(folder))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - this is what is looked for
            note(tally, _place(error), content)
        else:
            tally.taken += not said
            tally.refusals.add(said.rpartition(":")[2][:30])
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb
    if grown_kb > GROWN_KB:
        note(tally, f"memory: {grown_kb >> 10} MB", content)


def note(tally: Tally, what: str, content: bytes) -> None:
    """Keep the shortest input of a finding."""
    if what not in tally.findings or len(content) < len(tally.findings[what]):
        tally.findings[what] = content


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if f"{ROOT}/emgmon/" in frame.filename] or list(frames)
    where = Path(ours[-1].filename)
    name = where.relative_to(ROOT) if where.is_relative_to(ROOT) else where.name
    return f"{type(error).__name__} at {name}:{ours[-1].lineno}: {str(error)[:100]!r}"


def mutate(name: str, seconds: float, seed: int, most: int | None = None) -> Tally:
    """Change valid inputs at random; those that were taken, or refused in a new way, are changed further."""
    from trust.hostile import damaged  # noqa: PLC0415 - after the limits are set
    from trust.target import tried  # noqa: PLC0415
    from trust.targets import TARGETS  # noqa: PLC0415

    target, tally = TARGETS[name], Tally()
    rng = random.Random(f"{name} {seed}")  # noqa: S311 - not for secrets
    pool = [*target.seeds(), *(path.read_bytes() for path in sorted(CORPUS.glob(f"{name}.*")))]
    fixed, end_s = len(pool), time.monotonic() + seconds
    for content in pool[:]:
        once(target, content, tally, tried)
    while time.monotonic() < end_s and (most is None or tally.runs < most):
        content = damaged(rng.choice(pool), rng, pool)[: 1 << 20]
        kinds = len(tally.refusals)
        once(target, content, tally, tried)
        if len(tally.refusals) > kinds or rng.random() < 0.01:
            pool.append(content)
            if len(pool) > fixed + 200:
                del pool[rng.randrange(fixed, len(pool))]
    return tally


def guided(name: str, seconds: float, seed: int) -> None:
    """Let atheris look for inputs that reach new code; it ends the process, so the tally is printed from inside."""
    import atheris  # noqa: PLC0415 - only where it is installed

    with atheris.instrument_imports(include=["emgmon"]):
        from trust.target import tried  # noqa: PLC0415
        from trust.targets import TARGETS  # noqa: PLC0415

    target, tally = TARGETS[name], Tally()
    seeds = [*target.seeds(), *(path.read_bytes() for path in sorted(CORPUS.glob(f"{name}.*")))]
    folder = Path(tempfile.mkdtemp(prefix="fuzz"))
    for number, content in enumerate(seeds):
        (folder / str(number)).write_bytes(content)
    end_s = time.monotonic() + seconds

    def one(content: bytes) -> None:
        if time.monotonic() < end_s:
            once(target, content, tally, tried)
            if tally.runs % 500 == 0:
                gc.collect()
                tell(name, tally)
        elif not done:
            done.append(True)
            tell(name, tally)

    done: list[bool] = []
    longest = str(max(4096, 4 * max(map(len, seeds))))
    words = [f"-max_total_time={int(seconds) + 1}", f"-seed={seed + 1}", f"-max_len={longest}", "-timeout=600"]
    atheris.Setup([sys.argv[0], *words, "-rss_limit_mb=0", "-verbosity=0", "-print_final_stats=0", str(folder)], one)
    atheris.Fuzz()


def tell(name: str, tally: Tally) -> None:
    """Print a tally as one line for the parent."""
    found = {what: content.hex() for what, content in tally.findings.items()}
    said = {"reader": name, "runs": tally.runs, "taken": tally.taken, "refusals": len(tally.refusals), "found": found}
    Path(RESULT[0]).write_text(json.dumps(said), "utf-8")


RESULT: list[str] = []


def _child(name: str, engine: str, seconds: float, seed: int, result: str) -> None:
    RESULT.append(result)
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGPROF, _raise_too_long)
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, resource.RLIM_INFINITY))  # a reader's own process may have more
    if engine == "atheris":
        guided(name, seconds, seed)
    else:
        tell(name, mutate(name, seconds, seed))


def _raise_too_long(*_: object) -> None:
    raise TooLong(f"more than {CPU_S} s of CPU")


def run(name: str, engine: str, seconds: float, seed: int) -> dict[str, Any]:
    """Fuzz one reader in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        arguments = (name, engine, seconds, seed, str(result))
        child = multiprocessing.get_context("spawn").Process(target=_child, args=arguments)
        child.start()
        child.join(seconds + 300.0)
        ended = child.exitcode
        if ended is None:
            child.kill()
            child.join()
        said = {"reader": name, "runs": 0, "taken": 0, "refusals": 0, "found": {}}
        if result.is_file():
            said = json.loads(result.read_text("utf-8"))
        if ended is None or not said["runs"]:
            what = "did not end in 300 s more" if ended is None else f"ended with code {ended} and no result"
            said["found"][f"the process {what}"] = ""
        return said


def main() -> int:
    """Share the time among the readers and tell what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0, help="of all readers together (default 10)")
    parser.add_argument("--reader", default="", help="only those whose name begins so")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=("atheris", "mutation"))
    parser.add_argument("--keep", type=Path, help="folder for the inputs of findings")
    parser.add_argument("--list", action="store_true", help="print the readers")
    options = parser.parse_args()
    from trust.targets import TARGETS  # noqa: PLC0415 - after the options are known

    chosen = [target for name, target in TARGETS.items() if name.startswith(options.reader)]
    if options.list:
        print("\n".join(target.name for target in chosen))
        return 0
    engine = options.engine or ("atheris" if importlib.util.find_spec("atheris") else "mutation")
    seconds = 60.0 * options.minutes / max(1, len(chosen))
    runs, bad, began_s = 0, 0, time.monotonic()
    print(f"{len(chosen)} readers, {seconds:.0f} s each, engine {engine}, seed {options.seed}", flush=True)
    for target in chosen:
        used = "mutation" if target.slow else engine
        said = run(target.name, used, seconds, options.seed)
        runs, bad = runs + said["runs"], bad + len(said["found"])
        print(
            f"{target.name:26} {used:9} {said['runs']:8} runs {said['taken']:8} taken {said['refusals']:5} refusals"
            f" {len(said['found']):3} findings",
            flush=True,
        )
        for what, content in said["found"].items():
            print(f"    {what}", flush=True)
            if options.keep:
                options.keep.mkdir(parents=True, exist_ok=True)
                raw = bytes.fromhex(content)
                (options.keep / f"{target.name}.{hashlib.sha256(raw).hexdigest()[:8]}").write_bytes(raw)
    print(f"{runs} runs, {bad} findings, {(time.monotonic() - began_s) / 3600:.2f} hours")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
