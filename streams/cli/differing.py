"""What a backtest found, for a terminal, as lines with tabs, and as JSON."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streams.replay.backtest import Result
    from streams.replay.compare import Difference, Mark
    from streams.replay.readings import FigureChange, Readings

__all__ = ["as_json", "show"]


def as_json(result: "Result") -> dict[str, object]:
    """The result as plain data. `readings` is null where no readers were compared."""
    from streams.replay.readings import Readings

    readings = result.readings
    return {
        "same": result.same,
        "old": {"hash": result.rules_old.hash, "alerts": sum(map(len, result.old.by_key.values()))},
        "new": {"hash": result.rules_new.hash, "alerts": sum(map(len, result.new.by_key.values()))},
        "counts": dict(result.counts),
        "readings": {**_counted(readings), "figures": readings.kept} if isinstance(readings, Readings) else None,
        "differences": result.differences,
    }


def _counted(readings: "Readings") -> dict[str, int]:
    return {"same": readings.same, "added": readings.added, "gone": readings.gone, "changed": readings.changed}


def show(result: "Result") -> None:
    """Tables on a terminal, else a line each with tabs; figures first, where readers were compared."""
    if result.readings:
        _tell("  ".join(f"{count:,} figures {name}" for name, count in _counted(result.readings).items()))
        _table(("figure", "published", "where", "fields", "sentence"), [_figure(one) for one in result.readings.kept])
        if (left := result.readings.added + result.readings.gone + result.readings.changed - len(result.readings.kept)) > 0:
            _tell(f"{left:,} more figures are read differently.")
    if not result.differences:
        _tell("The same alerts.")
        return
    _table(("what", "old", "new", "series", "sentence"), [_row(one, causes=result.readings is not None) for one in result.differences])


def _tell(line: str) -> None:
    from streams.cli.present import console

    console().print(line)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.table import Table
    from rich.text import Text

    from streams.cli.present import console

    screen = console()
    if not screen.is_terminal:
        for row in rows:
            print("\t".join(row))
        return
    if not rows:
        return
    table = Table(*heads, box=None, pad_edge=False, header_style="bold", expand=True)
    for row in rows:
        table.add_row(*map(Text, row))
    screen.print(table)


def _row(one: "Difference", *, causes: bool) -> tuple[str, ...]:
    """What differs and why, when under the old and the new rules, the series, the sentence; each one line of clean text."""
    what = one.kind.replace("_", " ") + ("" if one.what == "alert" else f" ({one.what})")
    what = f"{one.cause}: {what}" if causes else what
    return _clean(what, _cell(one.old), _cell(one.new), " ".join((one.rule, *one.group.values())), one.mark.sentence or one.mark.value)


def _figure(one: "FigureChange") -> tuple[str, ...]:
    from streams.replay.readings import plain

    fields = "; ".join(f"{name} {plain(was)} -> {plain(now)}" for name, (was, now) in one.fields.items())
    what = fields or f"{one.indicator} {one.quote}"
    return _clean(f"figure {one.kind}", f"{one.published:%Y-%m-%d %H:%M}", one.publisher or one.document, what, one.sentence)


def _clean(*cells: str) -> tuple[str, ...]:
    from streams.cli.present import clean

    return tuple(clean(" ".join(cell.split())) for cell in cells)


def _cell(mark: "Mark | None") -> str:
    return f"{mark.at:%Y-%m-%d %H:%M} {mark.level or mark.transition}" if mark else "-"
