"""Settings: who wins, what is refused and in which words, and that the documentation is current."""

import re
from pathlib import Path

import pytest

from streams import config
from streams.config import ConfigError, Settings, load, reference

PAGE = Path(__file__).parents[1] / "docs" / "configuration.md"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory without a configuration file."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(directory: Path, text: str, name: str = "newsgauge.toml") -> Path:
    path = directory / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_without_anything_the_defaults_hold() -> None:
    settings = load(environ={})
    assert (settings.bootstrap, settings.partitions, settings.web_bind) == ("127.0.0.1:9092", 8, "127.0.0.1")
    assert settings.consumer_group == "newsgauge"


def test_flags_win_over_the_environment_and_that_over_the_file(elsewhere: Path) -> None:
    written(elsewhere, 'partitions = 2\nreplication_factor = 2\ngroup = "file"')
    environ = {"NEWSGAUGE_PARTITIONS": "3", "NEWSGAUGE_REPLICATION_FACTOR": "3"}
    settings = load({"partitions": 4, "rules": None}, environ=environ)
    assert (settings.partitions, settings.replication_factor, settings.group) == (4, 3, "file")


def test_the_file_is_the_one_named_by_flag_else_by_variable_else_here(elsewhere: Path) -> None:
    written(elsewhere, 'group = "here"')
    other, third = written(elsewhere, 'group = "variable"', "b.toml"), written(elsewhere, 'group = "flag"', "c.toml")
    assert load(environ={}).group == "here"
    assert load(environ={"NEWSGAUGE_CONFIG": str(other)}).group == "variable"
    assert load(file=third, environ={"NEWSGAUGE_CONFIG": str(other)}).group == "flag"


def test_an_empty_variable_is_not_set() -> None:
    assert load(environ={"NEWSGAUGE_PARTITIONS": "", "NEWSGAUGE_CONFIG": ""}).partitions == 8


def test_other_programs_variables_do_not_matter() -> None:
    assert load(environ={"KAFKA_PARTITIONS": "x", "HOME": "/"}) == load(environ={})


def test_a_path_in_the_file_is_relative_to_the_file(elsewhere: Path) -> None:
    written(elsewhere, "schema: 1", "etc/rules.yaml")
    path = written(elsewhere, 'rules = "rules.yaml"', "etc/newsgauge.toml")
    assert load(file=path, environ={}).rules == elsewhere / "etc" / "rules.yaml"


