"""The set-up: quiet when there is nothing to do, and a sentence when something is missing."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEEDED = ("awk", "bash", "cat", "cut", "dirname", "env", "flock", "head", "id", "ls", "mkdir", "mktemp", "rm", "sed", "sha256sum", "tail")


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A copy of the set-up, and beside it `bin` with the most basic commands and no Python, uv or apt-get."""
    shutil.copytree(ROOT / "deploy" / "setup", tmp_path / "deploy" / "setup")
    for name in ("pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "bin").mkdir()
    for name in NEEDED:
        found = shutil.which(name)
        assert found is not None
        (tmp_path / "bin" / name).symlink_to(found)
    return tmp_path


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/bash\n{text}\n")
    path.chmod(0o755)


def run(place: Path, name: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(place / "bin"), "HOME": str(place)}
    return subprocess.run(
        [place / "deploy" / "setup" / name], env=environment, cwd=place, capture_output=True, text=True, timeout=120, check=False
    )


def test_nothing_is_done_and_said_when_nothing_is_to_do() -> None:
    if not (ROOT / ".venv" / ".set-up").exists():
        pytest.skip("this environment was not made by make setup")
    for _ in range(2):
        done = subprocess.run([ROOT / "deploy" / "setup" / "python"], capture_output=True, text=True, timeout=300, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_an_old_python_is_not_taken_and_named(bare: Path) -> None:
    script(bare / "bin" / "python3", "exit 1")
    text = (bare / "deploy/setup/python").read_text().replace(" /usr/bin/python3;", ";")
    (bare / "deploy/setup/python").write_text(text)
    done = run(bare, "python")
    assert done.returncode == 1
    assert done.stderr == (
        "set-up (python): Python 3.11 or newer is missing, and this user may not install it: "
        "install python3 python3-venv (or your system's equivalent) and run this again.\n"
    )


def test_what_uv_says_is_shown_when_it_fails(bare: Path) -> None:
    script(bare / "bin" / "python3", f'exec "{shutil.which("python3")}" "$@"')
    script(bare / "bin" / "uv", '[ "$1" = --version ] && { echo "uv 0.0.0"; exit 0; }; echo "error: no such package: moon"; exit 2')
    done = run(bare, "python")
    assert done.returncode == 1
    assert "error: no such package: moon" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("set-up (python): uv could not build .venv from uv.lock")
    assert not (bare / ".venv" / ".set-up").exists()


def test_a_missing_promtool_is_named(bare: Path) -> None:
    done = run(bare, "promtool")
    assert done.returncode == 1
    assert "the tests need Prometheus' promtool" in done.stderr


def test_a_promtool_on_the_path_is_taken(bare: Path) -> None:
    for tool in ("promtool", "prometheus"):
        script(bare / "bin" / tool, "exit 0")
    (bare / "bin" / "ln").symlink_to(str(shutil.which("ln")))
    assert run(bare, "promtool").returncode == 0
    assert (bare / ".cache" / "tools" / "promtool").readlink() == bare / "bin" / "promtool"


def test_a_missing_chromium_is_named(bare: Path) -> None:
    done = run(bare, "chromium")
    assert done.returncode == 1
    assert "Chromium, in which the live page is tested, is missing" in done.stderr and "install chromium (or" in done.stderr


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])
def test_a_browser_on_the_path_is_taken(bare: Path, name: str) -> None:
    script(bare / "bin" / name, "exit 0")
    (bare / "bin" / "ln").symlink_to(str(shutil.which("ln")))
    assert run(bare, "chromium").returncode == 0
    assert (bare / ".cache" / "tools" / "chromium").readlink() == bare / "bin" / name


def test_help_lists_every_target_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.M)) - {"test-tools"}
    shown = subprocess.run(["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {line.split()[1] for line in shown.splitlines()} == targets


def test_ci_runs_make_test_and_nothing_else() -> None:
    commands = [line for line in (ROOT / ".ci/run").read_text().splitlines() if line and not line.startswith(("#", "set ", "cd "))]
    assert commands == ["exec make test </dev/null"]
    assert os.access(ROOT / ".ci/run", os.X_OK)
