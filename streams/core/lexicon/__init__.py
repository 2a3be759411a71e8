"""Knowledge of language and of the world, as data: one TOML file a subject, each with its source.

`table(name)` reads ``<name>.toml`` of this package. The modules that use a file compile it once, when they are imported, and refuse what
they cannot use, so that a wrong entry is found at load and not in an article.
"""

import tomllib
from collections.abc import Iterable
from importlib import resources
from typing import Any

__all__ = ["LexiconError", "mapping", "phrases", "strings", "table"]


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
    """The list of lower-case strings under `key` (a dotted path), checked: strings, not empty, no duplicates."""
    value: Any = data
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if not isinstance(value, list) or not all(isinstance(word, str) and word for word in value):
        raise LexiconError(f"lexicon {name}.toml: {key} must be a list of words")
    _check(name, key, value)
    return tuple(value)


def mapping(name: str, data: dict[str, Any], key: str) -> dict[str, str]:
    """A table of lists turned round: ``{class = [words]}`` becomes word -> class. A word in two classes is an error."""
    value: Any = data
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if not isinstance(value, dict):
        raise LexiconError(f"lexicon {name}.toml: {key} must be a table of lists")
    turned: dict[str, str] = {}
    for group in value:
        for word in strings(name, value, group) if "." not in group else ():
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


def _check(name: str, key: str, words: list[str]) -> None:
    seen: set[str] = set()
    for word in words:
        if word != word.lower():
            raise LexiconError(f"lexicon {name}.toml: {key}: {word!r} is not lower case")
        if word in seen:
            raise LexiconError(f"lexicon {name}.toml: {key}: {word!r} twice")
        seen.add(word)
