"""`newsgauge explain`: a text with every figure marked, and what was read from each."""

from collections import deque
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schemas.article import Article
from schemas.codec import SchemaError, decode
from schemas.figure import Claim
from streams.cli.inputs import STDIN, Bad, article_of_text, format_of, lines, opened
from streams.cli.options import USAGE, CommandError, Json, NamesFile, counted, load_settings, print_json, use_names, utc_now

if TYPE_CHECKING:
    from streams.cli.explain_entities import Explainer
    from streams.cli.present import Mark, Told
    from streams.core.claims import Reading, Silent

__all__ = ["explain"]

LONGEST_NAME = 255
"""Characters of a file name; a longer argument is a text."""


def explain(
    source: Annotated[str, typer.Argument(metavar="TEXT|FILE", help="A text, or a file of plain text or JSON lines; - is standard input.")],
    published: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="When it was published, for 'this month' [default: its head's, else today]"),
    ] = None,
    rule: Annotated[
        str | None, typer.Option(metavar="ID", help="Say step by step what this rule makes of each figure, and what would come of it.")
    ] = None,
    entities: Annotated[
        bool, typer.Option("--entities", help="Show the people, organisations and places instead, found as the setting `entities` says.")
    ] = False,
    rules: Annotated[Path | None, typer.Option(metavar="FILE", help="Where the rule stands [default: the configured rule file]")] = None,
    names: NamesFile = None,
    json: Json = False,
) -> None:
    """Show what is read from a text, figure by figure.

    The text is printed with every figure marked. Below each sentence stands what was read from its figures: the indicator, the interval
    of values, unit and period, whether it is asserted, the dates it is about, place, attribution, and the confidence with its reasons;
    and for a number that is no claim, why not.

    \b
    Examples:
      newsgauge explain "Nearly 200 migrants were rescued off Lampedusa on Sunday, the coast guard said."
      newsgauge explain story.txt --published 2024-01-31
      newsgauge explain story.txt --json | jq .claims
      newsgauge explain story.txt --rule sw-border-daily
      newsgauge explain story.txt --entities
    """
    if rules and not rule:
        raise CommandError("--rules says where a rule stands: say which with --rule.", USAGE)
    if entities and rule:
        raise CommandError("Give --rule or --entities, not both.", USAGE)
    use_names(names)
    explainer = _explainer(names) if entities else None
    for article in _articles(source, published):
        if rule:
            _against(article, rule, rules, names, json)
            continue
        when = _date(article.published)
        reading = _read(article, when)
        if explainer:
            explainer.explain(article, reading.claims, json=json)
        elif json:
            _print_json(article, when, reading)
        else:
            _print(article.text, reading)


def _against(article: Article, name: str, file: Path | None, names: Path | None, json: bool) -> None:
    from streams.cli.explain_rule import explain_rule
    from streams.cli.rules import rule_set
    from streams.cli.rules_told import chosen

    (rule,) = chosen(rule_set(file or load_settings(names=names).rules).rules, name)
    explain_rule(article, rule, now=utc_now(), json=json)


def _explainer(names: Path | None) -> "Explainer":
    from streams.cli.explain_entities import Explainer

    return Explainer(load_settings(names=names).entities)


def _articles(source: str, published: str | None) -> Iterator[Article]:
    """The text itself, or the articles of a file. CommandError where one cannot be read."""
    given = Article(text="", published=published)
    if not _is_file(source):
        yield _taken(article_of_text("the text", source.encode("utf-8", "surrogateescape"), given))
        return
    with opened(source) as stream:
        data = stream.read()
    if format_of(source, data, "auto") == "text":
        yield _taken(article_of_text(source, data, given))
        return
    for line in lines(source, data.splitlines()):
        try:
            article = decode(line.data, Article)
        except SchemaError as error:
            raise CommandError(f"{line.where}: {error}.", USAGE) from None
        yield article


def _is_file(source: str) -> bool:
    """Whether the argument names a file. A single word is meant to."""
    if source == STDIN or (len(source) <= LONGEST_NAME and "\n" not in source and Path(source).is_file()):
        return True
    if len(source.split()) == 1:
        raise CommandError(f"There is no file {source}.", USAGE)
    return False


def _taken(article: Article | Bad) -> Article:
    if isinstance(article, Bad):
        raise CommandError(f"{article}.", USAGE)
    return article


def _date(published: str | None) -> date:
    from streams.core.intake import parse_time

    if published is None:
        return utc_now().date()
    if (parsed := parse_time(published)) is None:
        raise CommandError(f"{published!r} is not an ISO 8601 date or time.", USAGE)
    return parsed[0].date()


def _read(article: Article, published: date) -> "Reading":
    from streams.core.claims import read
    from streams.core.intake import identify

    return read(article.text, published=published, document=identify(article)[0], version=article.version or 1, title=article.title)


def _print_json(article: Article, published: date, reading: "Reading") -> None:
    found = {"text": article.text, "published": published, "claims": reading.claims, "silent": reading.silent}
    print_json(found | {"quantities": reading.quantities})


def _print(text: str, reading: "Reading") -> None:
    """Sentence by sentence: each as one paragraph with its figures marked, then what was read from them."""
    from rich.text import Text

    from streams.cli.present import console, has_colour, marked, one_line, tell
    from streams.core.text import spans

    out = console()
    figures: list[Claim | Silent] = [*reading.claims, *reading.silent]
    found = deque(sorted(figures, key=lambda figure: figure.start))
    for span in spans(text):
        inside = []
        while found and found[0].start < span.end:
            inside.append(found.popleft())
        sentence = one_line(marked(text[span.start : span.end], _marks(inside, span.start), colour=has_colour(out)))
        tell(out, [sentence, *(line for figure in inside for line in _figure(figure))])
    claims, others = len(reading.claims), len(reading.silent)
    counts = f"{counted(claims, 'claim')}, {counted(others, 'number')} that claim nothing"
    out.print(Text("\n" + counts + (", and more than are read of one text" if reading.cut else ""), "dim"))


def _marks(figures: "list[Claim | Silent]", start: int) -> "list[Mark]":
    """Where the figures stand in a sentence that begins at `start`."""
    from streams.cli.present import FIGURE, NO_CLAIM, Mark

    return [
        Mark(figure.start - start, figure.end - start, FIGURE if isinstance(figure, Claim) else NO_CLAIM)
        for figure in figures
        if figure.start >= start
    ]


def _figure(figure: "Claim | Silent") -> "Told":
    """What was read from one figure, or why nothing."""
    from rich.text import Text

    from streams.cli.present import clean, reading_lines

    quote = clean(" ".join(figure.quote.split()))
    if not isinstance(figure, Claim):
        return [Text(f"{quote}  no claim: {figure.reason.replace('_', ' ')}", "dim")]
    first, *rest = reading_lines(figure)
    return [Text.assemble((quote, "bold green"), "  ", first), *(Text("  " + line) for line in rest)]
