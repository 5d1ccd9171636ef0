"""The documents and the code name the same things, and what the README shows runs."""

import importlib.util
import re
from pathlib import Path

import pytest

from emgmon.cli import build_parser
from emgmon.devices import DRIVERS
from emgmon.exercise.catalogue import packaged
from emgmon.metrics import METRICS, SET_METRICS
from emgmon.sources.profile_rules import RULES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = sorted(next(a.choices for a in build_parser()._actions if a.choices and a.dest == "command"))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command):
    assert f"`emgmon {command}" in README


def test_the_readme_names_no_command_that_is_not_there():
    named = set(re.findall(r"`emgmon ([a-z-]+)", README))
    assert named <= set(COMMANDS)


def test_every_metric_has_its_section_and_every_section_its_metric():
    text = (ROOT / "docs" / "metrics.md").read_text("utf-8")
    every = (*METRICS, *SET_METRICS)
    assert re.findall(r"^## (\w+)", text, re.MULTILINE) == [metric.name for metric in every]
    assert all(f"*{metric.title}" in text for metric in every)


def test_every_sensor_is_in_the_readme():
    assert all(driver.title.partition(" (")[0] in README for driver in DRIVERS if driver.name != "imported")


def test_every_rule_of_the_profile_names_a_section_of_its_document():
    text = (ROOT / "docs" / "emg-stream-profile.md").read_text("utf-8")
    assert {rule.section for rule in RULES} <= set(re.findall(r"^## (.+)$", text, re.MULTILINE))


def test_every_exercise_says_when_to_stop():
    assert all("Stop" in exercise.safety for exercise in packaged().values())


def test_every_page_is_in_the_index():
    listed = re.findall(r"^([a-z-]+)$", (ROOT / "docs" / "index.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(page.stem for page in (ROOT / "docs").glob("*.md") if page.stem != "index")


def test_the_page_of_commands_is_what_the_program_takes():
    spec = importlib.util.spec_from_file_location("commands", ROOT / "docs" / "commands.py")
    commands = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(commands)
    assert commands.TARGET.read_text("utf-8") == commands.page(), "write it anew: python docs/commands.py"


def test_every_environment_variable_is_among_the_settings():
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "emgmon").rglob("*.py"))
    text = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert set(re.findall(r"\bEMGMON_[A-Z_]+", text)) == set(re.findall(r"\bEMGMON_[A-Z_]+", sources))


@pytest.mark.slow
def test_the_readme_code_runs(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102 - our own README
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    assert all(0.2 < float(line.split()[1]) < 0.7 for line in lines)


@pytest.mark.parametrize(
    "page", sorted(p.relative_to(ROOT) for p in [*ROOT.glob("*.md"), *ROOT.glob("*/*.md")]), ids=str
)
def test_links_between_documents_lead_somewhere(page):
    text = (ROOT / page).read_text("utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)", text):
        if "://" not in target:
            assert (ROOT / page).parent.joinpath(target).exists(), target
