"""Articles with their names marked (examples/entities.txt): read, and scored."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from schemas.figure import Entity

EXAMPLES = Path(__file__).parent / "examples" / "entities.txt"
_HEAD = re.compile(r"== (\S+) (\S+)( aside)?")
_MARK = re.compile(r"\[([^\[\]]+)\]\((person|organisation|place) ([^()]+)\)")


@dataclass(frozen=True, slots=True)
class Name:
    """A marked name; `link` is None where nothing should be linked."""

    start: int
    end: int
    type: str
    link: str | None


@dataclass(frozen=True, slots=True)
class Marked:
    """An article as plain text, and what is marked in it."""

    title: str
    home: str | None
    aside: bool
    text: str
    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """Shares of 1. Strict: borders and type as marked; relaxed: the type, and borders that cross. `link_precision`: of the links given
    to names that are marked, those that are right; `link_recall`: of the links that are marked, those that were given."""

    strict: float
    relaxed: float
    link_precision: float
    link_recall: float


def articles(path: Path = EXAMPLES) -> list[Marked]:
    """All articles of the file."""
    found: list[Marked] = []
    for block in re.split(r"\n(?=== )", path.read_text(encoding="utf-8"))[1:]:
        head, _, body = block.partition("\n")
        match = _HEAD.fullmatch(head)
        assert match is not None, head
        text, names = _plain(body.strip())
        found.append(Marked(match[1], None if match[2] == "-" else match[2], bool(match[3]), text, names))
    return found


def _plain(marked: str) -> tuple[str, tuple[Name, ...]]:
    text, names, at = "", [], 0
    for match in _MARK.finditer(marked):
        text += marked[at : match.start()]
        names.append(Name(len(text), len(text) + len(match[1]), match[2], None if match[3] == "-" else match[3]))
        text += match[1]
        at = match.end()
    return text + marked[at:], tuple(names)


def linked(entity: Entity) -> str | None:
    """What the entity is linked to, as the file writes it."""
    return entity.name if entity.type == "person" else entity.id


def score(read: Callable[[Marked], Sequence[Entity]], marked: Iterable[Marked]) -> Scores:
    """How well `read` finds what is marked."""
    strict = relaxed_gold = relaxed_found = gold = given = right = told = wanted = 0
    for article in marked:
        found = read(article)
        gold += len(article.names)
        given += len(found)
        exact = {(name.start, name.end, name.type) for name in article.names}
        strict += sum((entity.start, entity.end, entity.type) in exact for entity in found)
        relaxed_found += sum(any(_meet(entity, name) for name in article.names) for entity in found)
        relaxed_gold += sum(any(_meet(entity, name) for entity in found) for name in article.names)
        for name in article.names:
            link = next((linked(entity) for entity in found if _meet(entity, name)), None)
            wanted += name.link is not None
            told += link is not None and not (name.type == "person" and name.link is None)
            right += link is not None and link == name.link
    return Scores(
        strict=_f1(strict / max(1, given), strict / max(1, gold)),
        relaxed=_f1(relaxed_found / max(1, given), relaxed_gold / max(1, gold)),
        link_precision=right / max(1, told),
        link_recall=right / max(1, wanted),
    )


def _meet(entity: Entity, name: Name) -> bool:
    return entity.type == name.type and entity.start < name.end and name.start < entity.end


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
