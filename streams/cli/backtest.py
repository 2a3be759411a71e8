"""`newsgauge backtest`: what two rule sets, or two readers, make of the same past, and where they differ."""

import time
import traceback
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from streams.cli.differing import as_json, show
from streams.cli.options import USAGE, Bootstrap, CommandError, Config, Json, complain, on_kafka, print_json, until_stopped, writable
from streams.cli.past import Chosen, Files, Jobs, Since, Topics, Until, choose, progress, refused, saying, told
from streams.cli.rules import rule_set

if TYPE_CHECKING:
    from streams.core.rules import RuleSet
    from streams.replay.backtest import Result

__all__ = ["backtest"]

DIFFERS = 1
ERROR = 2


def backtest(
    rules: Annotated[Path, typer.Option("--rules", metavar="NEW", help="The new rules.")],
    against: Annotated[
        Path | None, typer.Option("--against", metavar="OLD", help="The old rules [default with --reader: those of --rules]")
    ] = None,
    reader: Annotated[
        bool, typer.Option("--reader", help="Also compare what the stored claims say with what today's reader makes of the same articles.")
    ] = False,
    files: Files = None,
    since: Since = None,
    until: Until = None,
    topics: Topics = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page with a chart of each series.")] = None,
    json: Json = False,
    jobs: Jobs = 1,
    bootstrap: Bootstrap = None,
    config: Config = None,
) -> None:
    """Compare two rule sets, or two readers, over the same past.

    Says which alerts the new rules add and remove, which come or end earlier or later, and which reach another level, each with the
    sentence that decided. From claims only the rules differ, since every figure is as it was read then; from articles all is read again,
    with both rule sets on the same reading.

    With --reader it says which figures are read differently than when they were stored, and which alerts differ because of that. Both
    readings are played in the order of publication, so that nothing else differs. With --against too, the alerts that differ because of
    the rules come first, on the stored reading.

    Exit status: 0 nothing differs, 1 something does, 2 it could not be done.

    \b
    Examples:
      newsgauge backtest --rules new.yaml --against rules.yaml --from 90d
      newsgauge backtest --rules new.yaml --against rules.yaml --html report.html stories.jsonl
      newsgauge backtest --rules rules.yaml --reader claims.jsonl.gz articles.jsonl.gz
    """
    if against is None and not reader:
        raise CommandError("backtest compares with --against OLD, with the reader of then (--reader), or with both.", USAGE)
    try:
        chosen = choose(files, since, until, topics, jobs, bootstrap, config, pinned=True, both=reader)
        differs = _backtest(chosen, rules, against or rules, html, json=json, reader=reader)
    except (CommandError, typer.Exit, BrokenPipeError):
        raise
    except Exception:
        # Whatever it is, it must not leave with the status that means "other alerts".
        traceback.print_exc()
        raise typer.Exit(ERROR) from None
    if differs:
        raise typer.Exit(DIFFERS)


def _backtest(chosen: Chosen, rules: Path, against: Path, html: Path | None, *, json: bool, reader: bool) -> bool:
    new, old = rule_set(rules), rule_set(against)
    writable(html)
    started = time.monotonic()
    with saying(), until_stopped() as stopped, TemporaryDirectory(prefix="newsgauge-backtest-") as scratch:
        result = on_kafka(chosen.settings, _run(chosen, old, new, Path(scratch), stopped.is_set, reader=reader))
    if not result.counts.get("read") and not result.counts.get("claims") and (reasons := refused(result.counts)):
        raise CommandError(f"Nothing of this past can be read: {', '.join(reasons)}.", ERROR)
    line = _past(chosen, reader=reader) + ": " + told(result.counts, time.monotonic() - started)
    if html:
        _write_page(html, result, str(against), str(rules), line)
    if json:
        print_json(as_json(result))
    else:
        show(result)
    complain(line)
    return not result.same


async def _run(chosen: Chosen, old: "RuleSet", new: "RuleSet", folder: Path, stopped: Callable[[], bool], *, reader: bool) -> "Result":
    from streams.replay.backtest import backtest, backtest_reader
    from streams.replay.past import Past
    from streams.replay.rereading import Rereading

    source, until = await chosen.source({}, {}), chosen.asked.span.until
    with progress() as tell:
        past = Past(source, chosen.asked, folder, known={}, tell=tell, stopped=stopped)
        if reader:
            return await backtest_reader(Rereading(past, await chosen.articles(), chosen.asked, folder), old, new, until)
        return await backtest(past, old, new, until)


def _past(chosen: Chosen, *, reader: bool) -> str:
    how = "claims as they were read then" if chosen.asked.stage == "claims" else "articles, read again"
    span = chosen.asked.span
    since = f", from {span.since:%Y-%m-%d %H:%M}" if span.since else ""
    until = f", to {span.until:%Y-%m-%d %H:%M}" if span.until else ""
    return how + (", and their articles, read again" if reader else "") + since + until


def _write_page(path: Path, result: "Result", old: str, new: str, line: str) -> None:
    from streams.replay.page import page

    try:
        path.write_text(page(result, old_name=old, new_name=new, told=line), encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.", ERROR) from None
