"""`newsgauge backtest`: what two rule sets make of the same past, and where they differ."""

import time
import traceback
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from schemas.codec import encode
from streams.cli.options import Bootstrap, CommandError, Config, Json, complain, on_kafka, until_stopped
from streams.cli.replay import Chosen, Files, Jobs, Since, Stage, Until, choose, progress, rules_of, saying, told

if TYPE_CHECKING:
    from streams.core.rules import RuleSet
    from streams.replay.backtest import Result
    from streams.replay.compare import Difference, Mark

__all__ = ["backtest"]

DIFFERS = 1
ERROR = 2


def backtest(
    rules: Annotated[Path, typer.Option("--rules", metavar="NEW", help="The new rules.")],
    against: Annotated[Path, typer.Option("--against", metavar="OLD", help="The old rules.")],
    files: Files = None,
    since: Since = None,
    until: Until = None,
    topic: Stage = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page with a chart of each series.")] = None,
    json: Json = False,
    jobs: Jobs = 1,
    bootstrap: Bootstrap = None,
    config: Config = None,
) -> None:
    """Compare the alerts of two rule sets over the same past.

    Says which alerts the new rules add and remove, which come or end earlier or later, and which reach another level, each with the
    sentence that decided. From claims only the rules differ, since every figure is as it was read then; from articles all is read again,
    with both rule sets on the same reading.

    Exit status: 0 the same alerts, 1 others, 2 it could not be done.

    \b
    Examples:
      newsgauge backtest --rules new.yaml --against rules.yaml --from 90d
      newsgauge backtest --rules new.yaml --against rules.yaml --html report.html stories.jsonl
    """
    try:
        differs = _backtest(choose(files, since, until, topic, jobs, bootstrap, config), rules, against, html, as_json=json)
    except (CommandError, typer.Exit):
        raise
    except Exception:
        # Whatever it is, it must not leave with the status that means "other alerts".
        traceback.print_exc()
        raise typer.Exit(ERROR) from None
    if differs:
        raise typer.Exit(DIFFERS)


def _backtest(chosen: Chosen, rules: Path, against: Path, html: Path | None, *, as_json: bool) -> bool:
    from streams.kafka import KafkaClientError

    new, old = rules_of(rules), rules_of(against)
    started = time.monotonic()
    try:
        with saying(), until_stopped() as stopped, TemporaryDirectory(prefix="newsgauge-backtest-") as scratch:
            result = on_kafka(chosen.settings, _run(chosen, old, new, Path(scratch), stopped.is_set))
    except KafkaClientError as error:
        raise CommandError(str(error), ERROR) from None
    line = _past(chosen) + ": " + told(result.counts, time.monotonic() - started)
    if html:
        _write_page(html, result, str(against), str(rules), line)
    if as_json:
        print(encode(_as_json(result)).decode())
    else:
        _show(result.differences)
    complain(line)
    return bool(result.differences)


async def _run(chosen: Chosen, old: "RuleSet", new: "RuleSet", folder: Path, stopped: Callable[[], bool]) -> "Result":
    from streams.replay.backtest import backtest
    from streams.replay.past import Past

    source = await chosen.source({}, {})
    with progress() as tell:
        past = Past(source, chosen.asked, folder, known={}, tell=tell, stopped=stopped)
        return await backtest(past, old, new, chosen.asked.span.until)


def _past(chosen: Chosen) -> str:
    how = "claims as they were read then" if chosen.asked.stage == "claims" else "articles, read again"
    span = chosen.asked.span
    since = f", from {span.since:%Y-%m-%d %H:%M}" if span.since else ""
    until = f", to {span.until:%Y-%m-%d %H:%M}" if span.until else ""
    return how + since + until


def _write_page(path: Path, result: "Result", old: str, new: str, line: str) -> None:
    from streams.replay.page import page

    try:
        path.write_text(page(result, old_name=old, new_name=new, told=line), encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.", ERROR) from None


def _as_json(result: "Result") -> dict[str, object]:
    return {
        "same": not result.differences,
        "old": {"hash": result.rules_old.hash, "alerts": sum(map(len, result.old.by_key.values()))},
        "new": {"hash": result.rules_new.hash, "alerts": sum(map(len, result.new.by_key.values()))},
        "counts": dict(result.counts),
        "differences": result.differences,
    }


def _show(found: "list[Difference]") -> None:
    from rich.table import Table
    from rich.text import Text

    from streams.cli.present import console

    screen = console()
    if not found:
        screen.print("The same alerts.")
        return
    rows = [_row(one) for one in found]
    if not screen.is_terminal:
        for row in rows:
            print("\t".join(row))
        return
    table = Table("what", "old", "new", "series", "sentence", box=None, pad_edge=False, header_style="bold", expand=True)
    for row in rows:
        table.add_row(*map(Text, row))
    screen.print(table)


def _row(one: "Difference") -> tuple[str, ...]:
    """What differs, when under the old and the new rules, the series, the sentence; each one line of clean text."""
    from streams.cli.present import clean

    what = one.kind.replace("_", " ") + ("" if one.what == "alert" else f" ({one.what})")
    cells = (what, _cell(one.old), _cell(one.new), " ".join((one.rule, *one.group.values())), one.mark.sentence or one.mark.value)
    return tuple(clean(" ".join(cell.split())) for cell in cells)


def _cell(mark: "Mark | None") -> str:
    return f"{mark.at:%Y-%m-%d %H:%M} {mark.level or mark.transition}" if mark else "-"
