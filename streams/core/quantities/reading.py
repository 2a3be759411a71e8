"""One sentence: every number in it, read into a `Figure`.

The numbers are found first; then each is read outwards between its neighbours, so that the work is bounded by the number of tokens.
"""

from itertools import pairwise
from typing import NamedTuple

from schemas.figure import Change
from streams.core import lexicon, numbers
from streams.core.numbers import Amount, Cursor
from streams.core.quantities import bounds, changes, doubts, nouns, phrases, refusals, units
from streams.core.quantities.changes import Turn
from streams.core.quantities.draft import Draft
from streams.core.quantities.nouns import Noun
from streams.core.quantities.records import Figure, Role
from streams.core.text import Tokens

__all__ = ["Counted", "figures"]


class Counted(NamedTuple):
    """What was counted last: the unit, and whether it is people."""

    unit: str | None
    person: bool


_DATA = lexicon.table("refusals")
_POLLS = frozenset(lexicon.strings("refusals", _DATA, "polls.words"))
_NOUNS = lexicon.table("nouns")
_MULTIPLE_AFTER = frozenset(lexicon.strings("nouns", _NOUNS, "multiples.after_times"))
_PART_BEFORE = phrases.compile_before((phrase, "part") for phrase in lexicon.strings("nouns", _NOUNS, "parts.before"))
_PART_AFTER = phrases.compile_after((phrase, "part") for phrase in lexicon.strings("nouns", _NOUNS, "parts.after"))
_RELATIVE = frozenset({"count", "share", "money", "points", "multiple"})
_FOR_MONEY = frozenset({"of", "in", "for"})
_PART_REACH = 4  # tokens between two parts, besides "and"
_PAIR_REACH = 12  # tokens between "from X" and "to Y"
_STERLING = 1_000_000  # so many "pounds" are money unless they are pounds of something


def figures(text: str, tokens: Tokens, most: int, carried: Counted | None = None) -> tuple[tuple[Figure, ...], Counted | None]:
    """The numbers of the sentence, in order, no more than `most`, and what the next sentence may count without saying so.

    `carried`: the same of the sentence before ("... 300 migrants a day. Lately it has been 800.").
    """
    read = Cursor(tokens)
    amounts = numbers.find(read, most)
    if not amounts:
        return (), None
    polled = not _POLLS.isdisjoint(tokens.words)
    drafts: list[Draft] = []
    floor = 0
    for place, amount in enumerate(amounts):
        stop = amounts[place + 1].first if place + 1 < len(amounts) else read.count
        draft = _draft(read, text, amount, floor, stop, polled)
        drafts.append(draft)
        floor = amount.last
    _pair(read.words, drafts)
    _parts(read.words, drafts)
    _count_people(read, drafts)
    last = _inherit(drafts, carried)
    return tuple(_figure(read, text, draft) for draft in drafts), last


def _draft(read: Cursor, text: str, amount: Amount, floor: int, stop: int, polled: bool) -> Draft:
    draft = Draft(amount)
    reason = refusals.certain(read, text, amount)
    if reason is not None:
        draft.skip, draft.sure = reason, True
        draft.bound = "range" if amount.kind == "range" else "exact"
        return draft
    words = read.words
    _bound(words, draft, floor)
    draft.named = amount.first > 1 and words[amount.first - 1][0].isalpha() and text[read.starts[amount.first - 1]].isupper()
    draft.dashed = amount.kind == "range" and words[amount.first + 1] in ("-", "–")
    draft.before = words[draft.left - 1] if draft.left else ""
    if draft.before == "at" and draft.left > 1 and nouns.reaches(words[draft.left - 2]):
        draft.before = ""  # "stood at 105, with": no age
    place = _measured(read, draft) or _counted(read, draft)
    _after(words, draft, place)
    draft.turn = changes.before(words, draft.left, floor)
    if draft.attribute and draft.dimension != "money":
        draft.turn = None
    elif draft.turn is None and draft.dimension in _RELATIVE:
        draft.turn = changes.after(words, _relative_place(draft), draft.dimension != "count")
    if draft.noun is None and draft.dimension in ("count", "share"):
        _subject_before(words, draft)
    _rate(words, draft, floor, stop)
    _part(words, draft)
    draft.right_word = words[draft.right]
    found = doubts.doubtful(draft, polled)
    if found is not None:
        draft.skip, draft.sure = found
    return draft


