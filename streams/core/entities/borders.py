"""The borders of a model's spans, brought to where a name begins and ends."""

import re
from dataclasses import replace

from streams.core.entities.shapes import GIVEN, NO_ACRONYMS, NOT_NAMES, ORGANISATIONS, titled
from streams.core.entities.span import Span

__all__ = ["trimmed"]

_LEAD = re.compile(r"(?:[\s\"'“”‘’«»(\[{,;:.•*#@–—-]+|(?:the|a|an|The|A|An)(?=\s))+\s*")
_TAIL = re.compile(r"(?:['’]s|[\s\"'“”‘’«»)\]},;:!?•*–—-]|(?<![A-Z])\.(?<!\bInc\.)(?<!\bCo\.)(?<!\bSt\.)(?<!\bJr\.))+\Z")
_DIRECTION = re.compile(
    r"(?:(?:north|south|east|west)(?:ern|east|west|eastern|western)?|central|mainland|downtown|upper|lower|greater|coastal|rural)[\s-]+"
)
_BREAK = re.compile(r"\n\s*\n|\n\s*[-•*]|\s?[/(@|]")
_OWNED = re.compile(r"['’]s\s+(?=[A-Z])")
_STORM = re.compile(r"(?:Super )?(?:Typhoon|Hurricane|Cyclone|Storm|Tropical)\b")
_TIME = re.compile(r"\s+(?:on\s+)?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\Z")
_SMALL = re.compile(r"\s(?:[Aa]t|[Aa]cross|[Ff]or|[Tt]o|[Ii]n|[Oo]n|[Ww]ith|[Oo]r|[Ff]rom|[Aa]s|[Aa]fter|[Ii]s|[Aa]re|[Ww]as|[Hh]as)\b")
_TERM = re.compile(r"([A-Z][a-z]+) [Aa]dministration")
_WORD = re.compile(r"[\w'’-]+|\.")
_LETTER = re.compile(r"[^\W\d_]")
LONGEST = 90  # characters of a name


def trimmed(text: str, span: Span) -> Span | None:
    """The span without articles, quotation marks, possessive endings, titles and directions; None where no name is left."""
    start, end = span.start, span.end
    cut = _BREAK.search(text, start + 1, end)
    if cut is not None:
        end = cut.start()
    lead = _LEAD.match(text, start, end)
    start = lead.end() if lead is not None else start
    tail = _TAIL.search(text[start:end])
    end = start + tail.start() if tail is not None else end
    if span.type == "organisation" and (owned := _OWNED.search(text, start, end)) is not None:
        start, end = _of_owner(text, start, end, owned)
    elif span.type == "person":
        start = _after_titles(text, start, end)
    elif span.type == "place":
        direction = _DIRECTION.match(text, start, end)
        start = direction.end() if direction is not None else start
    time = _TIME.search(text, start, end)
    if time is not None and time.start() > start:
        end = time.start()
    if span.type == "organisation" and (term := _TERM.fullmatch(text, start, end)) is not None:
        return replace(span, start=start, end=term.end(1), type="person")
    piece = text[start:end]
    if _STORM.match(piece) or piece.lower() in NOT_NAMES:
        return None
    if span.type == "organisation" and (piece.lower() in ORGANISATIONS or (piece.isupper() and piece.lower() in NO_ACRONYMS)):
        return None
    if span.type == "person" and (text.startswith(("-winning", "-nominated"), end) or _SMALL.search(piece)):  # "Oscar-winning"
        return None
    if not piece or len(piece) > LONGEST or not _LETTER.search(piece) or not any(letter.isupper() for letter in piece):
        return None
    return replace(span, start=start, end=end)


def _of_owner(text: str, start: int, end: int, owned: re.Match[str]) -> tuple[int, int]:
    """Of "Trump's National Council" what is owned, of "University of Anywhere's Index" the owner, of "St Anne's Hospital" all."""
    words = text[owned.end() : end].lower().split()
    if words[-1] not in ORGANISATIONS:
        return start, owned.start()
    return (owned.end(), end) if len(words) > 1 else (start, end)


def _after_titles(text: str, start: int, end: int) -> int:
    words = list(_WORD.finditer(text, start, end))
    count = titled([word.group().lower() for word in words])
    if not count and len(words) > 1 and _opens(words[0].group(), words[1].group()):
        count = 1
    return (words[count].start() if count < len(words) else end) if count else start


def _opens(word: str, following: str) -> bool:
    """Does the word begin a sentence or a caption before the name ("Removing Trump", "CLOSE Ada Brandt")?"""
    if len(word) > 2 and word.isupper():
        return not following.isupper()
    return len(word) > 5 and word.endswith("ing") and word.lower() not in GIVEN
