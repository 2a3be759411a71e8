"""What the gazetteer names, what names look like, and what a model found, as one list without overlaps."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from schemas.figure import EntityType
from streams.core import text as texts
from streams.core.entities.borders import trimmed
from streams.core.entities.evidence import evidence
from streams.core.entities.gazetteer import Mention, mentions
from streams.core.entities.names import Names, standard
from streams.core.entities.shapes import Shape, shapes
from streams.core.entities.span import Span

__all__ = ["Named", "gathered", "merged"]


@dataclass(frozen=True, slots=True)
class Named:
    """``text[start:end]`` as it will be an entity. `how` it was found: "listed" in the lexicon, by its "shape", by a "model"; a "loose"
    one is a capitalised word that counts only if it is a later mention of a name."""

    start: int
    end: int
    type: EntityType
    score: float
    how: str
    id: str = ""
    name: str = ""
    country: str | None = None
    flags: tuple[str, ...] = ()
    sentence: tuple[int, int] = (0, 0)
    """Where its sentence begins and ends, of what the gazetteer found."""


SURE = 0.7  # a shape with less is dropped where a model has read the sentence
_FOLLOWERS = frozenset({"agents", "officers", "officials", "sources", "party", "administration"})
_UNNAMED = frozenset({"world", "us-nationwide", "police"})  # of the lexicon for claims, and no names


def gathered(text: str, home: str | None, names: Names | None) -> list[Named]:
    """The names of the gazetteer and of shapes, in order of place; a shape that holds listed names stands for them."""
    found: list[Named] = []
    for span in texts.spans(text):
        tokens = texts.tokens(text, span.start, span.end)
        listed = mentions(text, tokens, home, names)
        taken = [False] * len(tokens.words)
        for mention in listed:
            if mention.entry.use != "bare":
                taken[mention.first : mention.last] = [True] * (mention.last - mention.first)
        inside = (span.start, span.end)
        found += (replace(one, sentence=inside) for one in _sentence(text, tokens, listed, shapes(text, tokens, taken, span.kind)))
    return found


def _sentence(text: str, tokens: texts.Tokens, listed: Sequence[Mention], shaped: Sequence[Shape]) -> Iterator[Named]:
    named = [
        one
        for mention in listed
        if mention.entry.use in ("plain", "alone", "contested") and mention.entry.id not in _UNNAMED and _at_home(text, mention)
        for one in _listed(text, tokens, mention)
    ]
    for shape in shaped:
        start, end = tokens.starts[shape.first], tokens.ends[shape.last - 1]
        named.append(Named(start, end, shape.type or "person", shape.score, "shape" if shape.type else "loose"))
    return iter(_without_overlaps(named))


def _listed(text: str, tokens: texts.Tokens, mention: Mention) -> Iterator[Named]:
    """A name of the lexicon as an entity: of "Border Patrol agents" without the agents, of "Panama's migration service" both."""
    entry, first, last = mention.entry, mention.first, mention.last
    if tokens.words[last - 1] in _FOLLOWERS and text[tokens.starts[first]].isupper() and text[tokens.starts[last - 1]].islower():
        if tokens.words[last - 1] == "administration":
            return
        last -= 1
    owner = entry.parts.index("'s") if "'s" in entry.parts else 0
    if owner and entry.country is not None and _country(entry.parts[:owner], entry.country):
        yield Named(tokens.starts[first], tokens.ends[first + owner - 1], "place", 0.9, "listed", entry.country, "", entry.country)
        if entry.parts[owner + 1][0].islower():
            return
        first += owner + 1
    start, end = tokens.starts[first], tokens.ends[last - 1]
    yield Named(start, end, entry.kind, _score(mention), "listed", entry.id, entry.name, entry.country, mention.flags)


def _at_home(text: str, mention: Mention) -> bool:
    """Not "the northern border" where the text is about another country than that whose border is called so."""
    return mention.entry.use != "alone" or evidence(text).main in (None, mention.entry.country, "MX", "CA")


def _country(parts: Sequence[str], country: str) -> bool:
    """Are the words the name of the country?"""
    return any(entry.id == country for entry in standard().by_words.get(tuple(part.lower() for part in parts), ()))


def _score(mention: Mention) -> float:
    if not mention.entry.id:
        return 0.5
    return 0.6 if mention.entry.use == "alone" or mention.flags else 0.9


def _without_overlaps(named: Sequence[Named]) -> list[Named]:
    """The longest names win, of equal ones the listed."""
    kept: list[Named] = []
    for one in sorted(named, key=lambda one: (one.start - one.end, one.how != "listed", one.start)):
        if not any(one.start < other.end and other.start < one.end for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


def merged(text: str, gathered: Sequence[Named], spans: Sequence[Span]) -> list[Named]:
    """The gazetteer's names with a model's spans, where there are any."""
    if not spans:
        return list(gathered)
    model = [found for span in spans if (found := trimmed(text, span)) is not None]
    return _Merging(text, gathered, model).merged()


class _Merging:
    """The gazetteer knows what it lists and its borders; of everything else the model knows more than a shape."""

    def __init__(self, text: str, gathered: Sequence[Named], model: Sequence[Span]) -> None:
        self.text = text
        self.gathered = gathered
        self.model = [Named(span.start, span.end, span.type, span.score, "model") for span in model]
        self.starts = sorted(span.start for span in model)

    def merged(self) -> list[Named]:
        kept: list[Named] = []
        used: set[int] = set()
        for ours in self.gathered:
            theirs = [(at, other) for at, other in enumerate(self.model) if ours.start < other.end and other.start < ours.end]
            winner = self._winner(ours, [other for _, other in theirs])
            if winner is not None:
                kept.append(winner)
                used.update(at for at, _ in theirs)
        kept += [self._known(other) for at, other in enumerate(self.model) if at not in used]
        return _without_overlaps(kept)

    def _known(self, other: Named) -> Named:
        """A name that only the model found ("Iran" of "Iran-backed"), linked where the text or the lexicon has the same."""
        quote = self.text[other.start : other.end]
        same = next((ours for ours in self.gathered if ours.id and self.text[ours.start : ours.end] == quote), None)
        if same is not None:
            return replace(other, type=same.type, id=same.id, name=same.name, country=same.country, flags=same.flags)
        entries = standard().by_words.get(tuple(quote.lower().split()), ())
        entry = next((entry for entry in entries if entry.use == "plain" and " ".join(entry.parts) == quote), None)
        if entry is None or other.type == "person":
            return other
        return replace(other, type=entry.kind, id=entry.id, name=entry.name, country=entry.country)

    def _winner(self, ours: Named, theirs: Sequence[Named]) -> Named | None:
        """What stands for one of ours and the model's that cross it; None: the model's."""
        if ours.how == "loose":
            return None if theirs else ours
        if not theirs:
            return ours if ours.how == "listed" or ours.score >= SURE or not self._read(ours.sentence) else None
        if len(theirs) > 1:
            return ours if ours.how == "listed" or ours.type == "organisation" else None
        other = theirs[0]
        if ours.how == "listed":
            return self._listed(ours, other)
        return self._shaped(ours, other)

    def _read(self, sentence: tuple[int, int]) -> bool:
        """Has the model named anything in the sentence? It need not have read the whole text."""
        at = bisect_left(self.starts, sentence[0])
        return at < len(self.starts) and self.starts[at] < sentence[1]

    def _listed(self, ours: Named, other: Named) -> Named | None:
        """One that the lexicon lists: the model's longer name holds it ("Texas National Guard"), else it stands."""
        longer = other.start <= ours.start and ours.end <= other.end and (other.start, other.end) != (ours.start, ours.end)
        if longer and not (ours.type == other.type == "place" and not self._capital(other, ours)):
            return None
        if other.type == "person" and ours.type == "place" and (other.start, other.end) == (ours.start, ours.end) and ours.flags:
            return None
        return ours

    def _capital(self, other: Named, ours: Named) -> bool:
        """Has the model's longer name capitals beyond ours?"""
        beyond = self.text[other.start : ours.start] + self.text[ours.end : other.end]
        return any(letter.isupper() for letter in beyond)

    def _shaped(self, ours: Named, other: Named) -> Named | None:
        if (ours.start, ours.end) == (other.start, other.end):
            return replace(ours, score=max(ours.score, other.score)) if ours.type == other.type or ours.score >= 0.8 else None
        if ours.score >= 0.8 and ours.start <= other.start and other.end <= ours.end:
            return ours
        return None