def _bound(words: list[str], draft: Draft, floor: int) -> None:
    amount = draft.amount
    draft.bound = "vague" if amount.kind == "vague" else "range" if amount.kind == "range" else "exact"
    found = bounds.before(words, amount.first, floor)
    if found is not None:
        bound, draft.left = found
        if bound != "exact":
            draft.cue, draft.cue_word = (draft.left, amount.first), words[draft.left]
            if draft.bound == "exact":
                draft.bound = bound


def _after(words: list[str], draft: Draft, place: int) -> None:
    """The cue after the figure or after what it counts: "200-plus", "2,500 encounters or more"."""
    for at in (draft.amount.last, place):
        found = bounds.after(words, at)
        if found is not None:
            bound, last = found
            if draft.bound == "exact":
                draft.bound, draft.cue, draft.cue_word = bound, (at, last), words[at]
            draft.right = max(draft.right, place, last)
            return
    draft.right = max(draft.right, place)


def _measured(read: Cursor, draft: Draft) -> int:
    """Percent, money, multiples and units of measure; returns one past what was read, 0 where the figure is a count."""
    words, amount = read.words, draft.amount
    place = _past_cue(words, amount.last)
    if amount.percent:
        draft.dimension, draft.unit, draft.unit_span = "share", "percent", (amount.last - 1, amount.last)
        return _of(words, draft, place)
    if amount.currency:
        draft.dimension, draft.unit, draft.unit_span = "money", amount.currency, (amount.first, amount.first + 1)
        found = units.unit_at(read, place)
        return _of(words, draft, found.last if found and found.dimension == "money" else place)
    if amount.kind == "multiple":
        draft.dimension, draft.unit, draft.multiple = "multiple", "times", True
        return place
    if (words[place] == "-" and words[place + 1] == "fold") or (words[place] == "x" and read.glued(place - 1)):
        draft.dimension, draft.unit, draft.multiple = "multiple", "times", True
        return place + (2 if words[place] == "-" else 1)
    if amount.kind == "fraction" and words[place] in ("a", "an"):
        place += 1
    unit = units.unit_at(read, place)
    if unit is None:
        return 0
    draft.dimension, draft.unit, draft.unit_span, draft.attribute = unit.dimension, unit.name, (unit.first, unit.last), unit.attribute
    if words[unit.first] in ("pounds", "pound") and amount.factor >= _STERLING and words[unit.last] != "of":
        draft.dimension, draft.unit = "money", "gbp"
    return _of(words, draft, unit.last)


def _past_cue(words: list[str], place: int) -> int:
    found = bounds.after(words, place)
    return found[1] if found else place


def _of(words: list[str], draft: Draft, place: int) -> int:
    """ "tons of coal", "$4 billion in emergency funds", "75 percent of families"."""
    if words[place] == "of" or (draft.dimension == "money" and words[place] in _FOR_MONEY):
        noun = nouns.plain_phrase(words, place + 1)
        if noun is not None and not (words[place] != "of" and refusals.is_time(words[noun.first])):
            _name(words, draft, noun)
            return noun.last if words[place] == "of" else place
    return place


def _counted(read: Cursor, draft: Draft) -> int:
    """The counted noun phrase; returns one past it."""
    words, amount = read.words, draft.amount
    place = _past_cue(words, amount.last)
    noun: Noun | None
    if words[place] == "-" and read.glued(place - 1) and read.glued(place) and words[place + 1][:1].isalpha():
        draft.attribute = True
        noun = Noun(place + 1, place + 2, place + 1)
    elif words[place] == "of":
        noun = nouns.plain_phrase(words, place + 1)
        if noun is not None and words[noun.last] == "'s":
            noun = None  # "140 of the town's 2,300 residents"
        if noun is None and words[place + 1] in ("them", "those", "these"):
            place += 2
    else:
        noun = nouns.phrase(words, place, amount.high == 1)
    return place if noun is None else _unit_from(words, draft, noun)