def test_the_prefix_parts_the_groups_of_two_environments() -> None:
    assert load(environ={"NEWSGAUGE_TOPIC_PREFIX": "staging."}).consumer_group == "staging.newsgauge"


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"NEWSGAUGE_PARTITION": "3"}, "The environment sets NEWSGAUGE_PARTITION, which is no setting; did you mean NEWSGAUGE_PARTITIONS?"),
        ({"NEWSGAUGE_QQQQ": "3"}, "The environment sets NEWSGAUGE_QQQQ, which is no setting."),
        ({"NEWSGAUGE_Partitions": "3"}, "did you mean NEWSGAUGE_PARTITIONS?"),
        ({"NEWSGAUGE_PARTITIONS": "eight"}, "The environment variable NEWSGAUGE_PARTITIONS is 'eight': input should be a valid integer"),
        ({"NEWSGAUGE_PARTITIONS": "0"}, "NEWSGAUGE_PARTITIONS is '0': input should be greater than or equal to 1."),
        ({"NEWSGAUGE_BOOTSTRAP": "kafka"}, "NEWSGAUGE_BOOTSTRAP is 'kafka': expected host:port, several with commas."),
        ({"NEWSGAUGE_ALLOWED_HOSTS": "a.example:80"}, "is 'a.example:80': expected names without a port, such as news1.internal"),
        ({"NEWSGAUGE_ENTITIES": "some"}, "NEWSGAUGE_ENTITIES is 'some': input should be 'off', 'gazetteer', 'model_on_claims' or 'model'."),
        ({"NEWSGAUGE_SSL_CA": "nowhere.pem"}, "NEWSGAUGE_SSL_CA is 'nowhere.pem': there is no such file."),
        ({"NEWSGAUGE_SECURITY_PROTOCOL": "SASL_SSL"}, "security_protocol SASL_SSL needs sasl_username and sasl_password."),
        ({"NEWSGAUGE_SASL_USERNAME": "me"}, "sasl_username and sasl_password have no use with security_protocol PLAINTEXT."),
        ({"NEWSGAUGE_CONFIG": "nowhere.toml"}, "The configuration file nowhere.toml does not exist (named by NEWSGAUGE_CONFIG)."),
    ],
)
def test_what_is_wrong_in_the_environment_is_said(environ: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(environ=environ)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("partition = 3", "newsgauge.toml sets partition, which is no setting; did you mean partitions?"),
        ("partitions = 'eight'", "The key partitions in newsgauge.toml is 'eight': input should be a valid integer"),
        ("partitions = ,", "The configuration file newsgauge.toml cannot be read: Invalid value (at line 1, column 14)."),
        ("[kafka]\nbootstrap = 'a:1'", "newsgauge.toml sets kafka, which is no setting."),
    ],
)
def test_what_is_wrong_in_the_file_is_said(elsewhere: Path, text: str, words: str) -> None:
    written(elsewhere, text)
    with pytest.raises(ConfigError) as error:
        load(environ={})
    assert words in str(error.value)


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(ConfigError) as error:
        load({"partitions": 0}, environ={"NEWSGAUGE_WEB_PORT": "x", "NEWSGAUGE_BOOTSTRAP": "x"})
    assert [line.split(" is ")[0] for line in str(error.value).splitlines()] == [
        "The environment variable NEWSGAUGE_BOOTSTRAP",
        "The flag --partitions",
        "The environment variable NEWSGAUGE_WEB_PORT",
    ]


def test_a_certificate_needs_its_key(elsewhere: Path) -> None:
    path = written(elsewhere, "", "a.pem")
    with pytest.raises(ConfigError, match="ssl_cert and ssl_key go together"):
        load(environ={"NEWSGAUGE_SECURITY_PROTOCOL": "SSL", "NEWSGAUGE_SSL_CERT": str(path)})


def test_the_password_of_a_key_needs_the_key() -> None:
    with pytest.raises(ConfigError, match="ssl_key_password has no use without ssl_key"):
        load(environ={"NEWSGAUGE_SECURITY_PROTOCOL": "SSL", "NEWSGAUGE_SSL_KEY_PASSWORD": "hunter2"})


def test_a_password_is_never_shown(elsewhere: Path) -> None:
    environ = {"NEWSGAUGE_SECURITY_PROTOCOL": "SASL_SSL", "NEWSGAUGE_SASL_USERNAME": "me", "NEWSGAUGE_SASL_PASSWORD": "hunter2"}
    assert "hunter2" not in repr(load(environ=environ))
    written(elsewhere, "sasl_password = 12345")
    with pytest.raises(ConfigError) as error:
        load(environ={})
    assert "12345" not in str(error.value)
    assert "The key sasl_password in newsgauge.toml: input should be a valid string." in str(error.value)


def test_the_table_in_the_documentation_is_current() -> None:
    found = re.search(r"<!-- settings -->\n(.*?)<!-- end of settings -->", PAGE.read_text(), re.S)
    assert found is not None
    assert found[1] == reference(), "run: python -m streams.config"


def test_the_files_in_the_documentation_are_valid(elsewhere: Path) -> None:
    examples = re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.S)
    assert len(examples) >= 2
    for name in ("authorities.pem", "client.pem", "client.key", "rules.yaml"):
        written(elsewhere, "", name)
    for example in examples:
        secret = {"NEWSGAUGE_SASL_PASSWORD": "secret"} if "sasl_username" in example else {}
        load(file=written(elsewhere, example), environ=secret)


def test_every_setting_is_described() -> None:
    assert all(field.description for field in Settings.model_fields.values())
    assert config.DEFAULT_RULES.parts[-3:] == ("deploy", "rules", "migration.yaml")
