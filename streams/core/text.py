"""Sentences and tokens of an article, with offsets into the text as received.

Nothing is normalised on the way in: hard wraps, curly quotes, no-break spaces and HTML entities stay where they are, so that
``text[start:end]`` is always what the article says. Both passes are linear in the length of the text.

Line breaks: a blank line or a bullet ends a sentence. A single break ends one too, unless the text is hard-wrapped there: the next line
goes on in lower case, or its first word would not have fit on this one (greedy filling, as in RFC 2646 section 4.2 and every editor).
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from typing import Literal, NamedTuple

from streams.core import lexicon

__all__ = ["Span", "SpanKind", "Tokens", "lower", "spans", "tokens"]

SpanKind = Literal["prose", "line"]

WRAP_LIMIT = 110  # no line longer than this: the whole text is hard-wrapped copy
WRAP_LEAST = 40  # a shorter "full" line is a headline or a table row


class Span(NamedTuple):
    """One sentence: ``text[start:end]`` without the blanks around it. A "line" was ended by a line break, not by a full stop."""

    start: int
    end: int
    kind: SpanKind


@dataclass(frozen=True, slots=True)
class Tokens:
    """Parallel lists, one entry a token, not to be changed. `words` are in lower case with straight quotes and entities resolved."""

    starts: list[int]
    ends: list[int]
    words: list[str]


_LETTER = "A-Za-zÀ-ÖØ-öø-ʯͰ-ӿ"
_TOKEN = re.compile(
    rf"(?:[{_LETTER}]\.){{2,}}"
    rf"|[{_LETTER}]+(?:['’](?![sS](?![{_LETTER}]))[{_LETTER}]+|-(?![A-Z]\.[A-Z]\.)[{_LETTER}]+)*"
    r"|\d+(?:[.,]\d+|[\u00a0\u2007\u2009\u202f]\d{3}(?!\d))*"
    rf"|['’][sS](?![{_LETTER}])"
    r"|&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});"
    r"|[^\s\u200b\u200c\u200d\u2060\ufeff\u00ad]"
)
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"]+")
_BLANK_ENTITIES = frozenset({"\u00a0", "\u2009", "\u2002", "\u2003", "\u202f", "\u200b", "\u00ad"})
_STRAIGHT = str.maketrans("’‘“”„«»", '\'\'"""""')

_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,2}(?:,\d{2})+,\d{3}|\d+,\d{1,2}|[^\d].*", re.DOTALL)

_LINE = re.compile(r"[^\n]+")
_BULLET = re.compile(r"[ \t]*(?:[-*•◦▪‣·]|\d{1,2}[.)]|#{1,6})[ \t\u00a0]")
_WORD = re.compile(rf"[{_LETTER}]+")
_STOP = re.compile(r"[.!?…]+[\"'”’»)\]]*")
_SOLID = re.compile(r"\S")
_BEFORE = re.compile(rf"[{_LETTER}.]+\Z")
_OPENING = frozenset("\"'“‘«([")

KEPT = 1_000
"""Characters of a sentence whose tokens are kept for who asks next."""
_LONGEST_MARK = 4  # characters of a list mark and the blanks before it

_NAME = "abbreviations"
_DATA = lexicon.table(_NAME)
_NEVER = frozenset(lexicon.strings(_NAME, _DATA, "never"))
_SELDOM = frozenset(lexicon.strings(_NAME, _DATA, "seldom"))
_WORDS_TOO = frozenset(lexicon.strings(_NAME, _DATA, "words_too"))
_STARTERS = frozenset(lexicon.strings(_NAME, _DATA, "starters"))
_NUMERALS = lexicon.numerals()


