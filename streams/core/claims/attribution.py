"""Who gives a figure: the words of the source and, where the lexicon knows it, the id of the office."""

from dataclasses import dataclass

from schemas.figure import Attribution
from streams.core import lexicon
from streams.core.claims.view import BE, HAVE, MODALS, View
from streams.core.quantities import Figure

__all__ = ["Source", "source", "sources"]

_WORDS = lexicon.table("attribution")["words"]
_INSIDE = frozenset(_WORDS["inside"])
_STOP = frozenset(_WORDS["stop"])
_NOUNS = frozenset(_WORDS["nouns"])
_PRONOUNS = frozenset(_WORDS["pronouns"])
_WEAK = frozenset(_WORDS["weak"])
_SKIP = frozenset(_WORDS["between"])
_PERSONS = {tuple(title.split()): office for office, titles in lexicon.table("offices")["person"].items() for title in titles}
_ISSUED = frozenset(_WORDS["issued"])
_TELLING = frozenset(_WORDS["telling"])
_GERUNDS = frozenset(_WORDS["gerunds"])
_UNSAID = frozenset(_WORDS["unsaid"])
_WORKS = frozenset(_WORDS["works"])
_PAPERS = frozenset(_WORDS["papers"])
_TOLD_OF = frozenset(_WORDS["told_of"])
_BEFORE_SUBJECTS = BE | HAVE | MODALS | frozenset(_WORDS["clause"])
_LIVES = frozenset(_WORDS["lives"])
_RELATIVE = frozenset({"that", "who", "which"})
_ARTICLES = frozenset({"the", "a", "an"})
_CONTRAST = frozenset({";", "but", "while", "although", "—"})
_QUOTES = frozenset({'"', "“", "”"})
_ENDS = frozenset({",", ";", "—", "–", ":", "(", ")", '"', ".", "!", "?"})
LONGEST = 14  # words of a source


@dataclass(frozen=True, slots=True)
class Source:
    """A source in a sentence: the words ``[first, last)`` that name it, where its verb or preposition stands, and its strength."""

    attribution: Attribution
    first: int
    last: int
    at: int
    how: str
    """according | say | inverted | act | alone | carried"""


def sources(view: View, before: Source | None = None) -> list[Source]:
    """Every source that the sentence names. A pronoun is resolved to the source of the sentence before."""
    found: list[Source] = []
    for hit in view.hits["source"]:
        kind = hit.values[0]
        if kind == "alone":
            found.append(Source(Attribution(text=view.slice(hit.first, hit.last)), hit.first, hit.last, hit.first, "alone"))
        elif kind == "according":
            end = _phrase_end(view, hit.last)
            if end > hit.last:
                found.append(_made(view, hit.last, end, hit.first, "according", before))
        else:
            subject = _subject(view, hit.first, hit.last, kind)
            if subject is not None:
                found.append(_made(view, *subject, before))
            elif hit.first == 0 and view.words[0] in _PAPERS and view.words[1:2] == ["that"]:
                found.append(Source(Attribution(text=view.slice(0, 1)), 0, 1, 0, "alone"))
    return found


def source(view: View, figure: Figure, found: list[Source], carried: Source | None) -> Source | None:
    """The source of one figure: the nearest, one with a verb of saying before one that only acts; else the one that is carried over."""
    best: tuple[float, Source] | None = None
    for item in found:
        if item.at >= figure.last:
            gap = view.gap(figure.last, item.at)
        else:
            gap = view.gap(min(max(item.at + 1, item.last), figure.left), figure.left)
        gap += {"alone": 6.0, "act": 20.0}.get(item.how, 0.0)
        gap += sum(
            4.0
            for other in view.figures
            if other is not figure and not other.sure and min(figure.first, item.at) < other.first < max(figure.first, item.at)
        )
        gap += 5.0 * sum(word in _CONTRAST for word in view.words[min(figure.first, item.at) : max(figure.first, item.at)])
        if best is None or gap < best[0]:
            best = (gap, item)
    if best is not None and (best[1].how not in ("act", "alone") or carried is None):
        return best[1]
    return carried or (best[1] if best else None)


def _made(view: View, first: int, last: int, at: int, how: str, before: Source | None) -> Source:
    text = view.slice(first, last)
    office = _office(view, first, last)
    if last - first == 1 and view.words[first] in _PRONOUNS:
        known = _antecedent(view, first, before)
        if known is None:
            return Source(Attribution(text=text), first, last, at, how)
        name = known.text.partition(" (")[2].rstrip(")") or known.text
        return Source(Attribution(text=f"{text} ({name})", id=known.id), first, last, at, how)
    return Source(Attribution(text=text, id=office), first, last, at, how)


def _antecedent(view: View, pronoun: int, before: Source | None) -> Attribution | None:
    """Whom the pronoun means: for "they", persons named earlier in the sentence; else the source of the sentence before."""
    if view.words[pronoun] in ("they", "we"):
        for index in range(pronoun - 1, -1, -1):
            if view.words[index] in _NOUNS and view.words[index].endswith("s"):
                start = index - 1 if index and view.words[index - 1] == "the" else index
                return Attribution(text=view.slice(start, index + 1), id=_office(view, start, index + 1))
    return before.attribution if before is not None else None


