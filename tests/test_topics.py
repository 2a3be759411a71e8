"""The table of topics holds what the flow relies on."""

import pytest

from streams.topics import ARTICLES, DEAD, STATE, TOPICS, topic

LIMIT = 8_388_608


def test_names_are_unique_and_legal() -> None:
    names = [topic.name for topic in TOPICS]
    assert len(set(names)) == len(names)
    assert all(name.replace(".", "").isalpha() and name == name.lower() for name in names)


def test_a_name_has_its_topic_and_a_stranger_none() -> None:
    assert topic("articles") is ARTICLES
    with pytest.raises(KeyError):
        topic("artikel")


def test_the_prefix_stands_before_the_name() -> None:
    assert ARTICLES.named("staging.") == "staging.articles"


def test_a_dead_letter_has_room_for_the_largest_article_and_its_headers() -> None:
    assert DEAD.max_message_bytes(LIMIT) > ARTICLES.max_message_bytes(LIMIT) == LIMIT


def test_only_state_is_compacted_and_for_ever() -> None:
    for one in TOPICS:
        assert (one.cleanup == "compact") == (one.retention_ms is None), one.name
    assert STATE.settings(LIMIT)["retention.ms"] == "-1"


def test_what_the_worker_reads_is_not_compacted() -> None:
    """Gaps in the offsets would break how Faust counts what is done."""
    assert all(topic.cleanup == "delete" for topic in TOPICS if topic.read_by_worker)


def test_every_topic_says_what_it_holds_and_why() -> None:
    assert all(topic.key and topic.value and topic.why for topic in TOPICS)
