"""The file of receivers: what it says, and every fault by line and column."""

import pytest

from streams.core.delivery.receivers import ReceiverFile, Secret, key_fault, parse, url_fault
from streams.core.delivery.retry import SCHEDULE
from streams.core.yamlfile import Written

GOOD = """\
schema: 1
receivers:
  - name: desk
    url: https://hooks.example/newsgauge
    keys: [{env: NEW_KEY}, {file: /run/old-key}]
  - name: oncall
    format: alertmanager
    url: {file: /run/secrets/url}
    headers: {Authorization: {env: TOKEN}}
    timeout: 20s
    retry: [1s, 2m]
  - {name: chat, type: apprise, url: {env: CHAT}}
route:
  receiver: desk
  routes:
    - matchers: ['level="critical"', team=~"mig.*"]
      receiver: oncall
      continue: true
notices: [oncall]
"""


def read(text: str) -> ReceiverFile:
    found = parse(text, file="receivers.yaml")
    assert isinstance(found, Written), found
    return found.content


def faults(text: str) -> list[str]:
    found = parse(text, file="r.yaml")
    assert isinstance(found, tuple), "no fault"
    return [str(fault) for fault in found]


def test_a_file_says_who_is_told_over_what() -> None:
    found = read(GOOD)
    desk, oncall, chat = found.receivers
    assert (desk.type, desk.integration, desk.timeout, desk.retry, desk.keys[0]) == (
        "webhook",
        "newsgauge",
        10,
        SCHEDULE,
        Secret(env="NEW_KEY"),
    )
    assert (oncall.integration, oncall.url.file, oncall.retry) == ("alertmanager", "/run/secrets/url", (1, 120))
    assert chat.integration == "apprise"
    assert found.route.routes[0].continue_ and len(found.route.routes[0].matchers) == 2
    assert [one.name for one in found.told_of("desk")] == ["oncall"] and found.told_of("oncall") == ()
    assert [one.name for one in read(GOOD.replace("notices: [oncall]\n", "")).told_of("oncall")] == ["desk", "chat"]


def test_a_secret_is_never_shown() -> None:
    shown = repr(read(GOOD.replace("{env: NEW_KEY}", "whsec_c2VjcmV0")))
    assert "c2VjcmV0" not in shown and "hooks.example" not in shown


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("name: desk", "name: a b"), "r.yaml:3:5: String should match pattern"),
        (("{name: chat,", "{name: desk,"), "r.yaml:12:6: receiver 'desk' is there twice"),
        (("  receiver: desk", "  receiver: dask"), "r.yaml:14:3: there is no receiver 'dask'; did you mean 'desk'?"),
        (("      receiver: oncall", "      receiver: oncal"), "r.yaml:17:7: there is no receiver 'oncal'; did you mean 'oncall'?"),
        (("notices: [oncall]", "notices: [nobody]"), "r.yaml:19:11: there is no receiver 'nobody'"),
        (("    timeout: 20s", "    timeuot: 20s"), "r.yaml:10:5: unknown key 'timeuot'; did you mean 'timeout'?"),
        (("timeout: 20s", "timeout: 20"), "r.yaml:10:5: expected a duration such as 90s"),
        (("timeout: 20s", "timeout: 1d"), "r.yaml:10:5: Input should be less than or equal to 120"),
        (("retry: [1s, 2m]", "retry: []"), "r.yaml:11:5: Tuple should have at least 1 item"),
        (("{file: /run/secrets/url}", "{fiel: /run/secrets/url}"), "r.yaml:8:5: expected a text, or {env: NAME}, or {file: PATH}"),
        (("{file: /run/secrets/url}", "{file: a, env: B}"), "r.yaml:8:5: expected a text, or {env: NAME}, or {file: PATH}"),
        (("'level=\"critical\"'", "level"), "r.yaml:16:18: 'level' is no matcher: expected a label"),
        (("format: alertmanager", "format: pager"), "r.yaml:7:5: Input should be 'newsgauge', 'alertmanager' or 'slack'"),
        (("type: apprise,", "type: apprise, format: slack,"), "r.yaml:12:33: 'format' is for type webhook"),
        (("Authorization:", "webhook-id:"), "r.yaml:9:15: the header 'webhook-id' is set by newsgauge itself"),
        (("Authorization:", "'a b':"), "r.yaml:9:15: 'a b' is no name of a header"),
        (("  receiver: desk\n", ""), "r.yaml:13:1: the topmost route needs a receiver, for what no other route takes"),
        (("  receiver: desk\n", "  receiver: desk\n  matchers: [a=b]\n"), "r.yaml:15:3: the topmost route takes every alert"),
        (("schema: 1", "schema: 2"), "r.yaml:1:1: Input should be 1"),
        (("keys: [", "keys: [a, "), "r.yaml:5:5: Tuple should have at most 2 items"),
    ],
)
def test_a_fault_is_named_by_line_and_column(change: tuple[str, str], fault: str) -> None:
    found = faults(GOOD.replace(*change, 1))
    assert len(found) == 1 and found[0].startswith(fault), found


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://hooks.example/x?y=1", True),
        ("https://hooks.example:8443/", True),
        ("http://hooks.example/", False),
        ("hooks.example", False),
        ("https://", False),
        ("ftp://hooks.example", False),
        ("https://hooks.example:99999/", False),
        ("https://[::1", False),
        ("https://hooks.example/\nx", False),
    ],
)
def test_only_https_unless_allowed(url: str, good: bool) -> None:
    desk = read(GOOD).receivers[0]
    assert (url_fault(desk, url) is None) is good
    assert url_fault(desk.model_copy(update={"allow_http": True}), "http://hooks.example/") is None


@pytest.mark.parametrize(
    ("key", "good"),
    [
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", True),
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", False),
        ("whsec_c2hvcnQ=", False),
        ("whsec_not base64", False),
        ("whsec_" + "A" * 200, False),
    ],
)
def test_a_signing_key_is_of_the_standard(key: str, good: bool) -> None:
    assert (key_fault(key) is None) is good
