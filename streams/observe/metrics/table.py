"""The table of all metrics in docs/metrics.md, from their declarations.

python -m streams.observe.metrics.table            writes it
python -m streams.observe.metrics.table --check    exits with 1 where the page is not current
"""

import re
import sys
from dataclasses import replace
from pathlib import Path

from streams.observe.metrics.api import ApiMetrics
from streams.observe.metrics.base import Family, Metrics
from streams.observe.metrics.notifier import NotifierMetrics
from streams.observe.metrics.replay import ReplayMetrics
from streams.observe.metrics.worker import WorkerMetrics

__all__ = ["PAGE", "PROCESSES", "reference"]

PROCESSES: dict[str, type[Metrics]] = {"worker": WorkerMetrics, "notifier": NotifierMetrics, "API": ApiMetrics, "replay": ReplayMetrics}
PAGE = Path(__file__).parents[3] / "docs" / "metrics.md"
_MARKED = re.compile(r"(<!-- metrics -->\n)(.*?)(<!-- end of metrics -->)", re.S)
_MANY = 8
"""Values of a label that are listed; more are counted."""


def reference() -> str:
    """The table, in Markdown: families in the order of their declaration, each with the processes that have it."""
    owners: dict[str, list[str]] = {}
    families: dict[str, Family] = {}
    for process, made in PROCESSES.items():
        for family in made("").families:
            families[family.name] = _joined(families.get(family.name, family), family)
            owners.setdefault(family.name, []).append(process)
    rows = [f"| `{one.name}` | {one.kind} | {_where(owners[one.name])} | {_labels(one)} | {one.help} |" for one in families.values()]
    return "\n".join(["| metric | kind | process | labels | meaning |", "|---|---|---|---|---|", *rows]) + "\n"


def _joined(one: Family, other: Family) -> Family:
    """One family of two processes, with the values that its labels have in both."""
    labels = {}
    for name, values in one.labels.items():
        others = other.labels[name]
        labels[name] = values if isinstance(values, str) or isinstance(others, str) else tuple(dict.fromkeys((*values, *others)))
    return replace(one, labels=labels)


def _where(owners: list[str]) -> str:
    serving = [process for process, made in PROCESSES.items() if made.SERVES]
    return "all" if set(owners) >= set(serving) else ", ".join(owners)


def _labels(family: Family) -> str:
    return "; ".join(f"`{name}`: {_values(values)}" for name, values in family.labels.items())


def _values(values: tuple[str, ...] | str) -> str:
    if isinstance(values, str):
        return values
    return ", ".join(values) if len(values) <= _MANY else f"{', '.join(values[:_MANY])} and {len(values) - _MANY} more"


def main(arguments: list[str]) -> int:
    """Write the page, or with ``--check`` say whether it is current. Returns the exit status."""
    before = PAGE.read_text(encoding="utf-8")
    after = _MARKED.sub(lambda found: found[1] + reference() + found[3], before)
    if arguments == ["--check"]:
        if after != before:
            print(f"{PAGE.name} is not current: run `make schemas`", file=sys.stderr)
        return int(after != before)
    PAGE.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
