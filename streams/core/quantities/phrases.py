"""Phrases of the lexicon, found beside a given token: those that end right before it, those that begin at it."""

from collections.abc import Iterable, Mapping

__all__ = ["After", "Before", "after", "before", "compile_after", "compile_before"]

After = dict[str, tuple[tuple[list[str], str], ...]]
"""By first word, longest first: (the words, their meaning)."""
Before = dict[str, tuple[tuple[list[str], str], ...]]
"""By last word, longest first."""


def compile_after(meanings: Mapping[str, str] | Iterable[tuple[str, str]]) -> After:
    """Index phrases, words separated by blanks, by their first word."""
    return _indexed(meanings, 0)


def compile_before(meanings: Mapping[str, str] | Iterable[tuple[str, str]]) -> Before:
    """Index phrases by their last word."""
    return _indexed(meanings, -1)


def _indexed(meanings: Mapping[str, str] | Iterable[tuple[str, str]], place: int) -> dict[str, tuple[tuple[list[str], str], ...]]:
    grouped: dict[str, list[tuple[list[str], str]]] = {}
    for phrase, meaning in meanings.items() if isinstance(meanings, Mapping) else meanings:
        words = phrase.split()
        grouped.setdefault(words[place], []).append((words, meaning))
    return {word: tuple(sorted(found, key=lambda entry: -len(entry[0]))) for word, found in grouped.items()}


def after(table: After, words: list[str], place: int) -> tuple[str, int] | None:
    """The longest phrase that begins at `place`: (meaning, one past it)."""
    for phrase, meaning in table.get(words[place], ()):
        size = len(phrase)
        if size == 1 or words[place : place + size] == phrase:
            return meaning, place + size
    return None


def before(table: Before, words: list[str], place: int, floor: int = 0) -> tuple[str, int] | None:
    """The longest phrase that ends right before `place` and begins no earlier than `floor`: (meaning, its first token)."""
    if place <= floor:
        return None
    for phrase, meaning in table.get(words[place - 1], ()):
        start = place - len(phrase)
        if start >= floor and (len(phrase) == 1 or words[start:place] == phrase):
            return meaning, start
    return None
