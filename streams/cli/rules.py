"""`newsgauge rules`: check rule files, test them on written stories, put them in force, and see what they hold."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streams.cli.options import (
    FAILURE,
    USAGE,
    Bootstrap,
    Config,
    Json,
    NamesFile,
    complain,
    counted,
    load_settings,
    on_kafka,
    print_json,
    text_of,
    use_names,
)

if TYPE_CHECKING:
    from streams.core.cases import CaseFile
    from streams.core.rules import RuleFile, RuleSet
    from streams.core.verdict import Outcome
    from streams.core.yamlfile import Fault, Written

__all__ = ["app", "rule_set"]

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _rules() -> None:
    """Rule files: check, test, show, put in force.

    \b
    Examples:
      newsgauge rules check my-rules.yaml
      newsgauge rules test my-rules.test.yaml
      newsgauge rules show
      newsgauge rules apply my-rules.yaml
    """


@app.command("check")
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Rule files.")],
    strict: Annotated[bool, typer.Option("--strict", help="Warnings make the exit status 1.")] = False,
    names: NamesFile = None,
) -> None:
    """Find faults in rule files.

    Every fault is named with file, line and column, and the exit status is 2. What is valid and hardly meant is a warning: a place or
    an office that no text can name, a unit that no figure of the indicator has, voices that never suffice, a summary that fails.

    \b
    Examples:
      newsgauge rules check my-rules.yaml
      newsgauge rules check --strict rules/*.yaml
    """
    from streams.core.advice import advise
    from streams.core.yamlfile import Written

    use_names(names)
    bad = warned = False
    for file in files:
        written = _written(file)
        if not isinstance(written, Written):
            bad = True
            _complain(written)
            continue
        advice = advise(written)
        warned = warned or bool(advice)
        _complain(advice, "warning: ")
        print(f"{file}: ok, {counted(len(written.content.rules), 'rule')}" + (f", {counted(len(advice), 'warning')}" if advice else ""))
    if bad:
        raise typer.Exit(USAGE)
    if strict and warned:
        raise typer.Exit(FAILURE)


@app.command("test")
def test(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files of tests.")],
    names: NamesFile = None,
    json: Json = False,
) -> None:
    """Run written tests of rules, without a broker.

    A file of tests names its rule file. Each test gives articles (or single figures) with their times, and the transitions that must
    come of them; what came instead is shown beside what was expected. Exit status: 0 all hold, 1 one fails, 2 a file has faults.

    \b
    Examples:
      newsgauge rules test my-rules.test.yaml
      newsgauge rules test rules/*.test.yaml --json | jq 'select(.ok | not)'
    """
    from streams.core.verdict import try_case

    use_names(names)
    outcomes: list[Outcome] = []
    loaded = [(file, *_cases(file)) for file in files]
    for file, written, rules in loaded:
        if not json:
            print(f"{file} (rules: {written.content.rules})")
        for case in written.content.tests:
            outcome = try_case(case, rules)
            outcomes.append(outcome)
            _tell(file, outcome, json)
    failed = sum(not outcome.ok for outcome in outcomes)
    if not json:
        print(f"{counted(len(outcomes), 'test')}, {failed} failed" if failed else f"{counted(len(outcomes), 'test')}, all ok")
    if failed:
        raise typer.Exit(FAILURE)


@app.command("show")
def show(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A rule file [default: the configured one]", show_default=False)
    ] = None,
    rule: Annotated[str | None, typer.Option(metavar="ID", help="Only this rule.")] = None,
    live: Annotated[bool, typer.Option("--live", help="What the worker's rules hold now, from Kafka.")] = False,
    json: Json = False,
    bootstrap: Bootstrap = None,
    config: Config = None,
) -> None:
    """Say in words what each rule asks for, and what it holds.

    With --live (or --bootstrap) the rules in force and their state are read from Kafka: open alerts with level, figures, voices and
    sentence, when they expire, and which of the newest claims each rule took or refused, and why.

    \b
    Examples:
      newsgauge rules show
      newsgauge rules show my-rules.yaml --rule sw-border-daily
      newsgauge rules show --live
      newsgauge rules show --bootstrap 127.0.0.1:9092 --json | jq '.series[].level'
    """
    from streams.cli import rules_live, rules_told

    settings = load_settings(config, bootstrap=bootstrap)
    given = rule_set(file) if file else None
    if live or bootstrap:
        state = on_kafka(settings, rules_live.state(settings, given))
        rules = rules_told.chosen(state.rules.rules, rule)
        rules_told.show_state(rules, state, json=json)
    else:
        rules = rules_told.chosen((given or rule_set(settings.rules)).rules, rule)
        rules_told.show_rules(rules, json=json)


@app.command("apply")
def apply(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A rule file.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing: say which open alerts would change.")] = False,
    json: Json = False,
    bootstrap: Bootstrap = None,
    config: Config = None,
) -> None:
    """Put a rule file in force for all workers.

    The file is checked first; one with faults is refused before anything is written (exit status 2). Its text goes into the topic
    `rules`, and a record into each partition of `claims`: at that record every worker changes over, and so does every replay. Open
    alerts of unchanged rules stay; of rules that are gone or changed they are closed or change level.

    \b
    Examples:
      newsgauge rules apply my-rules.yaml --dry-run
      newsgauge rules apply my-rules.yaml
    """
    from streams.cli import rules_live, rules_told

    rules, text = rule_set(file), text_of(file)
    settings = load_settings(config, bootstrap=bootstrap)
    if dry_run:
        rules_told.show_changes(rules, on_kafka(settings, rules_live.changes(settings, rules)), json=json)
        return
    partitions = on_kafka(settings, rules_live.apply(settings, rules, text))
    if json:
        print_json({"rules": len(rules.rules), "hash": rules.hash, "partitions": partitions})
    else:
        print(f"{counted(len(rules.rules), 'rule')} in force: hash {rules.hash}, written to {counted(partitions, 'partition')} of claims")


def rule_set(file: Path) -> "RuleSet":
    """The rules of a file. Where it has faults they are told, each on a line, and the command ends with exit status 2."""
    from streams.core.claims import FAMILY_OF
    from streams.core.rules import RuleSet, parse

    found = parse(text_of(file), file=str(file), family_of=dict(FAMILY_OF))
    if isinstance(found, RuleSet):
        return found
    raise _refused(found)


def _refused(faults: "Iterable[Fault]") -> typer.Exit:
    _complain(faults)
    return typer.Exit(USAGE)


def _written(file: Path) -> "Written[RuleFile] | tuple[Fault, ...]":
    from streams.core.claims import FAMILY_OF
    from streams.core.rules import read

    return read(text_of(file), file=str(file), family_of=dict(FAMILY_OF))


def _cases(file: Path) -> "tuple[Written[CaseFile], RuleSet]":
    """A file of tests with its rules. Faults of either are told, and the command ends with exit status 2."""
    from streams.core.cases import check, read_cases
    from streams.core.yamlfile import Written

    written = read_cases(text_of(file), file=str(file))
    if not isinstance(written, Written):
        raise _refused(written)
    path = file.parent / written.content.rules
    if not path.is_file():
        raise _refused([written.fault(("rules",), f"there is no rule file {path}")])
    rules = rule_set(path)
    if faults := check(written, rules):
        raise _refused(faults)
    return written, rules


def _tell(file: Path, outcome: "Outcome", json: bool) -> None:
    from streams.cli import rules_told

    if json:
        print_json({"file": str(file)} | rules_told.outcome_json(outcome))
    else:
        print("\n".join(rules_told.outcome_lines(outcome)), flush=True)


def _complain(faults: "Iterable[Fault]", kind: str = "") -> None:
    for fault in faults:
        complain(f"{fault.file}:{fault.line}:{fault.column}: {kind}{fault.message}")
