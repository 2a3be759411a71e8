"""What a figure counts: the noun phrase after it, its head, its canonical unit.

There is no tagger. A noun phrase begins right after the figure and ends at its first plural ("1,800 National Guard troops"), for English
counts in plurals; closed-class words, common verbs and punctuation end it too. Adjectives and participles before the plural belong to it.
"""

from typing import NamedTuple

from streams.core import lexicon

__all__ = [
    "Noun",
    "is_person",
    "is_plural",
    "means_people",
    "number_of",
    "phrase",
    "plain_phrase",
    "reaches",
    "singular",
    "subject_before",
    "unit_of",
]

_NAME = "nouns"
_DATA = lexicon.table(_NAME)
_PERSONS = frozenset(lexicon.strings(_NAME, _DATA, "persons.nouns"))
_PERSON_ENDINGS = tuple(lexicon.strings(_NAME, _DATA, "persons.endings"))
_PARTICIPLES = frozenset(lexicon.strings(_NAME, _DATA, "persons.participles"))
_PERSON_VERBS = frozenset(lexicon.strings(_NAME, _DATA, "persons.verbs"))
_NUMBER_OF = frozenset(lexicon.strings(_NAME, _DATA, "persons.number_of"))
_THINGS = frozenset(lexicon.strings(_NAME, _DATA, "persons.things"))
_UNITS = lexicon.mapping(_NAME, _DATA, "units")
_PLURALS = lexicon.names(_NAME, _DATA, "plurals")
_STOPS = frozenset(lexicon.strings(_NAME, _DATA, "stops.words"))
_OPENERS = frozenset(lexicon.strings(_NAME, _DATA, "stops.openers"))
_SINGULAR_S = frozenset(lexicon.strings(_NAME, _DATA, "stops.singular_s"))
_NUMERALS = lexicon.numerals()
_REACHING = frozenset(lexicon.strings("changes", lexicon.table("changes"), "reaching.verbs")) | frozenset(
    verb for verb in lexicon.mapping("changes", lexicon.table("changes"), "verbs") if " " not in verb
)
_CLAUSE_ENDS = frozenset({".", ";", ":", "(", ")", "—", "–", "?", "!", ","})
_TALLIES = frozenset({"toll", "tally"})
_TALLY_REACH = 24
_NEW_CLAUSE = frozenset({",", "and", "but", "who", "that", "which", ";", "while", "where"})
_TIMES = frozenset({"hours", "days", "weeks", "months", "years", "decades"})
_REACH = 7
_VERB_REACH = 6
_SUBJECT_REACH = 18
_ES = ("ches", "shes", "sses", "xes", "zes")


class Noun(NamedTuple):
    """A noun phrase: tokens [first, last), the token of its head."""

    first: int
    last: int
    head: int


def singular(word: str) -> str:
    """The singular of an English noun by the regular rules and the table of exceptions."""
    known = _PLURALS.get(word)
    if known is not None:
        return known
    if len(word) < 4 or not word.endswith("s") or word.endswith("ss") or word in _SINGULAR_S:
        return word
    if word.endswith("ies"):
        return f"{word[:-3]}y" if len(word) > 4 else word[:-1]
    return word[:-2] if word.endswith(_ES) else word[:-1]


def is_plural(word: str) -> bool:
    """Does `word` look like a plural noun?"""
    if word in _PLURALS:
        return True
    return len(word) > 3 and word[-1] == "s" and word[-2] != "s" and word not in _SINGULAR_S and word not in _STOPS


def is_person(word: str) -> bool:
    """Does the noun `word` count people?"""
    return word in _PERSONS or (word.endswith(_PERSON_ENDINGS) and word not in _THINGS)


def reaches(word: str) -> bool:
    """Does the verb form say how far a number has come ("stood", "averaged")?"""
    return word in _REACHING


def unit_of(word: str) -> tuple[str, bool]:
    """The canonical unit of the head noun `word`, and whether it counts people."""
    if is_person(word):
        return "person", True
    tail = word.rpartition("-")[2]
    if tail != word and is_person(tail):
        return "person", True
    return _UNITS.get(word) or singular(word), False


