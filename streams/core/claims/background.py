"""What the build of a sentence says about a figure: a question, a list, an event told as background of another."""

from datetime import date, timedelta

from streams.core import lexicon
from streams.core.claims.view import BE, HAVE, MODALS, RELATIVE, View
from streams.core.dates import When
from streams.core.quantities import Figure
from streams.core.quantities.nouns import is_plural

__all__ = ["CHECKS", "asked", "beside", "dated_aside", "frame", "listed", "present"]

_DATA = lexicon.table("modality")["background"]
_ASKING = frozenset(_DATA["asking"])
_OPENERS = frozenset(_DATA["openers"])
_BEFORE_EVENT = frozenset(_DATA["before_event"])
_EVENT_NOUNS = frozenset(_DATA["event_nouns"])
_DEFINITE = frozenset(_DATA["definite"])
_NOW = frozenset(_DATA["present"])
_LONG = frozenset({"days", "week", "weeks", "month", "months", "year", "years"})
_CHARGES = frozenset(_DATA["charges"])
_DETERMINERS = frozenset(_DATA["determiners"])
_FINITE = BE | HAVE | MODALS
LONG_LIST = 30  # words between two items that a semicolon divides
LIST = 9  # words between two items of a list
HARM = frozenset({"deaths", "injured", "missing"})
REACH = 18  # words between "following the attack" and its toll
CLAUSE = 30  # words between "days after" and what happened then
TRIAL = 24  # words between "is accused of" and what somebody is accused of
RECENT = timedelta(days=7)


def asked(view: View) -> bool:
    """Does the sentence ask what could or should be ("Would they deport 5,000?")? Other questions repeat what is known."""
    if view.words[-1] != "?":
        return False
    start = next((index for index, word in enumerate(view.words) if word not in _OPENERS), 0)
    return view.words[start] in _ASKING


def listed(view: View, one: Figure, two: Figure) -> bool:
    """Are two figures items of one list, the second without a verb of its own?"""
    words = view.words[max(one.last, min(one.right, two.left)) : two.left]
    if words[-1:] == [";"] or words[-2:] == [";", "and"]:  # "1,500 guards; 100 judges ...; and 4,300 officers"
        return len(words) <= LONG_LIST and not any(word in _FINITE for word in view.words[two.right : two.right + 2])
    if len(words) > LIST or not ({",", "and", "or", "—"} & set(words)):
        return False
    if any(
        word in _FINITE or word in RELATIVE or word in (";", "but", "while", "addition", "besides", "already", "after", "because", "when")
        for word in words
    ):
        return False
    return not any(word in _FINITE for word in view.words[two.right : two.right + 2])


def past_event(view: View, figure: Figure, _: int) -> int:
    """ "following the attack that killed N", "in response to the bombing, which left N dead": the toll of an event that is named only to
    tell of another: the place of "following", 0 where nothing is."""
    words = view.words
    for index in range(max(1, figure.left - CLAUSE), figure.left):
        if words[index] == "after" and words[index - 1] in _LONG and _goes_on(words[index : figure.left + 1]):
            return index  # "a month after a truck exploded, killing N"
        if (
            index >= figure.left - REACH and words[index] in _BEFORE_EVENT and not words[index + 1].endswith("ing")
        ):  # "after blaming them for the attack": news itself
            between = words[index + 1 : figure.left]
            event = next((at for at, word in enumerate(between) if word in _EVENT_NOUNS), None)
            if event is not None and any(word in RELATIVE or word == "where" or word.endswith("ing") for word in between[event + 1 :]):
                return index
    return 0


def _goes_on(words: list[str]) -> bool:
    """Is it one clause, or one with participles (", killing")?"""
    return all(word != "," or words[at + 1].endswith("ing") or words[at + 1] == "and" for at, word in enumerate(words[:-1]))


