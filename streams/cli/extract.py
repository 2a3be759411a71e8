"""`newsgauge extract`: JSON lines in, the figures that were read out. No broker, no configuration."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from schemas.codec import SchemaError, convert, encode, parse
from streams.cli.inputs import STDIN, Bad, Line, lines, opened
from streams.cli.options import FAILURE, NamesFile, complain, use_names
from streams.core.effort import Entities
from streams.core.untrusted import escaped

__all__ = ["extract"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One line of input. `id` is given back as it came."""

    text: str
    id: Any = None
    published: str | None = None
    title: str | None = None


def extract(
    file: Annotated[str, typer.Argument(metavar="FILE", help="JSON lines; - is standard input.")] = STDIN,
    entities: Annotated[
        Entities, typer.Option(metavar="HOW", help="How entities are recognised: off, gazetteer, model_on_claims or model.")
    ] = "gazetteer",
    names: NamesFile = None,
) -> None:
    """Read the figures from texts, without a broker.

    JSON lines in, JSON lines out.

    In: {"id": ..., "text": "...", "published": "2024-01-31" or null, "title": ...}; only "text" is required.
    Out, a line for each in the same order: {"id": ..., "claims": [...], "quantities": [...], "entities": [...]}.

    A quantity is anything measured; a claim is a quantity that reports something, with indicator, period, kind, modality, place and
    attribution. "start" and "end" count characters of the text: text[start:end] is "quote". "low" and "high" are null where open.

    A line that cannot be read is reported with file, line and reason; the others are read all the same, and the exit status is 1.

    \b
    Examples:
      echo '{"text": "Around 10,000 were apprehended daily at the southwest border."}' | newsgauge extract | jq
      newsgauge extract stories.jsonl --entities off > figures.jsonl
    """
    use_names(names)
    faults, shown = 0, sys.stdout.isatty()
    with opened(file) as stream:
        for result in _results(lines(file, stream), entities):
            if isinstance(result, Bad):
                faults += 1
                complain(str(result))
            else:
                sys.stdout.write(escaped(result) if shown else result)
                sys.stdout.flush()
    if faults:
        raise typer.Exit(FAILURE)


def _results(lines: Iterator[Line], entities: Entities) -> Iterator[str | Bad]:
    from streams.core.claims import read
    from streams.core.intake import parse_time
    from streams.core.naming import name_all
    from streams.models import recogniser

    recognize = recogniser(entities).recognize
    for line in lines:
        try:
            passage = convert(parse(line.data), Passage)
        except SchemaError as error:
            yield Bad(line.where, f"{error.reason}: {error}")
            continue
        when = parse_time(passage.published) if passage.published else None
        if passage.published and when is None:
            yield Bad(line.where, f"bad_published: {passage.published[:60]!r} is not an ISO 8601 date or time - at $.published")
            continue
        published = when[0].date() if when else None
        reading = read(passage.text, published=published, document=str(passage.id), version=1, title=passage.title)
        (named,) = name_all([passage.text], [reading.claims], entities, recognize)
        found = {"id": passage.id, "claims": reading.claims, "quantities": reading.quantities, "entities": named.entities}
        yield encode(found).decode() + "\n"
