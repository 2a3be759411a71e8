"""What the gazetteer names, what names look like, and what a model found, as one list without overlaps."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from schemas.figure import EntityType
from streams.core import text as texts
from streams.core.entities.borders import trimmed
from streams.core.entities.evidence import evidence
from streams.core.entities.gazetteer import Mention, mentions
from streams.core.entities.names import Names, standard
from streams.core.entities.shapes import Shape, shapes
from streams.core.entities.span import Span

__all__ = ["SURE", "Named", "gathered", "merged", "without_overlaps"]


@dataclass(frozen=True, slots=True)
class Named:
    """``text[start:end]`` as it will be an entity. `how` it was found: "listed" in the lexicon, by its "shape", by a "model"; a "loose"
    one is a capitalised word that counts only if it is a later mention of a name, an "other" one is no entity and holds none."""

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
LEAST: Mapping[EntityType, float] = {"person": 0.6, "organisation": 0.65, "place": 0.75}
"""A name that only the model found is dropped where the model is less sure: a product, a film, the first word of a sentence."""
_FOLLOWERS = frozenset({"agents", "officers", "officials", "sources", "party", "administration", "secretary"})
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
        found += _sentence(text, tokens, listed, shapes(text, tokens, taken, span.kind), (span.start, span.end))
    return found


def _sentence(text: str, tokens: texts.Tokens, listed: Sequence[Mention], shaped: Sequence[Shape], inside: tuple[int, int]) -> list[Named]:
    named = [
        one
        for mention in listed
        if mention.entry.use in ("plain", "alone", "contested") and mention.entry.id not in _UNNAMED and _at_home(text, mention)
        for one in _listed(text, tokens, mention, inside)
    ]
    named += [_shaped(text, tokens, shape, inside) for shape in shaped]
    return without_overlaps(named)


def _shaped(text: str, tokens: texts.Tokens, shape: Shape, inside: tuple[int, int]) -> Named:
    start, end = tokens.starts[shape.first], tokens.ends[shape.last - 1]
    if shape.type is None or shape.type == "other":
        return Named(start, end, "person", shape.score, shape.type or "loose", sentence=inside)
    word = standard().words.get(text[start:end]) if shape.type == "organisation" else None
    if word is None:
        return Named(start, end, shape.type, shape.score, "shape", sentence=inside)
    return Named(start, end, shape.type, shape.score, "shape", word.id, word.name, word.country, sentence=inside)


def _listed(text: str, tokens: texts.Tokens, mention: Mention, inside: tuple[int, int]) -> Iterator[Named]:
    """A name of the lexicon as an entity: of "Border Patrol agents" without the agents, of "Panama's migration service" both."""
    entry, first, last = mention.entry, mention.first, mention.last
    whole = text[tokens.starts[last - 1]].isupper() and tokens.words[last - 1] not in ("administration", "secretary")
    if tokens.words[last - 1] in _FOLLOWERS and text[tokens.starts[first]].isupper() and not whole:
        if tokens.words[last - 1] == "administration":
            yield Named(tokens.starts[first], tokens.ends[last - 2], "person", 0.8, "shape", sentence=inside)
            return
        last -= 1
    if tokens.words[first] == "the" and entry.type == "organisation":
        first += 1
    owner = entry.parts.index("'s") if "'s" in entry.parts else 0
    if owner and entry.country is not None and _country(entry.parts[:owner], entry.country):
        start, end = tokens.starts[first], tokens.ends[first + owner - 1]
        yield Named(start, end, "place", 0.9, "listed", entry.country, "", entry.country, sentence=inside)
        if entry.parts[owner + 1][0].islower():
            return
        first += owner + 1
    start, end = tokens.starts[first], tokens.ends[last - 1]
    yield Named(start, end, entry.kind, _score(mention), "listed", entry.id, entry.name, entry.country, mention.flags, inside)


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


def without_overlaps(named: Sequence[Named], last: str = "") -> list[Named]:
    """The longest names win, of equal ones the listed; those that were found in the way `last` win over none."""
    if len(named) < 2:
        return list(named)
    kept: list[Named] = []
    starts: list[int] = []
    for one in sorted(named, key=lambda one: (one.how == last, one.start - one.end, one.how != "listed")):
        at = bisect_left(starts, one.start)
        if (at == 0 or kept[at - 1].end <= one.start) and (at == len(kept) or kept[at].start >= one.end):
            kept.insert(at, one)
            starts.insert(at, one.start)
    return kept


def merged(text: str, gathered: Sequence[Named], spans: Sequence[Span]) -> list[Named]:
    """The gazetteer's names with a model's spans, where there are any."""
    if spans:
        shaped = {(one.start, one.end, one.type) for one in gathered if one.how == "shape"}
        model = [found for span in spans if (found := trimmed(text, span)) is not None]
        believed = [one for one in model if one.score >= LEAST[one.type] or (one.start, one.end, one.type) in shaped or _word(text, one)]
        gathered = _Merging(text, gathered, believed).merged()
    return [named for named in gathered if named.how != "other"]


def _word(text: str, span: Span) -> bool:
    """Is it an organisation that is called like a word, and the model thinks so too?"""
    return span.type == "organisation" and text[span.start : span.end] in standard().words


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
        return without_overlaps(kept)

    def _known(self, other: Named) -> Named:
        """A name that only the model found ("Iran" of "Iran-backed"), linked where the text or the lexicon has the same."""
        quote = self.text[other.start : other.end]
        same = next((ours for ours in self.gathered if ours.id and self.text[ours.start : ours.end] == quote), None)
        if same is not None:
            return replace(other, type=same.type, id=same.id, name=same.name, country=same.country, flags=same.flags)
        entries = standard().by_words.get(tuple(quote.lower().split()), ())
        entry = next((entry for entry in entries if entry.use == "plain" and " ".join(entry.parts) == quote), None)
        if entry is None and other.type == "organisation":
            entry = standard().words.get(quote)
        if entry is None or other.type == "person":
            return other
        return replace(other, type=entry.kind, id=entry.id, name=entry.name, country=entry.country)

    def _winner(self, ours: Named, theirs: Sequence[Named]) -> Named | None:
        """What stands for one of ours and the model's that cross it; None: the model's."""
        if ours.how == "other":
            return ours
        if ours.how == "loose":
            return self._loose(ours, theirs)
        if not theirs:
            return ours if ours.how == "listed" or ours.score >= SURE or not self._read(ours.sentence) else None
        if len(theirs) > 1:
            return ours if ours.how == "listed" or ours.type == "organisation" else None
        other = theirs[0]
        if ours.how == "listed":
            return self._listed(ours, other)
        return self._shaped(ours, other)

    def _loose(self, ours: Named, theirs: Sequence[Named]) -> Named | None:
        """A run of capitals: with an unknown given name before a person's family name it is that person."""
        other = theirs[0] if len(theirs) == 1 else None
        if other is not None and other.type == "person" and other.end == ours.end and ours.sentence[0] < ours.start < other.start:
            return replace(other, start=ours.start)
        return None if theirs else ours

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
        sure = ours.score >= 0.8 or (ours.score >= SURE and ours.type == other.type)
        if sure and ours.start <= other.start and other.end <= ours.end:
            return ours
        return None