def _office(view: View, first: int, last: int) -> str | None:
    """The office named in the words, a titled person standing for it."""
    for start in range(first, last):
        for length in (5, 4, 3, 2):
            office: str | None = _PERSONS.get(tuple(view.words[start : start + length]))
            if office is not None and start + length <= last:
                return office
    return next(
        (
            mention.entry.id or None
            for mention in view.mentions
            if mention.entry.type == "organisation" and first <= mention.first and mention.last <= last
        ),
        None,
    )


def _phrase_end(view: View, first: int) -> int:
    """Where the noun phrase that begins at `first` ends."""
    index = first
    words = view.words
    counted = {figure.left for figure in view.figures if not figure.sure}
    while index < len(words) and index - first < LONGEST:
        word = words[index]
        if index > first and index in counted:
            break
        if word in _ENDS and not (
            word == "." and index + 1 < len(words) and index - 1 >= first and len(words[index - 1]) <= 4 and view.capital(index - 1)
        ):
            if not (word == "," and index > first and _appositive(view, index)):
                break
        elif word in _STOP and index > first and not _issued(words, index):
            break
        index += 1
    while index - 1 > first and words[index - 1] in ("of", "at", "in", "for"):
        index -= 1
    return index


def _issued(words: list[str], index: int) -> bool:
    """ "data released by X": the phrase goes on to who issued it."""
    if words[index] in ("by", "from"):
        return words[index - 1] in _ISSUED or words[index - 1] in _WORKS
    return words[index] in _ISSUED and index + 1 < len(words) and words[index + 1] in ("by", "from")


def _appositive(view: View, comma: int) -> bool:
    """Does a name go on after a comma: "Nichols, a spokesman", or a list of names?"""
    following = view.words[comma + 1 : comma + 5]
    return bool(following) and following[0] in ("a", "an") and any(word in _NOUNS for word in following)


def _subject(view: View, first: int, last: int, kind: str) -> tuple[int, int, int, str] | None:
    """The subject of the verb at ``[first, last)``: before it, or after it where the verb closes a quotation ("..., said X")."""
    words = view.words
    how = "say" if kind == "say" else "act"
    if kind == "say" and words[first] not in _TELLING and first > 0 and words[first - 1] in (",", '"', "'") and last < len(words):
        end = _phrase_end(view, last)
        if end > last and _may_follow(view, last):
            return last, end, first, "inverted"
    if (
        (first and words[first - 1] in BE)
        or words[max(0, first - 1) : last] == ["all", "told"]
        or words[first : last + 1] == ["estimated", "at"]  # "a crowd estimated at 5,000"
        or (words[first].startswith("claim") and _LIVES & set(words[last : last + 6]))  # "the war has claimed 14,000 lives"
        or not _UNSAID.isdisjoint(words[max(0, first - 2) : first])
    ):
        return None
    if words[first] in _GERUNDS and (first == 0 or words[first - 1] in ("by", ",")):
        return _main_subject(view, first)
    start = _back(view, first)
    if start and words[start - 1] == "to":  # "the states that sued to stop it say"
        relative = _before_relative(view, first, how)
        if relative is not None:
            return relative
    if start is not None and first - start > 1 and words[first - 1] in _PRONOUNS:
        start = first - 1
    if start is not None and _speaks(view, start, first, words[first], kind):
        return start, _trimmed(view, start, first), first, how
    return _before_relative(view, first, how)


def _may_follow(view: View, at: int) -> bool:
    """Can the words after "..., said" be the speaker?"""
    word = view.words[at]
    return (
        (view.capital(at) and word not in _SKIP)
        or word in ("the", "a", "an", "one", "mr", "officials", "police", "authorities")
        or word in _NOUNS
    )


def _main_subject(view: View, gerund: int) -> tuple[int, int, int, str] | None:
    """ "Homeland Security officials eased fears by announcing that": the first office, or noun of speakers, of the sentence."""
    for mention in view.mentions:
        if mention.entry.type == "organisation" and mention.last <= gerund:
            last = mention.last + (mention.last < gerund and view.words[mention.last] in _NOUNS)
            return mention.first, last, gerund, "say"
    at = next((index for index in range(max(0, gerund - LONGEST), gerund) if view.words[index] in _NOUNS), None)
    if at is None:
        return None
    start = at
    while start > 0 and at - start < 4 and view.words[start - 1] not in _ENDS and view.words[start - 1] not in _STOP:
        start -= 1
    return start, at + 1, gerund, "say"


def _before_relative(view: View, verb: int, how: str) -> tuple[int, int, int, str] | None:
    """ "The states that sued to halt the policy say": what stands before the relative clause."""
    words = view.words
    for index in range(verb - 2, max(0, verb - LONGEST), -1):
        if words[index] in _ENDS:
            return None
        if words[index] in _RELATIVE and words[index - 1] in _NOUNS and not any(figure.last <= index for figure in view.figures):
            start = index - 1
            while start > 0 and index - start < 8 and words[start - 1] not in _ENDS and words[start - 1] not in _STOP:
                start -= 1
            return start, index, verb, how
    return None


