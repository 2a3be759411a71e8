"""Reported figures as OpenMetrics text, each at the time of its publication, for `promtool tsdb create-blocks-from openmetrics`.

    newsgauge_reported_value{indicator="apprehensions",place="us-southwest-border",unit="person",per="day",bound="low"} 9000 1703721600

Only figures that an alert could stand on: asserted, no change, a total. What several articles of one second say of one series is one
sample: the lowest low, the greatest high, the last point. An open end has no sample. Not normalised: `per` is the period as stated.
"""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

from schemas.claims import ClaimRecord
from schemas.codec import decode, encode
from schemas.figure import Number, whole
from streams.core.reported import counts
from streams.replay.past import Past, Stopped
from streams.replay.runs import Runs

__all__ = ["NAME", "write_samples"]

NAME = "newsgauge_reported_value"
END = b"\x00"
"""Ends the series in a line, below every byte that JSON holds."""
Labels = list[str]
"""Indicator, place, unit, period, bound."""


async def write_samples(past: Past, path: Path, folder: Path) -> int:
    """Write the samples of `past`, sorted on disk in `folder` by series and time; returns how many. Raises Stopped."""
    with TemporaryDirectory(dir=folder) as scratch:
        runs = Runs(Path(scratch))
        number = 0
        async for entry, _ in past.entries({}):
            if past.stopped():
                raise Stopped
            for record in entry.records:
                if isinstance(record, ClaimRecord) and counts(record.claim):
                    number += 1
                    for line in _lines(record, number):
                        runs.add(line)
            if runs.full:
                runs.flush()
        with path.open("w", encoding="utf-8", newline="\n") as out:
            out.write(f"# HELP {NAME} Figures that the news reported, at the time of publication.\n# TYPE {NAME} gauge\n")
            count = _write(runs.read(), out)
            out.write("# EOF\n")
            return count


def _lines(record: ClaimRecord, number: int) -> Iterator[bytes]:
    """A line for each bound that the figure has; `number` keeps those of one second in their order."""
    claim = record.claim
    place = (claim.place.id or claim.place.text) if claim.place else ""
    for bound, value in (("low", claim.low), ("high", claim.high), ("point", claim.point)):
        if value is not None:
            labels = encode([claim.indicator or "", place, claim.unit or "", claim.period, bound])
            yield labels + END + b"%012d %012d %s" % (int(record.published.timestamp()), number, encode(value))


def _write(lines: Iterator[bytes], out: TextIO) -> int:
    """The sorted lines as samples, each series on its own."""
    count = 0
    for labels, some in groupby(lines, lambda line: line.partition(END)[0]):
        named = decode(labels, list[str])
        head = _head(named)
        for second, same in groupby(some, lambda line: int(line.partition(END)[2][:12])):
            values = [decode(line.partition(END)[2][26:], float) for line in same]
            out.write(f"{head} {_joined(named[-1], values)} {second}\n")
            count += 1
    return count


def _joined(bound: str, values: list[float]) -> Number:
    match bound:
        case "low":
            return whole(min(values))
        case "high":
            return whole(max(values))
        case _:
            return whole(values[-1])


def _head(labels: Labels) -> str:
    named = zip(("indicator", "place", "unit", "per", "bound"), labels, strict=True)
    return NAME + "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in named) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