def _unit_from(words: list[str], draft: Draft, noun: Noun) -> int:
    """The unit that the counted noun gives; returns one past what was read."""
    _name(words, draft, noun)
    head = words[noun.head]
    unit = units.unit_of_noun(words, noun.head)
    if unit is not None:
        draft.dimension, draft.unit, draft.unit_span, draft.person = unit.dimension, unit.name, (unit.first, unit.last), False
        return _of(words, draft, noun.last)
    draft.unit_span = (noun.head, noun.head + 1)
    draft.unit, draft.person = ("person", True) if draft.attribute and head == "strong" else nouns.unit_of(head)
    if head in ("unit", "units") and words[noun.head - 1] == "family":
        draft.unit = "family"
    if head == "times" and words[noun.last] in _MULTIPLE_AFTER:
        draft.dimension, draft.unit, draft.multiple = "multiple", "times", True
    if draft.amount.dotted:
        draft.amount = draft.amount._replace(low=draft.amount.low * 1_000, high=draft.amount.high * 1_000)
    return noun.last


def _name(words: list[str], draft: Draft, noun: Noun) -> None:
    draft.noun = noun
    draft.head = nouns.singular(words[noun.head])
    draft.person = nouns.is_person(words[noun.head]) and draft.dimension == "count"


def _subject_before(words: list[str], draft: Draft) -> None:
    """What a figure without a noun is about, from the words before: "deaths topped 7,000", "arrests dropped 29 %"."""
    noun = nouns.subject_before(words, draft.amount.first)
    if noun is None:
        return
    draft.noun = noun
    draft.head = nouns.singular(words[noun.head])
    if draft.dimension == "count":
        draft.unit, draft.person = nouns.unit_of(words[noun.head])


def _relative_place(draft: Draft) -> int:
    """Where to look for "increase" or "more than": after the unit of a measure, after the digits of a count."""
    if draft.dimension == "count":
        return draft.amount.last
    return draft.unit_span[1] if draft.unit_span and draft.unit_span[1] > draft.amount.last else draft.amount.last


def _rate(words: list[str], draft: Draft, floor: int, stop: int) -> None:
    found = units.near_rate(words, draft.right) or units.near_rate(words, draft.amount.last)
    if found is None and draft.dimension in ("count", "money", "volume", "mass"):
        found = units.far_rate(words, draft.right, stop) or units.rate_before(words, draft.left, floor)
    if found is not None:
        draft.rate, draft.rate_span = found
        draft.right = max(draft.right, found[1][1]) if found[1][0] == draft.right else draft.right


def _part(words: list[str], draft: Draft) -> None:
    before = phrases.before(_PART_BEFORE, words, draft.left)
    draft.part = before is not None or phrases.after(_PART_AFTER, words, draft.amount.last) is not None


def _parts(words: list[str], drafts: list[Draft]) -> None:
    """ "including 300 women and 40 children", "of whom 300 were women and 40 were children": the second is a part as well."""
    for one, two in pairwise(drafts):
        if one.part and not two.part and one.dimension == two.dimension == "count" and words[two.left - 1] == "and":
            between = words[one.right : two.left - 1]
            two.part = len(between) <= _PART_REACH and not ({",", ";", ".", ":", "but"} & set(between))


def _pair(words: list[str], drafts: list[Draft]) -> None:
    """ "from X to Y", "X, up from Y", "by D to Y": the two ends know each other."""
    for place in range(len(drafts) - 1):
        one, two = drafts[place], drafts[place + 1]
        if (one.skip and one.sure) or (two.skip and two.sure):
            continue
        if _or(words, one, two) and two.dimension == "share":  # "18,500 or 14 percent fewer", "by 18,500 or 14 percent"
            one.turn, two.turn = one.turn or two.turn, two.turn or one.turn
        if (
            two.before == "to"
            and (one.turn is None or one.turn.role == "from")
            and _from_before(words, one)
            and two.left - one.right <= _PAIR_REACH
        ):
            change: Change = "up" if two.amount.low > one.amount.low else "down"
            one.turn, two.turn = Turn("from", change), Turn("to", change)
        roles = (one.turn.role if one.turn else "level", two.turn.role if two.turn else "level")
        if roles in (("from", "to"), ("to", "from"), ("delta", "to"), ("level", "from"), ("delta", "from")):
            one.partner, two.partner = place + 1, place


