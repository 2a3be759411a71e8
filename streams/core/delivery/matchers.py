"""Label matchers as Alertmanager has them (`level="critical"`, `team=~"mig.*"`), and the labels of an alert that they look at.

Regular expressions are RE2's, as there: whatever the pattern, matching takes time in proportion to the text.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, cast

import re2

from schemas.alert import Alert
from schemas.delivery import Matcher, Operator

__all__ = ["fault", "labels_of", "matches", "parse_matcher", "told"]

_MATCHER = re.compile(r"""\s*([A-Za-z_][A-Za-z0-9_]*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|[^"'\s{},]+)\s*""")
_ESCAPED = re.compile(r"\\(.)", re.S)
MAX_LENGTH = 1_000
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 1 << 20


def parse_matcher(text: str) -> Matcher:
    """A matcher as people write it; the value may stand in double quotes, with \\ before a quote or a backslash.

    >>> parse_matcher('level="critical"')
    Matcher(name='level', op='=', value='critical')
    >>> parse_matcher("team!~mig.*").op
    '!~'

    Raises ValueError with what was expected.
    """
    found = _MATCHER.fullmatch(text) if len(text) <= MAX_LENGTH else None
    if not found:
        raise ValueError(f'{text[:60]!r} is no matcher: expected a label, one of = != =~ !~, and a value, such as level="critical"')
    name, op, value = found.groups()
    if value.startswith('"'):
        value = _ESCAPED.sub(r"\1", value[1:-1]) if op in ("=", "!=") else value[1:-1].replace('\\"', '"')
    matcher = Matcher(name=name, op=cast(Operator, op), value=value)
    if (wrong := fault(matcher)) is not None:
        raise ValueError(wrong)
    return matcher


def fault(matcher: Matcher) -> str | None:
    """Why the matcher cannot be asked; None: it can."""
    if matcher.op in ("=", "!="):
        return None
    try:
        _compiled(matcher.value)
    except UnicodeEncodeError:
        return f"{matcher.value[:60]!r} is no text"
    except re2.error as error:
        return f"{matcher.value[:60]!r} is no regular expression (of RE2): {error.args[0].decode(errors='replace')}"
    return None


def told(matcher: Matcher) -> str:
    """The matcher as it is written."""
    escaped = matcher.value if matcher.op in ("=~", "!~") else matcher.value.replace("\\", "\\\\")
    return f'{matcher.name}{matcher.op}"{escaped.replace(chr(34), chr(92) + chr(34))}"'


def matches(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Do all matchers hold? A label that is not there is empty; no matcher at all matches everything."""
    return all(_holds(matcher, labels.get(matcher.name, "")) for matcher in matchers)


def _holds(matcher: Matcher, value: str) -> bool:
    match matcher.op:
        case "=":
            return value == matcher.value
        case "!=":
            return value != matcher.value
        case "=~":
            return _compiled(matcher.value).fullmatch(value) is not None
        case "!~":
            return _compiled(matcher.value).fullmatch(value) is None


@lru_cache(1_000)
def _compiled(pattern: str) -> Any:
    return re2.compile(pattern, _OPTIONS)


def labels_of(alert: Alert) -> dict[str, str]:
    """What matchers see: the rule's labels, the group, and `rule`, `level` (of an end: the level that ended), `transition`."""
    level = alert.level or alert.previous_level or ""
    return {**alert.labels, **alert.group, "rule": alert.rule.id, "level": level, "transition": alert.transition}