def lower(text: str) -> str:
    """`text` in lower case, character by character where Unicode would change its length, so that offsets hold for both."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(small if len(small := character.lower()) == 1 else character for character in text)


def tokens(text: str, start: int, end: int) -> Tokens:
    """The tokens of ``text[start:end]``, offsets into `text`.

    Words keep inner apostrophes and hyphens ("asylum-seekers"), dotted abbreviations are one token ("u.s."), the possessive is a token
    of its own. A hyphen compound falls apart where a part is a numeral or an abbreviation: "two", "-", "thirds"; "u.s.", "-", "mexico".
    """
    return _kept(text, start, end) if end - start <= KEPT else _tokens(text, start, end)


def _tokens(text: str, start: int, end: int) -> Tokens:
    matches = list(_TOKEN.finditer(text, start, end))
    starts = [match.start() for match in matches]
    ends = [match.end() for match in matches]
    words = [match.group() for match in matches]
    piece = text[start:end]
    if "-" in piece or "&" in piece or "," in piece:
        starts, ends, words = _mended(starts, ends, words)
    if "://" in piece or "www." in piece:
        starts, ends, words = _with_addresses(text, starts, ends, words)
    words = [word.lower() for word in words]
    if not piece.isascii():
        words = [word.translate(_STRAIGHT) for word in words]
    return Tokens(starts, ends, words)


_kept = lru_cache(maxsize=1_000)(_tokens)
"""Who reads figures and who reads names ask for the same sentences, some articles apart."""


def _mended(starts: list[int], ends: list[int], words: list[str]) -> tuple[list[int], list[int], list[str]]:
    """Hyphen compounds apart where they hold a numeral or an abbreviation; entities as the character they mean, blank ones dropped."""
    new_starts, new_ends, new_words = [], [], []
    for start, end, word in zip(starts, ends, words, strict=True):
        if "-" in word and len(word) > 1:
            for offset, part in _parts(word):
                new_starts.append(start + offset)
                new_ends.append(start + offset + len(part))
                new_words.append(part)
            continue
        if "," in word and len(word) > 1 and not _GROUPED.fullmatch(word):
            for offset, part in _pieces(word):
                new_starts.append(start + offset)
                new_ends.append(start + offset + len(part))
                new_words.append(part)
            continue
        if word[0] == "&" and len(word) > 1:
            word = unescape(word)
            if word in _BLANK_ENTITIES:
                continue
        new_starts.append(start)
        new_ends.append(end)
        new_words.append(word)
    return new_starts, new_ends, new_words


def _parts(word: str) -> list[tuple[int, str]]:
    """The hyphen compound `word` as (offset, part): numerals and short capitals in front stand alone, the rest stays whole."""
    found: list[tuple[int, str]] = []
    offset = 0
    pieces = word.split("-")
    for place, part in enumerate(pieces[:-1]):
        if not (part.lower() in _NUMERALS or (place == 0 and len(part) <= 3 and part.isupper())):
            break
        found += [(offset, part), (offset + len(part), "-")]
        offset += len(part) + 1
    rest, last = word[offset:], pieces[-1]
    if len(last) < len(rest) and last.lower() in _NUMERALS:
        cut = len(rest) - len(last) - 1
        return [*found, (offset, rest[:cut]), (offset + cut, "-"), (offset + cut + 1, last)]
    return [*found, (offset, rest)]


def _pieces(word: str) -> list[tuple[int, str]]:
    """Digits that commas have glued together, apart: "2013,1,010" is "2013", ",", "1,010"."""
    found: list[tuple[int, str]] = []
    start = end = 0  # of the run of groups that is being collected
    open_run = False
    for part in word.split(","):
        if open_run and len(part.partition(".")[0]) == 3:
            end += 1 + len(part)
        else:
            if end:
                found += [(start, word[start:end]), (end, ",")]
                start = end + 1
            end = start + len(part)
        open_run = "." not in part and (open_run or len(part) <= 3) and (len(part) == 3 or start + len(part) == end)
    return [*found, (start, word[start:end])]


def _with_addresses(text: str, starts: list[int], ends: list[int], words: list[str]) -> tuple[list[int], list[int], list[str]]:
    """The tokens of each web address as one token; of a Markdown link ("[words](address)") only the words."""
    new_starts: list[int] = []
    new_ends: list[int] = []
    new_words: list[str] = []
    until = -1
    for start, end, word in zip(starts, ends, words, strict=True):
        if start < until:
            continue
        if word[0] in "hHwW" and (match := _ADDRESS.match(text, start)):
            end = until = match.end()
            if new_words[-2:] == ["]", "("] and new_ends[-1] == start:
                until = text.find(")", start, end) + 1 or end
                opened = next((at for at in range(len(new_words) - 1, -1, -1) if new_words[at] == "["), len(new_words) - 2)
                new_starts[opened:] = new_starts[opened + 1 : -2]
                new_ends[opened:] = new_ends[opened + 1 : -2]
                new_words[opened:] = new_words[opened + 1 : -2]
                continue
            word = text[start:end]
        new_starts.append(start)
        new_ends.append(end)
        new_words.append(word)
    return new_starts, new_ends, new_words


@lru_cache(maxsize=16)
def spans(text: str) -> list[Span]:
    """All sentences of `text`, in order, not to be changed. Headlines, bullets and table rows are sentences of kind "line"."""
    found: list[Span] = []
    for start, end in _blocks(text):
        _sentences(text, start, end, found)
    return found


def _blocks(text: str) -> list[tuple[int, int]]:
    """Runs of lines that read on: paragraphs, and lines that stand alone."""
    lines = [(match.start(), match.end()) for match in _LINE.finditer(text)]
    lengths = sorted(end - start for start, end in lines)
    width = lengths[len(lengths) * 9 // 10 - 1 if len(lengths) > 2 else -1] if lengths else 0  # a dateline glued to a line may stick out
    wrapped = WRAP_LEAST <= width <= WRAP_LIMIT
    found: list[tuple[int, int]] = []
    first = last = -1
    for start, end in lines:
        if text[start:end].isspace():
            continue
        if first >= 0 and start - last == 1 and _reads_on(text, first, last, start, width if wrapped else 0):
            last = end
            continue
        if first >= 0:
            found.append((first, last))
        first, last = start, end
    if first >= 0:
        found.append((first, last))
    return found


def _reads_on(text: str, first: int, last: int, start: int, width: int) -> bool:
    """Does the line that starts at `start` go on with the sentence of the block ``[first, last)`` right before it?"""
    if _BULLET.match(text, start):
        return False
    begin = _SOLID.search(text, start)
    if begin is None:
        return False
    word = text[begin.start() : begin.start() + 40].split(maxsplit=1)[0]
    if word[0].islower():
        return text[last - 1] not in ".!?"
    if not width:
        return False
    line = last - max(first, text.rfind("\n", first, last) + 1)
    return line >= WRAP_LEAST and line + 1 + len(word) > width - 3


def _sentences(text: str, start: int, end: int, found: list[Span]) -> None:
    at = start
    for match in _STOP.finditer(text, start, end):
        stop = match.end()
        if match.start() - at <= _LONGEST_MARK and text[at : match.start()].strip().isdecimal():
            continue  # "2. Wash the rice."
        if match.start() >= at and _ends(text, match.start(), stop, end):
            _add(text, at, stop, "prose", found)
            at = stop
    closed = text[start:end].rstrip().endswith((".", "!", "?", '."', ".”", ".)", '?"', "?”", '!"', "!”"))
    _add(text, at, end, "prose" if closed else "line", found)


def _add(text: str, start: int, end: int, kind: SpanKind, found: list[Span]) -> None:
    first = _SOLID.search(text, start, end)
    if first is not None:
        found.append(Span(first.start(), start + len(text[start:end].rstrip()), kind))


def _ends(text: str, at: int, stop: int, end: int) -> bool:
    """Does the stop ``text[at:stop]`` end a sentence within a block that goes to `end`?"""
    if stop >= end:
        return False
    if not text[stop].isspace():  # "reported.The": copy that lost its breaks
        return stop - at == 1 and text[stop].isupper() and text[at - 1 : at].islower() and text[stop + 1 : stop + 2].islower()
    following = _SOLID.search(text, stop, end)
    if following is None:
        return False
    place = following.start()
    if text[place] in _OPENING and place + 1 < end:
        place += 1
    character = text[place]
    if character.islower() or character in ",;:)":
        return False
    if text[at] != ".":
        return True
    return not _abbreviated(text, at, place, character)


def _abbreviated(text: str, at: int, place: int, character: str) -> bool:
    """Does the stop at `at` belong to an abbreviation, what follows at `place` considered?"""
    before = _BEFORE.search(text[max(0, at - 12) : at])
    if before is None:
        return False
    word = before.group()
    small = word.lower()
    if small in _WORDS_TOO and not (word[0].isupper() or character.isdecimal()):
        return False
    if small in _NEVER:
        return small not in ("no", "nos", "v") or character.isdecimal() or small == "v"
    if small not in _SELDOM and not (len(word) == 1 and word.isupper() and word != "I"):
        return False
    following = _WORD.match(text, place, place + 20)
    return following is None or following.group().lower() not in _STARTERS