def phrase(words: list[str], place: int, one: bool) -> Noun | None:
    """The counted noun phrase that begins at `place`. `one`: a singular head is wanted ("one person")."""
    first = place
    while words[first] in _OPENERS and first < place + 3:
        first += 1
    skipped = -1
    for at in range(first, first + _REACH):
        word = words[at]
        if at <= skipped:
            continue
        if word == "(" and at > first and words[at + 2] == ")":
            skipped = at + 2  # "19 Nipah virus (NiV) cases"
            continue
        if word == "'" and at > first and is_plural(words[at - 1]):
            continue
        if word in _STOPS or not word or not word[0].isalpha():
            return None if not one or at == first else Noun(place, at, at - 1)
        if is_plural(word):
            after = words[at + 1]
            if after == "'" and words[at + 2][:1].isalpha() and words[at + 2] not in _STOPS:
                continue
            if is_person(after) and is_plural(after) and after not in _STOPS:
                at += 1
            return Noun(first, at + 1, at)
        if one and is_person(word) and not is_plural(words[at + 1]):
            return Noun(first, at + 1, at)
    return None


def subject_before(words: list[str], left: int) -> Noun | None:
    """The plural before a verb of reaching or change, whose figure begins at `left`: "April apprehensions averaged about 50,000"."""
    lowest = max(0, left - _SUBJECT_REACH)
    near = range(left - 1, max(lowest, left - _VERB_REACH) - 1, -1)
    verb = next((at for at in near if words[at] in _REACHING or words[at] in _NEW_CLAUSE), None)
    if verb is None or words[verb] in _NEW_CLAUSE:
        return None
    for at in range(max(0, verb - _TALLY_REACH), left - 1):
        if words[at] in _TALLIES:
            return None  # "the toll from the floods in the Philippines climbed to 85"
        if words[at] in _NUMBER_OF and words[at + 1] == "of":  # "the number of children held by the authorities has risen to N"
            noun = plain_phrase(words, at + 2)
            return noun if noun is not None and is_plural(words[noun.head]) else None
    for at in range(verb - 1, lowest - 1, -1):
        word = words[at]
        if word in _CLAUSE_ENDS:
            return None
        if is_plural(word) and words[at - 1] not in ("to",) and word not in _TIMES:
            first = at
            while first > lowest and words[first - 1][0].isalpha() and words[first - 1] not in _STOPS and at - first < 3:
                first -= 1
            return Noun(first, at + 1, at)
    return None


def number_of(words: list[str], count: int) -> str | None:
    """The head noun of the first "number of ..." of a sentence of `count` tokens."""
    for at in range(1, count - 1):
        if words[at] == "of" and words[at - 1] in _NUMBER_OF:
            noun = plain_phrase(words, at + 1)
            return words[noun.head] if noun is not None and is_plural(words[noun.head]) else None
    return None


def means_people(before: str, after: str) -> bool:
    """Do the words beside a bare figure say that people are counted ("killed at least 230", "42,504 caught in January")?"""
    return after in _PARTICIPLES or before in _PERSON_VERBS


def plain_phrase(words: list[str], place: int) -> Noun | None:
    """The noun phrase after "of" or "in": articles skipped, up to the next stop; the head is its last word."""
    first = place
    while words[first] in ("the", "a", "an", "all", "its", "their", "his", "her", "our", "these", "those", '"') and first < place + 3:
        first += 1
    at = first
    if words[first] in _NUMERALS:
        return None
    while at < first + _REACH and words[at] and words[at][0].isalpha() and words[at] not in _STOPS:
        if at > first and words[at].endswith(("ing", "ed")) and (words[at + 1] in _STOPS or not words[at + 1].isalpha()):
            break
        at += 1
        if is_plural(words[at - 1]):
            if words[at] == "'" and words[at + 1][:1].isalpha() and words[at + 1] not in _STOPS:
                at += 1
                continue
            break
    return Noun(first, at, at - 1) if at > first else None