def second(view: View, figure: Figure, cue: int) -> bool:
    """ "The strikes killed several children, after an assault left N dead": harm told beside that of the main clause, which it explains."""
    words = view.words
    after = next((at for at in range(min(cue if cue >= 0 else figure.left, figure.left) - 1, 0, -1) if words[at] in ("after", ",")), 0)
    if not after or words[after] != "after" or _EVENT_NOUNS.isdisjoint(words[after : figure.left]):
        return False
    harm = (hit for hit in view.hits["cue"] if hit.last <= after and any(c is not None and c.indicator in HARM for c in hit.values))
    return any(harm)


def distal(view: View, figure: Figure, _: int) -> bool:
    """ "That attack killed N": not the one that the article is about."""
    words = view.words
    if words[0] in ("that", "those") and words[1] in _EVENT_NOUNS and figure.first > 1:
        return True
    at = next((at for at in range(figure.left - 1, max(0, figure.left - LIST), -1) if words[at] in _EVENT_NOUNS), 0)
    return at > 1 and words[at - 1] in _OTHER and words[at - 2] == "where"  # "where another blast killed N"


def lamented(view: View, figure: Figure, _: int) -> bool:
    """ "despite the deaths of N": known, and named for what it led to."""
    before = view.words[max(0, figure.left - 4) : figure.left]
    return before[-1:] == ["of"] and before[-2:-1] in _LOSSES and before[-3:-2] == ["the"] and before[:-3] in _LED_TO


def whoever(view: View, figure: Figure, cue: int) -> bool:
    """ "a gunman who killed N": a deed that only says who is meant."""
    words = view.words
    who = next((at for at in range(min(cue, figure.left) - 1, max(0, cue - 3), -1) if words[at] == "who"), 0)
    return who > 1 and cue < figure.left and words[who - 1].isalpha() and not is_plural(words[who - 1]) and words[who - 1] not in _MANY


_MANY = frozenset({"people", "men", "women", "children", "those", "police"})
_OTHER = frozenset({"another", "earlier", "previous"})
_LOSSES = (["deaths"], ["killings"], ["killing"], ["murders"], ["murder"])
_LED_TO = (["despite"], ["over"], ["about"], ["after"], ["following"], ["since"])


def relative(view: View, figure: Figure, cue: int) -> int:
    """Where the relative clause about an event begins that the figure stands in ("the strike in May that killed N"): the place of its
    "that" or "which", 0 where it stands in none. `cue`: the place of the figure's cue, which belongs to the same clause."""
    words = view.words
    for index in range(min(cue, figure.left) - 1, max(0, figure.left - REACH), -1):
        word = words[index]
        if word in ("that", "which"):
            named = words[max(0, index - REACH) : index]
            return index if not _EVENT_NOUNS.isdisjoint(named) and words[index + 1] not in _DETERMINERS else 0
        if word in (";", ":", ".", "and", "but", "said", "says"):
            return 0
    return 0


def on_trial(view: View, figure: Figure, _: int) -> bool:
    """ "is accused of killing N": a deed that is tried or told of in court, and no news."""
    return not _CHARGES.isdisjoint(view.words[max(0, figure.left - TRIAL) : figure.left])


def dated_aside(view: View, figure: Figure, cue: int, when: When) -> bool:
    """ "the strikes earlier this month that left N dead": an event of more than some days ago, told in a relative clause."""
    start = relative(view, figure, cue)
    if not start or when.relation not in ("in", "ago"):
        return False
    if when.end is None or view.published is None:
        return when.unit != "day" or when.last - when.first > 1
    return when.unit in ("week", "month", "year", "span") or view.published - when.end > RECENT


def beside(view: View, figure: Figure, when: When) -> bool:
    """ ", which saw 5,000 arrive last year, ...": told beside the main clause, and over."""
    if when.relation != "in" or when.unit == "day" or when.future:
        return False
    words = view.words
    start = next((index for index in range(figure.left - 1, max(0, figure.left - REACH), -1) if words[index] == ","), 0)
    return (
        start > 0
        and words[start + 1] == "which"
        and words[start + 2] not in _SHOWED
        and not any(word in _NOW for word in words[start + 2 : figure.left])
    )


