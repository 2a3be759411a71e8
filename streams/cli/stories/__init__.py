"""The written stories of `newsgauge demo`: data in border.toml, dated relative to today."""

import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from importlib import resources

import msgspec

from schemas.article import Article

__all__ = ["Story", "articles", "stories"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One story as written. `alerts` are the transitions that must come of it."""

    name: str
    publisher: str
    url: str
    title: str
    days_ago: int
    at: time
    note: str
    alerts: tuple[str, ...]
    text: str = ""
    copy_of: str | None = None
    before: str = ""
    after: str = ""


def stories() -> tuple[Story, ...]:
    """All stories, in the order in which they are published."""
    data = resources.files(__name__).joinpath("border.toml").read_text(encoding="utf-8")
    return tuple(msgspec.convert(tomllib.loads(data)["story"], list[Story]))


def articles(now: datetime) -> tuple[tuple[Story, Article], ...]:
    """Each story with the article that it is when published at `now` (UTC)."""
    written = stories()
    texts = {story.name: story.text.strip() for story in written}
    return tuple((story, _article(story, texts, now)) for story in written)


def _article(story: Story, texts: dict[str, str], now: datetime) -> Article:
    day = now - timedelta(days=story.days_ago)
    moment = min(now, datetime.combine(day, story.at, UTC))
    text = texts[story.copy_of] if story.copy_of else texts[story.name]
    return Article(
        text="\n".join(part for part in (story.before + text, story.after) if part) + "\n",
        url=story.url,
        title=story.title,
        publisher=story.publisher,
        published=moment.isoformat(timespec="seconds"),
        language="en",
    )
