"""Prometheus' own tools, as deploy/setup/promtool puts them there."""

import subprocess
from pathlib import Path

import pytest

from streams.observe.metrics.table import PROCESSES

ROOT = Path(__file__).parents[2]
PROMTOOL = ROOT / ".cache" / "tools" / "promtool"
PROMETHEUS = PROMTOOL.with_name("prometheus")
RULES = ROOT / "deploy" / "prometheus" / "rules"
needs_promtool = pytest.mark.skipif(not PROMTOOL.exists(), reason="no promtool: run deploy/setup/promtool")


def promtool(*arguments: str | Path) -> None:
    """Run it; fails with its words."""
    done = subprocess.run([PROMTOOL, *arguments], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def series() -> dict[str, set[str]]:
    """The names of all series that our processes expose, those of histograms with their endings; each with its labels."""
    families = [family for made in PROCESSES.values() for family in made("test").families]
    endings = {"histogram": ("_bucket", "_sum", "_count")}
    return {family.name + ending: set(family.labels) for family in families for ending in endings.get(family.kind, ("",))}