def _or(words: list[str], one: Draft, two: Draft) -> bool:
    """Are two figures the same said twice: "18,500, or 14 percent"?"""
    return one.dimension == "count" and words[one.right : two.left] in (["or"], [",", "or"])


def _from_before(words: list[str], draft: Draft) -> bool:
    """ "from 3,000", "from the current cap of 70,000"."""
    for place in range(draft.left - 1, max(-1, draft.left - 7), -1):
        if words[place] == "from":
            return True
        if words[place] in (",", ".", ";", "to", "in", "at", "by"):
            return False
    return False


def _count_people(read: Cursor, drafts: list[Draft]) -> None:
    """Bare counts whose unit the sentence gives elsewhere: "42,504 caught", "the number of refugees ... from 70,000 to 85,000"."""
    counted: str | None = ""
    for draft in drafts:
        if draft.dimension != "count" or draft.unit is not None or (draft.skip and draft.sure) or draft.amount.kind == "fraction":
            continue
        if nouns.means_people(draft.before, read.words[draft.amount.last]):
            draft.unit, draft.person = "person", True
            continue
        if counted == "":
            counted = nouns.number_of(read.words, read.count)
        if counted:
            draft.unit, draft.person = nouns.unit_of(counted)


def _inherit(drafts: list[Draft], carried: Counted | None) -> Counted | None:
    """A bare count takes the unit of its partner, or of the count before it: "200 migrants a day ... 800 a day"."""
    last = carried
    for place, draft in enumerate(drafts):
        if draft.skip and draft.sure:
            continue
        if draft.dimension == "count" and draft.unit is None and draft.amount.kind != "fraction":
            partner = drafts[draft.partner] if draft.partner is not None else None
            source = (
                Counted(partner.unit, partner.person) if partner is not None and partner.unit and partner.dimension == "count" else last
            )
            if source is None and place + 1 < len(drafts) and drafts[place + 1].dimension == "count" and not drafts[place + 1].sure:
                source = Counted(drafts[place + 1].unit, drafts[place + 1].person)
            if source is not None:
                draft.unit, draft.person = source
        elif draft.dimension == "count" and draft.unit is not None and draft.skip is None:
            last = Counted(draft.unit, draft.person)
    return last


def _figure(read: Cursor, text: str, draft: Draft) -> Figure:
    amount, turn, noun = draft.amount, draft.turn, draft.noun
    cue = draft.cue
    return Figure(
        start=read.starts[amount.first],
        end=read.ends[amount.last - 1],
        first=amount.first,
        last=amount.last,
        left=draft.left,
        right=draft.right,
        value=bounds.interval(amount, draft.bound),
        bound=draft.bound,
        cue=cue,
        cue_text=text[read.starts[cue[0]] : read.ends[cue[1] - 1]] if cue else None,
        dimension=draft.dimension,
        unit=draft.unit,
        unit_text=text[read.starts[draft.unit_span[0]] : read.ends[draft.unit_span[1] - 1]] if draft.unit_span else None,
        noun=(noun.first, noun.last) if noun else None,
        head=draft.head,
        person=draft.person,
        concept=tuple(word for word in read.words[noun.first : noun.last] if word[0].isalpha()) if noun else (),
        subject=_subject(read, text, noun) if noun else None,
        rate=draft.rate,
        rate_span=draft.rate_span,
        change=turn.change if turn else None,
        role=_role(draft),
        partner=draft.partner,
        part=draft.part,
        skip=draft.skip,
        sure=draft.sure,
    )


def _role(draft: Draft) -> Role:
    if draft.turn is not None:
        return draft.turn.role
    if draft.multiple:
        return "multiple"
    return "share" if draft.dimension == "share" and draft.noun else "level"


def _subject(read: Cursor, text: str, noun: Noun) -> str:
    last = noun.last
    if read.words[last] == "of":
        tail = nouns.plain_phrase(read.words, last + 2 if read.is_digits(last + 1) else last + 1)
        last = tail.last if tail is not None else last
    return " ".join(text[read.starts[noun.first] : read.ends[last - 1]].split())
