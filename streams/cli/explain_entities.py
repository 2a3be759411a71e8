"""`newsgauge explain --entities`: the people, organisations and places of an article, each with its id and who found it."""

from dataclasses import asdict

from rich.text import Text

from schemas.article import Article
from schemas.codec import encode
from schemas.figure import Claim, Entity
from streams.cli.options import USAGE, CommandError, complain
from streams.cli.present import Mark, clean, console, has_colour, marked
from streams.core.effort import Entities
from streams.core.entities import Finder, home
from streams.core.naming import Named, name_all
from streams.models import ModelMissingError, recogniser
from streams.ports import Recogniser

__all__ = ["Explainer"]

STYLES = {"person": "bold yellow", "organisation": "bold cyan", "place": "bold green"}
HEAD = ("place in text", "name in text", "type", "id", "scheme", "name", "country", "score", "found by", "flags")


class Explainer:
    """As the setting `entities` says; by the gazetteer alone, and said so, where its model is not installed. CommandError for "off"."""

    def __init__(self, entities: Entities) -> None:
        if entities == "off":
            raise CommandError('entities = "off": no names are read. Set NEWSGAUGE_ENTITIES, say to gazetteer.', USAGE)
        self._entities, self._recogniser = _found(entities)

    def explain(self, article: Article, claims: tuple[Claim, ...], *, json: bool) -> None:
        """Print the names of one article."""
        recognize = self._recogniser.recognize
        (named,) = name_all([article.text], [claims], self._entities, recognize, [home(article.url)])
        if json:
            told = [asdict(entity) | {"by": by} for entity, by in zip(named.entities, named.by, strict=True)]
            print(encode({"text": article.text, "setting": self._entities, "cut": named.cut, "entities": told}).decode(), flush=True)
        else:
            self._print(article.text, named)

    def _print(self, text: str, named: Named) -> None:
        """The text with every name marked, then a row for each."""
        out = console()
        marks = [Mark(entity.start, entity.end, STYLES[entity.type]) for entity in named.entities]
        out.print(marked(text, marks, colour=has_colour(out)))
        rows = [HEAD, *(_row(entity, by) for entity, by in zip(named.entities, named.by, strict=True))]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        if named.entities:
            out.print(Text("\n" + lines[0], "dim"))
        for entity, line in zip(named.entities, lines[1:], strict=True):
            out.print(Text(line, STYLES[entity.type] if entity.id else ""))
        count = len(named.entities)
        cut = ", and more than the model reads of one text" if named.cut else ""
        out.print(Text(f"\n{count} name{'' if count == 1 else 's'}, by entities = {self._entities}{cut}", "dim"))


def _found(entities: Entities) -> tuple[Entities, Recogniser]:
    try:
        return entities, recogniser(entities)
    except ModelMissingError as error:
        complain(f"newsgauge: {error} Here the gazetteer reads alone.")
        return "gazetteer", recogniser("gazetteer")


def _row(entity: Entity, by: Finder) -> tuple[str, ...]:
    cells = (entity.quote, entity.type, entity.id or "-", entity.scheme or "-", entity.name or "-", entity.country or "-")
    quote, *others = (clean(" ".join(cell.split())) for cell in cells)
    return (f"{entity.start}-{entity.end}", quote, *others, f"{entity.score:.2f}", by, " ".join(entity.flags))
