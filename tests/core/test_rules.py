"""Rule files: what is accepted, and that every fault says where it is and what was meant."""

from pathlib import Path

import pytest
from jinja2 import TemplateError

from streams.core.rules import RuleSet, parse, parse_duration, parse_number, templates
from streams.core.yamlfile import Fault

FAMILY_OF = {"apprehensions": "border_flow", "encounters": "border_flow", "deaths": "harm"}
WHOLE = """\
schema: 1
rules:
  - id: sw-border-daily
    title: Daily apprehensions
    state: live
    match:
      indicator: [apprehensions]
      place: {is: us-southwest-border}
      source: {deny: [satire.example]}
      attribution: {require: []}
      min_confidence: 0.6
    value: {unit: person, per: day, partial_period: reject}
    group_by: [place]
    when:
      direction: above
      certainty: probable
      levels:
        - {level: warning, at: 8_000, reset: 7_200}
        - {level: critical, at: 10k, reset: "9,000"}
    confirm: {min_origins: 1, distinct_by: origin, within: 24h}
    lifetime: {valid_for: 10d, allowed_lateness: 48h}
    notify: {on: [firing, resolved], update_when: 10%, cooldown: 6h, repeat: 24h}
    labels: {team: migration}
    annotations: {summary: "{{ group.place }}: {{ value.text }}"}
"""


def faults(text: str) -> tuple[Fault, ...]:
    found = parse(text, file="r.yaml", family_of=FAMILY_OF)
    assert not isinstance(found, RuleSet)
    return found


def test_a_whole_rule_reads_as_written() -> None:
    found = parse(WHOLE, family_of=FAMILY_OF)
    assert isinstance(found, RuleSet)
    rule = found.rules[0]
    assert [(level.level, level.at, level.back) for level in rule.when.levels] == [("warning", 8000, 7200), ("critical", 10000, 9000)]
    assert (rule.lifetime.valid_for, rule.lifetime.allowed_lateness, rule.notify.update_when) == (864_000, 172_800, 0.1)


def test_the_default_rules_are_valid() -> None:
    from streams.core.claims import FAMILY_OF as SHIPPED

    path = Path(__file__).parents[2] / "deploy" / "rules" / "migration.yaml"
    found = parse(path.read_text(encoding="utf-8"), file=str(path), family_of=dict(SHIPPED))
    assert isinstance(found, RuleSet), "\n".join(map(str, found))
    assert len(found.rules) >= 4


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("reset: 7_200", "reset: 9_000", 14, "level warning: reset 9,000 must be at or below at 8,000"),
        ("at: 10k", "at: 7k", 14, "level critical: reset 9,000 must be at or below at 7,000"),
        ("valid_for", "valid_fro", 21, "did you mean 'valid_for'?"),
        ("24h}", "a day}", 20, "expected a duration such as"),
        ("{{ value.text }}", "{{ value.text", 24, "annotation summary"),
        ("title: Daily", "titel: Daily", 4, "did you mean 'title'?"),
        ("state: live", "state: alive", 5, "'live', 'shadow' or 'off'"),
        ("[apprehensions]", "[aprehensions]", 7, "did you mean 'apprehensions'?"),
        ("[apprehensions]", "[apprehensions, deaths]", 7, "of one family"),
        ("{is: us-southwest-border}", "{}", 8, "expected either `is` or `within`"),
        ("update_when: 10%", "update_when: ten", 22, "expected a share such as 10%"),
        ("schema: 1", "schema: 2", 1, "1"),
    ],
)
def test_a_fault_has_its_line_and_says_what_is_meant(old: str, new: str, line: int, says: str) -> None:
    found = faults(WHOLE.replace(old, new, 1))
    assert any(fault.line == line and says in str(fault) for fault in found), [str(fault) for fault in found]


def test_every_fault_is_reported_not_only_the_first() -> None:
    assert len(faults(WHOLE.replace("valid_for", "x").replace("cooldown", "y"))) == 2


def test_an_id_is_used_once() -> None:
    twice = WHOLE + WHOLE.split("rules:\n")[1]
    assert any("used twice" in str(fault) for fault in faults(twice))


@pytest.mark.parametrize("text", ["", "- a", "schema: 1", "rules: [", "\t", "schema: 1\nrules: 5", "a: &a [*a]", "[" * 5_000])
def test_what_is_no_rule_file_is_a_fault_and_no_exception(text: str) -> None:
    assert faults(text)


def test_an_empty_file_is_told_what_belongs_there() -> None:
    assert [str(fault) for fault in faults("")] == ["r.yaml:1:1: keys and values are expected here"]


def test_numbers_and_durations_as_people_write_them() -> None:
    assert [parse_number(text) for text in ("10_000", "10,000", "10k", "1.5m", 7, 0.5)] == [10_000, 10_000, 10_000, 1_500_000, 7, 0.5]
    assert [parse_duration(text) for text in ("90s", "30m", "6h", "10d", "2w")] == [90, 1800, 21600, 864000, 1209600]
    for wrong in ("", "ten", "10 kilos", True, None):
        with pytest.raises(ValueError, match="expected"):
            parse_number(wrong)


def test_a_duration_has_an_end() -> None:
    with pytest.raises(ValueError, match="ten years"):
        parse_duration("99999999w")


@pytest.mark.parametrize(
    "template", ["{% for a in range(9) %}x{% endfor %}", "{{ 'a' * 99999999 }}", "{{ 9 ** 9 ** 9 }}", "{{ cycler(1) }}"]
)
def test_a_template_cannot_keep_a_worker_busy(template: str) -> None:
    with pytest.raises(TemplateError):
        templates.from_string(template).render()


def test_the_hash_is_of_the_text() -> None:
    one, other = parse(WHOLE), parse(WHOLE + "# a comment\n")
    assert isinstance(one, RuleSet) and isinstance(other, RuleSet)
    assert len(one.hash) == 16 and one.hash != other.hash