def bygone(view: View, stock: bool) -> bool:
    """ "Under the last prefect, N came": the sentence opens with a time of office that is over; "Before it sailed, N were held"."""
    words = view.words[1:] if view.words[0] in ("even", "just", "shortly") else view.words
    if "," not in words[2:_OPENS] or present(view):
        return False
    return (words[0] == "under" and view.capital(words.index(",") - 1)) or (stock and words[0] == "before")


_OPENS = 9  # words of an opening phrase, at most


def population(view: View, figure: Figure) -> bool:
    """ "the nation's 11 million immigrants", "the 11 million who live here": a population known to be there, whatever is planned for it."""
    before = view.words[max(0, figure.left - 4) : figure.left]
    definite = before[-1:] in (["the"], ["'s"], ["other"]) or before[-2:] == ["of", "an"] or (before[-1:] == ["of"] and "some" in before)
    return definite and figure.person and figure.role == "level" and (figure.value.low or 0) >= POPULATION


POPULATION = 1_000_000  # so many are no event and no plan


_SHOWED = frozenset({"showed", "shows", "said", "says", "found", "reported", "put", "puts"})


def present(view: View) -> bool:
    """Is anything in the sentence told of now?"""
    return not _NOW.isdisjoint(view.words)


def frame(view: View) -> date | None:
    """The end of the latest time that the sentence tells of; None where it names none, or tells of now."""
    if not view.whens or present(view):
        return None
    if view.published is None and all(_dates(when) for when in view.whens):
        return date.min  # a date without its year and weekday: of an event, older than this week
    ends = [end for when in view.whens if (end := _told_of(view, when)) is not None]
    return max(ends) if len(ends) == len(view.whens) else None


def _told_of(view: View, when: When) -> date | None:
    """The end of a time that is told of: "in May", "since May, when ..."."""
    if when.relation == "since" and "when" in view.words[when.last : when.last + 2]:
        return when.start
    return when.end if when.relation == "in" else None


def _dates(when: When) -> bool:
    """Is a month, or a day with its month, named ("on October 7")?"""
    return when.relation == "in" and (when.unit in ("month", "year") or (when.unit == "day" and when.last - when.first > 1))


def presupposed(view: View, figure: Figure, _: int) -> bool:
    """ "those 13 soldiers who were killed": the figure is known already and only taken up again."""
    start = figure.left - 1
    if start < 0 or view.words[start] not in _DEFINITE:
        who = any(word in RELATIVE for word in view.words[figure.last : figure.right + 1])
        return who and "all" in view.words[max(0, start) : figure.first]  # "all 13 soldiers who were killed"
    return not any(0 <= start - other.last <= 2 and not other.sure for other in view.figures if other.first < start)  # "half of the 4,200"


def _of_year(view: View, figure: Figure, cue: int) -> bool:
    """ "a 2003 earthquake that killed N": the year names an event of another time."""
    start = relative(view, figure, cue if cue >= 0 else figure.left)
    years = (word for word in view.words[max(0, start - 4) : start] if len(word) == 4 and word.isdigit())
    return start > 0 and any(view.published is None or int(year) < view.published.year for year in years)


def _known(view: View, figure: Figure, cue: int) -> bool:
    """ "the attack which left N dead": a clause that only says which event is meant, known before."""
    words = view.words
    start = relative(view, figure, cue if cue >= 0 else figure.left)
    if not start or words[start - 1] == ",":
        return False
    event = next((at for at in range(start - 1, max(0, start - REACH), -1) if words[at] in _EVENT_NOUNS), 0)
    return event > 0 and not {"the", "'s", "last", "previous", "earlier"}.isdisjoint(words[max(0, event - 3) : event])


CHECKS = (past_event, second, distal, lamented, whoever, presupposed, on_trial, _known, _of_year)
"""What shows that harm without a date is told only as background, from the figure and the place of its cue."""
