"""Written tests of rules: articles and claims with their times, and the transitions that must come of them.

A file names its rule file and holds tests; each test starts from nothing. An entry of `articles` is read as a worker would read it, an
entry of `claims` is a figure by itself, for what does not depend on how a sentence is written. What the words mean is in docs/rules.md.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BeforeValidator, Field, model_validator

from schemas.alert import Grade, Transition
from schemas.article import Article, Document
from schemas.claims import ClaimRecord
from schemas.figure import Attribution, Bound, Claim, Kind, Modality, Period, Place, Reference, Scope
from streams.core.claims import FAMILY_OF, claim_id, standard
from streams.core.evaluate import Outcome as Claimed
from streams.core.intake import Rejected, parse_time, receive
from streams.core.matching import Refusal
from streams.core.rehearse import Timed
from streams.core.rules import Duration, Figure, RuleSet
from streams.core.yamlfile import Fault, Part, Path, Written, load, suggest

__all__ = ["ArticleCase", "Case", "CaseFile", "ClaimCase", "Expected", "check", "inputs", "read_cases"]

MAX_COPIES = 1_000
ANSWERS = frozenset({*get_args(Refusal), *get_args(Claimed), "near_miss"})
"""What may become of a claim at a rule."""


def _time(value: Any) -> str:
    """A date or time as YAML or a person gives it, in ISO 8601."""
    text = value.isoformat() if isinstance(value, date) else value
    if not isinstance(text, str) or parse_time(text) is None:
        raise ValueError("expected a date or time such as 2024-01-31 or 2024-01-31T12:00")
    return text


def _days(value: Any) -> Any:
    """One day, or the first and the last."""
    return (value, value) if isinstance(value, str | date) else value


Time = Annotated[str, BeforeValidator(_time)]
Days = Annotated[tuple[date, date], BeforeValidator(_days)]


class _Coming(Part):
    """What comes at a time: `at`, else when it was published."""

    at: Time | None = None
    published: Time | None = None

    @model_validator(mode="after")
    def has_a_time(self) -> Self:
        if self.at is None and self.published is None:
            raise ValueError("expected `at` (when it comes) or `published`")
        return self

    @property
    def moment(self) -> datetime:
        return moment(self.at or self.published or "")

    @property
    def dated(self) -> str:
        return self.published or self.at or ""


class ArticleCase(_Coming):
    """An article. With `copies` the same text comes so many times in as many papers, one `every` so often."""

    text: str = Field(min_length=1)
    id: str | None = None
    title: str | None = None
    publisher: str | None = None
    url: str | None = None
    version: int | None = None
    updated: Time | None = None
    copies: int = Field(default=1, ge=1, le=MAX_COPIES)
    every: Duration = 600.0


class ClaimCase(_Coming):
    """A figure by itself. `about`: the day, or the first and the last day, that the text would give."""

    indicator: str
    value: Figure | None = None
    low: Figure | None = None
    high: Figure | None = None
    unit: str = "person"
    period: Period | None = None
    kind: Kind | None = None
    modality: Modality = "asserted"
    scope: Scope = "total"
    about: Days | None = None
    place: str | None = None
    attribution: str | None = None
    publisher: str | None = None
    document: str | None = None
    version: int = Field(default=1, ge=1)
    confidence: float = Field(default=0.9, ge=0, le=1)

    @model_validator(mode="after")
    def has_a_figure(self) -> Self:
        if self.value is None and self.low is None and self.high is None:
            raise ValueError("expected `value`, or `low` and `high` or one of them")
        return self


class Expected(Part):
    """One transition. Only what is written is compared; `level: null` asks for an alert that holds no level any more."""

    rule: str | None = None
    transition: Transition
    level: str | None = None
    previous: str | None = None
    group: dict[str, str] = Field(default_factory=dict)
    value: Figure | None = None
    grade: Grade | None = None
    at: Time | None = None
    reason: str | None = None
    sentence: str | None = None
    origins: int | None = None
    contested: bool | None = None
    late: bool | None = None


class Case(Part):
    """One test. With `rule` only that rule counts. `ignore`: transitions that are not compared. `answers`: what must have become of the
    claims, by the words of `newsgauge_rule_claims_total`, so that a test that expects nothing says why nothing comes."""

    name: str = Field(min_length=1)
    rule: str | None = None
    articles: tuple[ArticleCase, ...] = ()
    claims: tuple[ClaimCase, ...] = ()
    until: Time | None = None
    ignore: tuple[Transition, ...] = ()
    answers: dict[str, int] | None = None
    expect: tuple[Expected, ...]


class CaseFile(Part):
    """A file of tests. `rules` is a path from the file's own folder."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    rules: str
    tests: tuple[Case, ...] = Field(min_length=1)


def read_cases(text: str, *, file: str = "tests.yaml") -> Written[CaseFile] | tuple[Fault, ...]:
    """The tests of `text`, or all the faults of their form."""
    return load(text, CaseFile, file=file)


def moment(text: str) -> datetime:
    """A time that was checked before."""
    parsed = parse_time(text)
    assert parsed is not None
    return parsed[0]


def check(written: Written[CaseFile], rules: RuleSet) -> tuple[Fault, ...]:
    """What in the tests does not go with `rules` or with the flow: unknown rules, levels, indicators, articles that would be refused."""
    faults = []
    for number, case in enumerate(written.content.tests):
        for path, message in _faults(case, rules):
            faults.append(written.fault(("tests", number, *path), message))
    return tuple(faults)


