"""The file of receivers with its secrets: where they come from, and what is wrong with them, by line and column and without the secret."""

import sys
from pathlib import Path

import pytest

from streams.notify import file
from streams.notify.file import Configuration, read, stamp
from tests.notify.flow import KEY

ROOT = Path(__file__).parents[2]
TEXT = """\
schema: 1
receivers:
  - name: desk
    url: {env: URL}
    keys: [{file: secrets/key}]
    headers:
      Authorization: {env: TOKEN}
  - name: chat
    type: apprise
    url: {env: CHAT}
route: {receiver: desk}
"""
ENVIRON = {"URL": "https://hooks.example/secret-path", "TOKEN": "Bearer t", "CHAT": "json://chat.example/secret-path"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "key").write_text(KEY + "\n")
    (tmp_path / "r.yaml").write_text(TEXT)
    return tmp_path / "r.yaml"


def faults(path: Path, environ: dict[str, str]) -> list[str]:
    found = read(path, environ)
    assert isinstance(found, tuple), found
    return [str(fault).replace(str(path.parent) + "/", "") for fault in found]


def test_secrets_come_from_the_environment_and_from_files_beside_it(path: Path) -> None:
    found = read(path, ENVIRON)
    assert isinstance(found, Configuration)
    desk = found.endpoints["desk"]
    assert (desk.url, desk.keys, desk.headers) == (ENVIRON["URL"], (KEY,), (("Authorization", "Bearer t"),))
    assert found.sources == (path, path.parent / "secrets" / "key")
    assert "secret" not in repr(found.endpoints) and "Bearer" not in repr(found.endpoints)
    before = stamp(found.sources)
    (path.parent / "secrets" / "key").write_text(KEY)
    assert stamp(found.sources) != before, "a key that is replaced is noticed"


@pytest.mark.parametrize(
    ("environ", "fault"),
    [
        ({"URL": ""}, "r.yaml:4:5: the environment variable URL is not set"),
        ({"URL": "http://hooks.example/secret-path"}, "r.yaml:4:5: the URL is not https"),
        ({"TOKEN": "Bearer t\r\nX-Other: 1"}, "r.yaml:7:7: a header's value is printable ASCII"),
        ({"CHAT": "nosuch://secret-path"}, "r.yaml:10:5: Apprise knows no service by this URL"),
    ],
)
def test_a_secret_that_cannot_be_used_is_named_and_not_shown(path: Path, environ: dict[str, str], fault: str) -> None:
    (found,) = faults(path, ENVIRON | environ)
    assert found.startswith(fault) and "secret-path" not in found


def test_a_file_that_is_not_there_or_holds_no_key_is_named(path: Path) -> None:
    key = path.parent / "secrets" / "key"
    key.write_text("whsec_short")
    assert faults(path, ENVIRON)[0].startswith("r.yaml:5:12: ")
    key.write_text(" \n")
    assert faults(path, ENVIRON) == ["r.yaml:5:12: the file secrets/key is empty"]
    key.unlink()
    assert faults(path, ENVIRON) == ["r.yaml:5:12: the file secrets/key cannot be read: No such file or directory"]


def test_a_path_that_cannot_be_one_is_a_fault_and_no_crash(path: Path) -> None:
    path.write_text(TEXT.replace("secrets/key", '"a\\0b"'))
    assert faults(path, ENVIRON) == ["r.yaml:5:12: the file a\0b cannot be read: embedded null byte"]


def test_what_is_no_text_is_a_fault_and_no_crash(path: Path) -> None:
    path.write_bytes(b"schema: 1\n\xff")
    assert faults(path, ENVIRON) == ["r.yaml:2:1: byte 10 is not UTF-8"]
    path.write_bytes(b"#" * 1_000_001)
    assert faults(path, ENVIRON) == ["r.yaml:1:1: 1,000,001 bytes, and at most 1,000,000 are taken"]


def test_apprise_without_its_extra_says_both_ways_out(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    (found,) = faults(path, ENVIRON)
    assert found == "r.yaml:8:5: " + file.NO_APPRISE
    assert "pip install 'newsgauge[chat]'" in found and "take this receiver out" in found


def test_the_shipped_file_is_valid_as_it_stands_and_with_its_examples_taken_in(tmp_path: Path) -> None:
    shipped = ROOT / "deploy" / "notify" / "receivers.yaml"
    assert isinstance(read(shipped, {}), Configuration)
    lines = shipped.read_text().splitlines()
    opened = [line.replace("# ", "", 1) if line.lstrip().startswith(("# -", "#   ")) else line for line in lines]
    text = "\n".join(opened).replace("  routes: []", "  routes:").replace("/run/secrets/oncall-url", str(tmp_path / "url"))
    (tmp_path / "url").write_text("https://oncall.example/")
    (tmp_path / "r.yaml").write_text(text)
    environ = {"DESK_KEY": KEY, "ONCALL_AUTHORIZATION": "x", "SLACK_URL": "https://s.example/", "MAIL_URL": "json://mail.example"}
    found = read(tmp_path / "r.yaml", environ)
    assert isinstance(found, Configuration), found
    assert list(found.endpoints) == ["local", "desk", "oncall", "newsroom", "mail"] and len(found.file.route.routes) == 2