def _back(view: View, verb: int) -> int | None:
    """Where the subject of the verb begins: back over the noun phrase, to the start of its clause."""
    words = view.words
    index = verb - 1
    while index >= 0 and words[index] in _SKIP:
        index -= 1
    if index < 0 or words[index] in _ARTICLES:
        return None
    if words[index] == "," and index > 1:  # a name with an apposition: "X, the head of Y, said"
        opened = next((at for at in range(index - 1, max(-1, index - 16), -1) if words[at] == ","), None)
        if not opened and words[verb] in _WEAK:
            return None
        index = opened - 1 if opened else index - 1
    elif words[index] == ")" and index > 2:  # "the National Border Service (Senafront) said"
        opened = next((at for at in range(index - 1, max(-1, index - 6), -1) if words[at] == "("), None)
        index = opened - 1 if opened else index
    start = _phrase_start(view, index)
    if start is not None and start > 1 and words[start - 1] == "," and words[start] in ("a", "an", "the", "who", "which"):
        wider = _phrase_start(view, start - 2)  # "X, a clerk of Y, which lies in Z, said"
        predicate = wider and (words[wider - 1] in _BEFORE_SUBJECTS or any(wider <= figure.first < start for figure in view.figures))
        # But not "were held on Monday, a clerk of Y said", nor "when a boat sank, the police said".
        return start if not wider or predicate else wider
    return start


def _phrase_start(view: View, end: int) -> int | None:
    """Where the noun phrase begins whose last word is at `end`."""
    index = end
    while index >= 0 and end - index < LONGEST and not _ends_subject(view, index):
        index -= 1
    return index + 1 if index < end else None


def _ends_subject(view: View, index: int) -> bool:
    """Does the word stand before the subject, going back?"""
    words = view.words
    word = words[index]
    if word == "as" and words[index + 1 : index + 2] == ["of"]:
        return False  # "figures as of Wednesday show"
    if word == "by" and index and (words[index - 1] in _ISSUED or (index > 1 and words[index - 2] in _ISSUED)):
        return False  # "data released by X show"
    if word in _ISSUED and (words[index + 1 : index + 2] == ["by"] or words[index + 2 : index + 3] == ["by"]):
        return False
    short = word == "." and index > 0 and len(words[index - 1]) <= 4 and view.capital(index - 1)
    return (word in _ENDS and not short) or word in _STOP or word in _QUOTES


def _trimmed(view: View, start: int, verb: int) -> int:
    end = verb
    relative = next((at for at in range(start + 1, verb - 1) if view.words[at] == "," and view.words[at + 1] in _RELATIVE), None)
    if relative is not None:
        return relative
    while end > start + 1 and (view.words[end - 1] in _SKIP or view.words[end - 1] == ","):
        end -= 1
    if end - start > 2 and view.words[end - 2 : end] == ["as", "of"]:
        end -= 2
    return end


def _speaks(view: View, start: int, verb: int, word: str, kind: str) -> bool:
    """Can the words ``[start, verb)`` say something: an office, a name, a noun of persons or papers, a pronoun?"""
    words = view.words[start:verb]
    if any(figure.first >= start and figure.last <= verb and not figure.sure for figure in view.figures) and not any(
        w in _NOUNS for w in words
    ):
        return False
    following = view.words[verb + 1] if verb + 1 < len(view.words) else ""
    said = following in ("that", ":", '"', ",")
    if words[-1] == "'s":
        return False
    if _country(view, start, verb) and (kind == "act" or word not in _WEAK or following in _TOLD_OF):
        return True
    if word in _WEAK and kind == "say" and said and any(view.capital(index) for index in range(start, verb)):
        return True
    if any(item in _NOUNS for item in words) or any(
        mention.entry.type == "organisation" and mention.first >= start and mention.last <= verb for mention in view.mentions
    ):
        return True
    if (words and words[-1] in _PRONOUNS) or words[0] in _PRONOUNS:
        return word not in _WEAK and kind == "say"
    starts, ends = view.tokens.starts, view.tokens.ends
    if start == 0 and verb == 1 and len(words[0]) > 1 and word not in _WEAK and view.text[starts[0] : ends[0]].isupper():
        return True
    return (word not in _WEAK and any(view.capital(index) for index in range(max(start, 1), verb))) or (
        start == 0 and verb - start >= 1 and view.capital(0) and word not in _WEAK and kind == "say"
    )


def _country(view: View, start: int, verb: int) -> bool:
    """Are the words ``[start, verb)`` the name of a place, with no more than an article before it and an adverb after it?"""
    return any(
        mention.entry.type == "place"
        and mention.entry.use == "plain"
        and mention.entry.country == mention.entry.id
        and mention.first - start <= 1
        and all(word in _SKIP for word in view.words[mention.last : verb])
        for mention in view.mentions
        if start <= mention.first and mention.last <= verb
    )
