"""Knowledge of language and of the world, as data: one TOML file a subject, each with its source.

`table(name)` reads ``<name>.toml`` of this package. The modules that use a file compile it once, when they are imported, and refuse what
they cannot use, so that a wrong entry is found at load and not in an article.
"""

import tomllib
from collections.abc import Iterable
from importlib import resources
from typing import Any

__all__ = ["LexiconError", "mapping", "names", "numbers", "numerals", "phrases", "strings", "table"]


class LexiconError(ValueError):
    """A lexicon file says something that its reader cannot use; the message names file and entry."""


def table(name: str) -> dict[str, Any]:
    """The parsed contents of ``<name>.toml``.

    Raises:
        LexiconError: the file is missing or is no TOML.
    """
    try:
        return tomllib.loads(resources.files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise LexiconError(f"lexicon {name}.toml: {error}") from error


def strings(name: str, data: dict[str, Any], key: str) -> tuple[str, ...]:
    """The list under `key` (a dotted path), checked: lower-case strings, none empty, none twice."""
    value = _at(data, key)
    if not isinstance(value, list) or not all(isinstance(word, str) and word for word in value):
        raise LexiconError(f"lexicon {name}.toml: {key} must be a list of words")
    seen: set[str] = set()
    for word in value:
        _lower_case(name, key, word)
        if word in seen:
            raise LexiconError(f"lexicon {name}.toml: {key}: {word!r} twice")
        seen.add(word)
    return tuple(value)


def numbers(name: str, data: dict[str, Any], key: str) -> dict[str, int | float]:
    """The table under `key`, word -> number."""
    value = _at(data, key)
    if not isinstance(value, dict) or not all(isinstance(number, int | float) for number in value.values()):
        raise LexiconError(f"lexicon {name}.toml: {key} must map words to numbers")
    for word in value:
        _lower_case(name, key, word)
    return dict(value)


def names(name: str, data: dict[str, Any], key: str) -> dict[str, str]:
    """The table under `key`, word -> name."""
    value = _at(data, key)
    if not isinstance(value, dict) or not all(isinstance(meaning, str) for meaning in value.values()):
        raise LexiconError(f"lexicon {name}.toml: {key} must map words to names")
    for word in value:
        _lower_case(name, key, word)
    return dict(value)


def mapping(name: str, data: dict[str, Any], key: str) -> dict[str, str]:
    """A table of lists turned round: ``{class = [words]}`` becomes word -> class. A word in two classes is an error."""
    value = _at(data, key)
    if not isinstance(value, dict):
        raise LexiconError(f"lexicon {name}.toml: {key} must be a table of lists")
    turned: dict[str, str] = {}
    for group in value:
        for word in strings(name, value, group):
            if word in turned:
                raise LexiconError(f"lexicon {name}.toml: {key}: {word!r} is both {turned[word]} and {group}")
            turned[word] = group
    return turned


def phrases(entries: Iterable[tuple[str, str]]) -> dict[str, tuple[tuple[tuple[str, ...], str], ...]]:
    """Phrases of words separated by spaces, by first word, longest first: ``{"as": ((("as", "many", "as"), "at_most"), ...)}``."""
    grouped: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for phrase, meaning in entries:
        words = tuple(phrase.split())
        grouped.setdefault(words[0], []).append((words, meaning))
    return {first: tuple(sorted(found, key=lambda entry: -len(entry[0]))) for first, found in grouped.items()}


def _at(data: dict[str, Any], key: str) -> Any:
    value: Any = data
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _lower_case(name: str, key: str, word: str) -> None:
    if word != word.lower():
        raise LexiconError(f"lexicon {name}.toml: {key}: {word!r} is not lower case")


def numerals() -> frozenset[str]:
    """Every word that is a numeral or a part of one: what cuts a hyphen compound into tokens."""
    data = table("numerals")
    keys = ("units", "teens", "tens", "scales", "vague", "fractions", "multiples")
    words = {word for key in keys for word in numbers("numerals", data, key)}
    return frozenset(words.union(strings("numerals", data, "words.parts")))