def _faults(case: Case, rules: RuleSet) -> Iterator[tuple[Path, str]]:
    known = {rule.id: rule for rule in rules.rules}
    if case.rule is not None and case.rule not in known:
        yield ("rule",), f"unknown rule {case.rule!r}{suggest(case.rule, known)}"
    for number, wanted in enumerate(case.expect):
        where, name = ("expect", number), wanted.rule or case.rule
        if name is None:
            yield where, "'rule' is missing, here or in the test"
        elif name not in known:
            yield (*where, "rule"), f"unknown rule {name!r}{suggest(name, known)}"
        else:
            levels = [level.level for level in known[name].when.levels]
            yield from (
                ((*where, key), f"rule {name} has no level {level!r}{suggest(level, levels)}")
                for key, level in (("level", wanted.level), ("previous", wanted.previous))
                if level is not None and level not in levels
            )
    for word in case.answers or ():
        if word not in ANSWERS:
            yield ("answers", word), f"unknown answer {word!r}{suggest(word, ANSWERS)}"
    for number, claim in enumerate(case.claims):
        if claim.indicator not in FAMILY_OF:
            yield ("claims", number, "indicator"), f"unknown indicator {claim.indicator!r}{suggest(claim.indicator, FAMILY_OF)}"
    for number, article in enumerate(case.articles):
        document = _document(article, f"article {number + 1}", article.moment)
        if isinstance(document, Rejected):
            yield ("articles", number), f"it would be refused: {document.reason}: {document.detail}"


def inputs(case: Case) -> list[tuple[str, Timed]]:
    """What comes in a test that has no faults, in order of time, each with a name for people; at one time articles before claims."""
    coming = [
        (f"article {number}" if article.copies == 1 else f"article {number}, copy {copy + 1}", Timed(at, document))
        for number, article in enumerate(case.articles, 1)
        for copy, at, document in _documents(article, f"article {number}")
    ]
    coming += [(f"claim {number}", Timed(claim.moment, _record(claim, f"claim {number}"))) for number, claim in enumerate(case.claims, 1)]
    return sorted(coming, key=lambda one: one[1].at)


def _documents(article: ArticleCase, name: str) -> Iterator[tuple[int, datetime, Document]]:
    for copy in range(article.copies):
        later = timedelta(seconds=copy * article.every)
        given = article
        if article.copies > 1:
            changed = {
                "id": f"{article.id or name}/{copy + 1}",
                "publisher": f"{article.publisher or 'paper'} {copy + 1}",
                "published": (moment(article.dated) + later).isoformat(),
            }
            given = article.model_copy(update=changed)
        document = _document(given, name, article.moment + later)
        assert isinstance(document, Document)
        yield copy, article.moment + later, document


def _document(article: ArticleCase, name: str, at: datetime) -> Document | Rejected:
    """As enrich receives it at `at`. Without `id` and `url` each entry is a document of its own."""
    given = Article(
        text=article.text,
        id=article.id or (None if article.url else name),
        url=article.url,
        title=article.title,
        published=article.dated,
        updated=article.updated,
        publisher=article.publisher,
        version=article.version,
    )
    return receive(given, timestamp=at)


def _record(case: ClaimCase, name: str) -> ClaimRecord:
    """The record of `claims` that a figure by itself is."""
    document, published, series = case.document or name, moment(case.dated), standard().by_name[case.indicator]
    low, high, bound = _interval(case)
    quote = f"{case.value if case.value is not None else low if low is not None else high:,}"
    sentence = f"{quote} {case.unit} ({case.indicator.replace('_', ' ')})."
    claim = Claim(
        claim_id=claim_id(document, case.version, 0, f"{case.indicator}:{quote}:{case.about}"),
        start=0,
        end=len(quote),
        quote=quote,
        low=low,
        high=high,
        point=case.value,
        bound=bound,
        unit=case.unit,
        indicator=case.indicator,
        family=None if series.family == "other" else series.family,
        scope=case.scope,
        period=case.period or series.period,
        kind=case.kind or series.kind,
        modality=case.modality,
        reference=_about(case, published.date()),
        place=Place(text=case.place, id=case.place) if case.place else None,
        attribution=Attribution(text=case.attribution, id=case.attribution) if case.attribution else None,
        confidence=case.confidence,
        sentence=sentence,
        sentence_start=0,
        sentence_end=len(sentence),
    )
    return ClaimRecord(
        document=document,
        version=case.version,
        title=None,
        url=None,
        publisher=case.publisher,
        published=published,
        precision="second",
        ingested=case.moment.astimezone(UTC),
        signature=(),
        claim=claim,
    )


def _interval(case: ClaimCase) -> tuple[int | float | None, int | float | None, Bound]:
    if case.low is None and case.high is None:
        return case.value, case.value, "exact"
    if case.value is not None:
        return case.low, case.high, "approx"
    return case.low, case.high, "at_least" if case.high is None else "at_most" if case.low is None else "range"


def _about(case: ClaimCase, published: date) -> Reference:
    if case.about is None:
        return Reference(start=published, end=published, complete=False, assumed=True)
    return Reference(start=case.about[0], end=case.about[1], complete=case.about[1] < published)
