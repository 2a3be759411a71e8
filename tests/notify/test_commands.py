"""notify, silence and deliveries as commands: what they say, and what is wrong with what they were given."""

from pathlib import Path

import pytest

from streams.cli.main import main
from tests.notify.flow import KEY

FILE = """\
schema: 1
receivers:
  - {name: desk, url: "https://hooks.example/secret", keys: [KEY]}
  - {name: old, format: slack, url: "http://10.0.0.1/", allow_http: true, allow_private: true}
route:
  receiver: desk
  routes:
    - matchers: ['level="critical"']
      continue: true
      routes: [{matchers: ['team=~"mig.*"', place!=us], receiver: old}]
""".replace("KEY", KEY)


def said(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    status = main(args)
    out, err = capsys.readouterr()
    return status, out, err


def test_check_says_what_the_file_says_and_no_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(FILE)
    status, out, err = said(capsys, "notify", "--receivers", str(path), "--check")
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        "receiver desk: newsgauge, signed with 1 key",
        "receiver old: slack, not signed, allow http, allow private",
        "route everything -> desk",
        '  route level="critical" -> desk (and on)',
        '    route team=~"mig.*", place!="us" -> old',
        "when a receiver is disabled: all others",
    ]


def test_a_fault_of_the_file_is_said_with_its_place_before_anything_starts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(FILE.replace("receiver: old", "receiver: odl").replace("allow_http: true, ", ""))
    status, _, err = said(capsys, "notify", "--receivers", str(path))
    assert status == 2
    assert err == f"newsgauge: {path}:10:57: there is no receiver 'odl'; did you mean 'old'?\n"
    path.write_text(FILE.replace("allow_http: true, ", ""))
    status, _, err = said(capsys, "notify", "--receivers", str(path), "--check")
    assert status == 2 and err.startswith(f"newsgauge: {path}:4:32: the URL is not https")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["notify"], "No file of receivers is named: give --receivers FILE, or the setting receivers (docs/delivery.md)."),
        (["notify", "--receivers", "nowhere.yaml"], "The flag --receivers is 'nowhere.yaml': there is no such file."),
        (["silence", "add", "level", "--for", "1h", "-m", "x"], "'level' is no matcher: expected a label, one of = != =~ !~, and a value"),
        (["silence", "add", "a=b", "-m", "x"], "Say how long: either --for or --until."),
        (["silence", "add", "a=b", "-m", "x", "--for", "1h", "--until", "2099-01-01"], "Say how long: either --for or --until."),
        (["silence", "add", "a=b", "-m", "x", "--for", "soon"], "--for is 'soon': expected a duration such as 90s"),
        (["silence", "add", "a=b", "-m", "x", "--until", "2020-01-01"], "would be over before it begins."),
        (["silence", "add", "a=b", "-m", "x", "--until", "2h"], "'2h' is no time: write a date or time such as 2024-01-31T12:00 (UTC)."),
        (["silence", "add", "a=b", "-m", " ", "--for", "1h"], "Say why in --comment: the next one will ask."),
        (["deliveries", "redeliver"], "Say which: either event ids, or --failed with --receiver."),
        (["deliveries", "redeliver", "e", "--failed"], "Say which: either event ids, or --failed with --receiver."),
        (["deliveries", "redeliver", "--failed"], "--failed needs --receiver: which receiver is mended?"),
        (["deliveries", "list", "--since", "yesterday"], "'yesterday' is no time"),
        (["deliveries", "list", "--outcome", "lost"], "'lost' is not one of 'delivered', 'retrying', 'failed'"),
    ],
)
def test_an_error_is_a_sentence(args: list[str], words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEWSGAUGE_RECEIVERS", raising=False)
    status, out, err = said(capsys, *args)
    assert status == 2 and out == ""
    assert err.startswith("newsgauge: ") and words in err and len(err.splitlines()) == 1
