"""Indicators out of data: checked, their verbs inflected, their cues compiled into one scanner."""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal, cast

from schemas.figure import Kind, Period
from streams.core import lexicon
from streams.core import text as texts
from streams.core.lexicon import LexiconError
from streams.core.lexicon.scan import Scanner

__all__ = ["Cue", "Indicator", "Indicators", "compile_indicators", "standard"]

CueKind = Literal["noun", "done_to", "does", "state", "counted"]
Form = Literal["base", "s", "past", "part", "ing", "noun", "phrase"]
_CUE_KINDS: tuple[CueKind, ...] = ("noun", "done_to", "does", "state", "counted")
_CUE_KEYS = frozenset({*_CUE_KINDS, "needs", "unless", "cost", "least", "units", "flow", "flow_needs", "flow_else", "event"})
_KINDS = ("stock", "flow", "cumulative")
_PERIODS = ("day", "week", "month", "year", "fiscal_year", "event", "cumulative", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One series. `event` is the period that a figure of a stock has where a cue says that something happened."""

    name: str
    family: str
    title: str
    kind: Kind
    period: Period
    units: frozenset[str]
    not_counted: frozenset[str] = frozenset()
    """Heads of counted noun phrases that are never of this series."""
    examples: tuple[tuple[str, str], ...] = ()
    counter: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """A word or phrase that shows an indicator, under its conditions."""

    indicator: str
    kind: CueKind
    form: Form
    lemma: str
    needs: frozenset[str]
    unless: frozenset[str]
    cost: float
    least: float = 0.0
    """Smaller counts are made in passing."""
    units: frozenset[str] = frozenset()
    """The unit classes of this cue, where they are fewer than the indicator's."""
    flow: str | None = None
    flow_needs: frozenset[str] = frozenset()
    flow_else: str | None = None
    event: Period | None = None


@dataclass(frozen=True, slots=True)
class Indicators:
    """The compiled pack: the indicators by name, and the scanner over context words, cues and the other word lists of claims."""

    by_name: dict[str, Indicator]
    scanner: Scanner = field(repr=False)


def compile_indicators(sources: Iterable[str]) -> Indicators:
    """Indicators out of the texts of TOML files, later ones after earlier ones; an indicator named twice gets the cues of both.

    Raises:
        LexiconError: a text is no TOML, or says what the reader cannot use; the message names the indicator and the key.
    """
    by_name: dict[str, Indicator] = {}
    entries: list[tuple[str, tuple[str, ...], Any]] = list(_word_lists())
    contexts: dict[str, set[tuple[str, ...]]] = {}
    heads: dict[str, frozenset[str]] = {}
    cues: list[tuple[str, dict[str, Any]]] = []
    for source in sources:
        try:
            data = tomllib.loads(source)
        except tomllib.TOMLDecodeError as error:
            raise LexiconError(f"indicators: {error}") from error
        for name, words in data.get("context", {}).items():
            contexts.setdefault(name, set()).update(map(_words, words))
        entries.extend(("cue", _words(phrase), None) for phrase in data.get("ignore", {}).get("phrases", ()))
        heads.update({name: frozenset(words) for name, words in data.get("heads", {}).items()})
        for name, body in data.get("indicator", {}).items():
            by_name[name] = _indicator(name, body, by_name.get(name), heads)
            cues.extend((name, cue) for cue in body.get("cue", ()))
    entries.extend(_context_entries(contexts))
    for name, body in cues:
        _check_cue(name, body, set(contexts), by_name)
        entries.extend(("cue", words, cue) for words, cue in _expand(name, body))
    return Indicators(by_name, Scanner(LAYERS, entries))


@cache
def standard() -> Indicators:
    """The pack that comes with newsgauge."""
    return compile_indicators([resources.files(lexicon).joinpath("indicators.toml").read_text(encoding="utf-8")])


LAYERS = ("context", "cue", "mood", "source", "carry", "refuse", "event")


def _word_lists() -> Iterator[tuple[str, tuple[str, ...], Any]]:
    """The lists of the other readers, scanned in the same pass: (layer, words, class)."""
    for name, body in lexicon.table("modality").items():
        for key, phrases in body.items():
            if name in ("rules", "background"):
                continue
            yield from (("mood", _words(phrase), f"{name}.{key}") for phrase in phrases)
    sources = lexicon.table("attribution")["words"]
    for key in ("say", "act", "according", "alone"):
        yield from (("source", _words(phrase), key) for phrase in sources[key])
    for key, phrases in lexicon.table("syntax")["carry"].items():
        yield from (("carry", _words(phrase), key) for phrase in phrases)
    refusals = lexicon.table("unreported")
    for key, phrases in refusals["near"].items():
        yield from (("refuse", _words(phrase), key) for phrase in phrases)
    for verb in refusals["event"]["verbs"]:
        yield from (("event", words, "event") for words, _ in _verb(verb))


def _context_entries(contexts: dict[str, set[tuple[str, ...]]]) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Context phrases with all their classes, those of the phrases inside them too: "asylum seekers" speaks of asylum and of migrants."""
    every = set().union(*contexts.values()) if contexts else set()
    for phrase in every:
        parts = {phrase[start:end] for start in range(len(phrase)) for end in range(start + 1, len(phrase) + 1)}
        yield from (("context", phrase, name) for name, phrases in contexts.items() if parts & phrases)


def _indicator(name: str, body: dict[str, Any], earlier: Indicator | None, heads: dict[str, frozenset[str]]) -> Indicator:
    if earlier is not None and "family" not in body:
        return earlier
    for key, allowed in (("kind", _KINDS), ("period", _PERIODS)):
        if body.get(key) not in allowed:
            raise LexiconError(f"indicators: {name}.{key} must be one of {', '.join(allowed)}, not {body.get(key)!r}")
    for key in ("family", "title"):
        if not isinstance(body.get(key), str) or not body[key]:
            raise LexiconError(f"indicators: {name}.{key} must be text")
    pairs = {key: tuple((str(text), str(quote)) for text, quote in body.get(key, ())) for key in ("examples", "counter")}
    for key, listed in pairs.items():
        for text, quote in listed:
            if quote not in text:
                raise LexiconError(f"indicators: {name}.{key}: {quote!r} is not in {text!r}")
    missing = [group for group in body.get("not_counted", ()) if group not in heads]
    if missing:
        raise LexiconError(f"indicators: {name}.not_counted: no [heads] {', '.join(missing)}")
    return Indicator(
        name=name,
        family=body["family"],
        title=body["title"],
        kind=body["kind"],
        period=body["period"],
        units=frozenset(body.get("units", ())),
        not_counted=frozenset().union(*(heads[group] for group in body.get("not_counted", ()))),
        **pairs,
    )


def _check_cue(name: str, body: dict[str, Any], contexts: set[str], by_name: dict[str, Indicator]) -> None:
    unknown = set(body) - _CUE_KEYS
    if unknown:
        raise LexiconError(f"indicators: {name}.cue: unknown key {', '.join(sorted(unknown))}")
    if not any(body.get(kind) for kind in _CUE_KINDS):
        raise LexiconError(f"indicators: {name}.cue: needs one of {', '.join(_CUE_KINDS)}")
    for key in ("needs", "unless", "flow_needs"):
        missing = set(body.get(key, ())) - contexts
        if missing:
            raise LexiconError(f"indicators: {name}.cue.{key}: no [context] {', '.join(sorted(missing))}")
    for key in ("flow", "flow_else"):
        if body.get(key) is not None and body[key] not in by_name:
            raise LexiconError(f"indicators: {name}.cue.{key}: no indicator {body[key]!r}")


def _expand(name: str, body: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], Cue]]:
    """Every inflected form of every cue word of one [[cue]] table."""
    for kind in _CUE_KINDS:
        for entry in body.get(kind, ()):
            forms = (
                _verb(entry)
                if kind in ("done_to", "does")
                else _noun(entry)
                if kind in ("noun", "counted")
                else [(_words(entry), "phrase")]
            )
            for words, form in forms:
                yield (
                    words,
                    Cue(
                        indicator=name,
                        kind=kind,
                        form=cast(Form, form),
                        lemma=entry,
                        needs=frozenset(body.get("needs", ())),
                        unless=frozenset(body.get("unless", ())),
                        cost=float(body.get("cost", 0.0)),
                        least=float(body.get("least", 0.0)),
                        units=frozenset(body.get("units", ())),
                        flow=body.get("flow"),
                        flow_needs=frozenset(body.get("flow_needs", ())),
                        flow_else=body.get("flow_else"),
                        event=body.get("event"),
                    ),
                )


def _words(phrase: str) -> tuple[str, ...]:
    return tuple(texts.tokens(phrase, 0, len(phrase)).words)


def _noun(entry: str) -> list[tuple[tuple[str, ...], str]]:
    """Singular and plural: the head is the last word, or the one before "of" or "for"."""
    words = _words(entry)
    head = next((index - 1 for index, word in enumerate(words) if word in ("of", "for") and index), len(words) - 1)
    plural = (*words[:head], _plural(words[head]), *words[head + 1 :])
    return [(words, "noun")] if plural == words else [(words, "noun"), (plural, "noun")]


def _plural(noun: str) -> str:
    if noun.endswith(("men", "people", "s")):
        return noun
    if noun.endswith(("ch", "sh", "x", "z")):
        return noun + "es"
    return noun[:-1] + "ies" if noun.endswith("y") and noun[-2] not in "aeiou" else noun + "s"


def _verb(entry: str) -> list[tuple[tuple[str, ...], str]]:
    """The forms of "base[/past[/participle[/ing]]]", with the words that follow. Equal forms are merged."""
    first, _, rest = entry.partition(" ")
    parts = first.split("/")
    base = parts[0]
    stem = base[:-1] if base.endswith("e") and not base.endswith("ee") else base
    regular = stem[:-1] + "ied" if base.endswith("y") and base[-2] not in "aeiou" else stem + "ed"
    past = parts[1] if len(parts) > 1 else regular
    part = parts[2] if len(parts) > 2 else past
    ing = parts[3] if len(parts) > 3 else stem + "ing"
    third = (
        base[:-1] + "ies"
        if base.endswith("y") and base[-2] not in "aeiou"
        else base + ("es" if base.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")
    )
    forms: dict[str, str] = {}
    for form, word in (("part", part), ("past", past), ("base", base), ("s", third), ("ing", ing)):
        forms.setdefault(word, form)
    tail = _words(rest) if rest else ()
    return [((word, *tail), form) for word, form in forms.items()]
