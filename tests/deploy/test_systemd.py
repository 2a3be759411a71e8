"""The units for machines without Docker: systemd takes them, they are closed, and they run commands that exist."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import typer

from streams.cli.main import app
from tests.deploy.promtool import ROOT
from tests.live.flow import COMMAND

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
ANALYZE = shutil.which("systemd-analyze")
MOST_EXPOSED = 20
"""Tenths, of 100, on the scale of `systemd-analyze security`."""
each_unit = pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)


@pytest.fixture
def unit(path: Path, tmp_path: Path) -> Path:
    """The unit as an instance, with the command where it stands here."""
    installed = tmp_path / path.name.replace("@", "@6066")
    installed.write_text(path.read_text().replace("/opt/newsgauge/.venv/bin/newsgauge", COMMAND))
    return installed


@pytest.mark.skipif(ANALYZE is None, reason="no systemd here")
@each_unit
def test_systemd_takes_the_unit_and_finds_it_closed(path: Path, unit: Path) -> None:
    for arguments in (["verify"], ["security", "--offline=true", f"--threshold={MOST_EXPOSED}"]):
        done = subprocess.run([str(ANALYZE), *arguments, str(unit)], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout[-1500:] + done.stderr
        assert arguments == ["verify"] or "OK" in done.stdout


@each_unit
def test_a_unit_runs_a_command_that_exists_and_is_started_again(path: Path) -> None:
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read(path)
    _, name, *options = parsed["Service"]["ExecStart"].split()
    command = getattr(typer.main.get_command(app), "commands")[name]  # noqa: B009 - click's type has no such field
    known = {option for parameter in command.params for option in parameter.opts}
    assert {option for option in options if option.startswith("--")} <= known
    assert parsed["Service"]["Restart"] == "always"
    assert parsed["Service"]["DynamicUser"] == "yes"
    assert int(parsed["Service"]["TimeoutStopSec"]) > 20, "longer than a process takes to stop"


def test_the_page_installs_every_unit_and_the_closed_ones_are_all_alike() -> None:
    shown = (ROOT / "docs" / "deployment.md").read_text()
    for path in UNITS:
        assert path.name.removesuffix(".service").rstrip("@") in shown
    closed = {re.search(r"^# It needs the network.*?^\[Install\]", path.read_text(), re.M | re.S) for path in UNITS}
    assert len({found[0] for found in closed if found}) == 1
