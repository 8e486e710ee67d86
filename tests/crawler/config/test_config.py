"""Settings from file, environment and defaults; what is wrong is refused by name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.cli import main
from crawler.config import Config, ConfigError, File, current, document, keys
from crawler.config.keys import SETTINGS, TABLES
from crawler.config.kinds import literal

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("GONGKAI_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def write(text: str) -> None:
    Path("gongkai.toml").write_text(text, encoding="utf-8")


def run(*words: str, **environment: str) -> Result:
    return CliRunner().invoke(main, list(words), env=environment)


def refusal(**environment: str) -> str:
    with pytest.raises(ConfigError) as refused:
        current(environment)
    return str(refused.value)


def test_every_setting_has_a_default_that_it_allows() -> None:
    found = current({})
    for setting in SETTINGS:
        assert found[setting] == setting.default
        raw = tomllib.loads(f"x = {setting.kind.show(setting.default)}")["x"]
        assert setting.kind.read(raw, Path()) == setting.default
        assert found.origin(setting) == "default"


def test_keys_and_variables_are_unique_and_tables_explained() -> None:
    assert len({setting.key for setting in SETTINGS}) == len({setting.env for setting in SETTINGS})
    assert {setting.key.partition(".")[0] for setting in SETTINGS if "." in setting.key} == set(TABLES)
    assert keys.NIGHT.env == "GONGKAI_NIGHT"


def test_the_variable_beats_the_file_and_the_file_the_default() -> None:
    write('contact = "a@example.org"\n\nnight = "22:00-07:00"\nrest_hours = 12\n')
    found = current({"GONGKAI_REST_HOURS": "6.5", "GONGKAI_NIGHT": "  "})
    assert (found[keys.CONTACT], found[keys.NIGHT], found[keys.REST_HOURS]) == (
        "a@example.org",
        "22:00-07:00",
        6.5,
    )
    origins = [found.origin(s) for s in (keys.CONTACT, keys.NIGHT, keys.REST_HOURS, keys.DELAY)]
    assert origins == ["gongkai.toml:1", "gongkai.toml:3", "GONGKAI_REST_HOURS", "default"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nihgt = ''", "gongkai.toml:1: nihgt: no such setting; did you mean night?"),
        ("# x\n[crawl]\nnight = ''", "gongkai.toml:2: crawl: no such setting"),
        ("[empty]", "gongkai.toml:1: empty: no such setting"),
        (
            "\ndaily_budget = '1000'",
            "gongkai.toml:2: daily_budget: '1000' is no number; allowed: whole number, 0 to 86400 (requests)",
        ),
        ("daily_budget = 2.5", "daily_budget: 2.5 is no whole number"),
        ("daily_budget = true", "daily_budget: True is no number"),
        ("daily_budget = -1", "daily_budget: -1 is out of bounds"),
        ("rest_hours = nan", "rest_hours: nan is out of bounds"),
        ("rest_hours = inf", "rest_hours: inf is out of bounds"),
        ("delay = 0.5", "delay: 0.5 is out of bounds; allowed: number, 1 to 600 (seconds)"),
        ("demo = 1", "demo: 1 is neither true nor false; allowed: true, false"),
        ("night = 22", "night: 22 is no text in quotes"),
        ("night = '22:00-22:00'", "night: '22:00-22:00' begins and ends at the same time"),
        ("night = '25:00-26:00'", "night: '25:00-26:00' hour must be in 0..23"),
        ('contact = "a\\nX-Forwarded-For: b"', "holds control characters"),
        ("data = ''", "data: '' is no path in quotes"),
        ("shards = 1", "shards: 1 is no path or address in quotes"),
        ('shards = "a\\nb"', "is no path or address in quotes"),
        (
            "cluster = '10.0.0.1:8786'",
            "cluster: '10.0.0.1:8786' is no scheduler's address; it is like tcp://",
        ),
        ('data = "a\\u0000b"', "is no path in quotes"),
        ("[notify]\nsmtp_host = 'http://mail'", "gongkai.toml:2: notify.smtp_host: 'http://mail' is no name"),
        ("[notify]\nsmtp_host = 'mail:587'", "notify.smtp_host: 'mail:587' is no name of a host; allowed"),
        ("[notify]\nsmtp_host = ''", "notify.smtp_host: '' is empty; allowed: name of a host"),
        (
            "[notify]\nmail_to = ['a@[b']",
            "is no plain e-mail address; allowed: list, each: an e-mail address",
        ),
        ("contact = 'a'\ncontact = 'b'", "gongkai.toml: Cannot overwrite a value"),
        ("contact = ", "gongkai.toml: Invalid value"),
        ("x = " + "[" * 100_000, "gongkai.toml: "),
        ("#" * 300_000, "gongkai.toml: has more than 262144 bytes"),
    ],
)
def test_what_is_wrong_in_a_file_is_named_with_its_line(text: str, said: str) -> None:
    write(text)
    assert said in refusal()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("GONGKAI_DEMO", "maybe", "GONGKAI_DEMO: 'maybe' is none of 1, 0, yes, no, true, false"),
        ("GONGKAI_DAILY_BUDGET", "many", "GONGKAI_DAILY_BUDGET: 'many' is no number; allowed: whole"),
        ("GONGKAI_DAILY_BUDGET", "1e3", "GONGKAI_DAILY_BUDGET: '1e3' is no whole number"),
        ("GONGKAI_NIGHT", "x", "GONGKAI_NIGHT: 'x' is no window such as 22:00-07:00"),
        ("GONGKAI_NIHGT", "", "GONGKAI_NIHGT: no such variable; did you mean GONGKAI_NIGHT?"),
        ("GONGKAI_CONFIG", "nowhere.toml", "GONGKAI_CONFIG: nowhere.toml: no such file"),
    ],
)
def test_what_is_wrong_in_the_environment_is_named(name: str, text: str, said: str) -> None:
    assert said in refusal(**{name: text})


def test_a_file_that_is_no_text_is_refused() -> None:
    Path("gongkai.toml").write_bytes(b"contact = '\xff'")
    assert "gongkai.toml: 'utf-8' codec can't decode" in refusal()


def test_paths_of_a_file_start_from_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    folder.joinpath("own.toml").write_text('data = "archive"\nportals = "/srv/portals"\n')
    found = current({"GONGKAI_CONFIG": "etc/own.toml", "GONGKAI_PORTALS": "own"})
    assert found[keys.DATA] == Path("etc/archive")
    assert found[keys.PORTALS] == Path("own")
    assert found.given is not None
    assert found.given.path == Path("etc/own.toml")


@pytest.mark.parametrize("place", ["s3://bucket/gongkai", "/mnt/shards"])
def test_of_a_place_for_shards_other_machines_are_told_as_it_is(tmp_path: Path, place: str) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    folder.joinpath("own.toml").write_text('shards = "shared"\n')
    assert current({"GONGKAI_CONFIG": "etc/own.toml"})[keys.SHARDS] == str(folder / "shared")
    assert current({"GONGKAI_SHARDS": "shared"})[keys.SHARDS] == str(tmp_path / "shared")
    assert current({"GONGKAI_SHARDS": place})[keys.SHARDS] == place


_KEYS = st.sampled_from([setting.key for setting in SETTINGS])


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(["", "# a comment = 'x'", "  # contact = 1"]),
            st.tuples(_KEYS, st.sampled_from(["1", "'x'", "[\n 1,\n 2 ]", "'''\ncontact = 3\n'''"])),
        ),
        max_size=12,
    )
)
def test_the_line_of_a_key_is_found_among_comments_and_values_of_several_lines(
    parts: list[str | tuple[str, str]],
) -> None:
    lines: list[str] = []
    expected: dict[str, int] = {}
    for part in parts:
        if isinstance(part, tuple):
            if part[0] in expected:
                continue
            expected[part[0]] = len(lines) + 1
            part = f"{part[0]} = {part[1]}"
        lines += part.split("\n")
    path = Path("lines.toml")
    path.write_text("\n".join(lines), encoding="utf-8")
    file = File(path)
    assert {key: file.where(key) for key in file.keys} == {
        key: f"lines.toml:{line}" for key, line in expected.items()
    }


@settings(deadline=None)
@given(st.text(), st.integers(), st.lists(st.text()).map(tuple))
def test_literals_are_toml(text: str, number: int, words: tuple[str, ...]) -> None:
    def surrogates(value: str) -> bool:
        return any("\ud800" <= character <= "\udfff" for character in value)

    if abs(number) < 2**63:
        assert tomllib.loads(f"x = {literal(number)}")["x"] == number
    if not surrogates(text) and "\x7f" not in text:
        assert tomllib.loads(f"x = {literal(text)}")["x"] == text
    if not any(surrogates(word) or "\x7f" in word for word in words):
        assert tuple(tomllib.loads(f"x = {literal(words)}")["x"]) == words


def test_the_command_shows_values_and_where_they_come_from() -> None:
    write('contact = "某人@example.org"\n')
    shown = run("config", GONGKAI_DELAY="5")
    assert shown.exit_code == 0
    lines = {line.partition(" ")[0]: line for line in shown.output.splitlines()}
    assert lines["file:"] == "file: gongkai.toml"
    assert lines["contact"].split()[2:] == ['"某人@example.org"', "gongkai.toml:1"]
    assert lines["delay"].split() == ["delay", "=", "5", "GONGKAI_DELAY"]
    assert set(lines) == {"file:", *(setting.key for setting in SETTINGS)}
    told = json.loads(run("config", "--json", GONGKAI_DELAY="5").output)
    assert told["file"] == "gongkai.toml"
    assert told["settings"]["delay"] == {
        "value": 5.0,
        "from": "GONGKAI_DELAY",
        "default": 3.0,
        "variable": "GONGKAI_DELAY",
        "allowed": "number, 1 to 600",
        "unit": "seconds",
        "meaning": keys.DELAY.meaning,
    }


def test_the_option_names_the_file_and_the_processes_below_know(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("delay = 7\n")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    command = [sys.executable, "-m", "crawler.cli", "--config", "../own.toml", "portals", "show", "luqiao"]
    shown = subprocess.run(command, cwd=elsewhere, capture_output=True, text=True, check=True)
    assert "delay:          7 s ± 50% (3.5 to 10.5 s" in shown.stdout
    missing = subprocess.run(
        [*command[:4], "no.toml", "config"], cwd=elsewhere, capture_output=True, text=True, check=False
    )
    assert missing.returncode == 2
    assert "'no.toml' does not exist" in missing.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("config",),
        ("crawl", "luqiao"),
        ("portals", "show", "luqiao"),
        ("check",),
        ("prove",),
        ("serve",),
    ],
)
def test_commands_refuse_wrong_settings_in_words(words: tuple[str, ...]) -> None:
    refused = run(*words, GONGKAI_NIGHT="sometimes", GONGKAI_CONTACT="a@example.org")
    assert refused.exit_code == 2
    assert "Error: GONGKAI_NIGHT: 'sometimes' is no window such as 22:00-07:00; allowed: " in refused.output


def test_help_works_whatever_is_set() -> None:
    command = [sys.executable, "-m", "crawler.cli", "--help"]
    environment = os.environ | {"GONGKAI_NIGHT": "sometimes", "PYTHONPATH": str(ROOT)}
    shown = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert "gongkai config" in shown.stdout


def test_scrapy_is_given_the_settings() -> None:
    write("timeout = 20\nmax_megabytes = 8\nat_once = 2\nlongest_pause = 60\ndelay = 120\n")
    code = (
        "from crawler import settings as s; print(s.DOWNLOAD_TIMEOUT, s.DOWNLOAD_MAXSIZE,"
        " s.GONGKAI_PORTALS_AT_ONCE, s.GONGKAI_MAX_PAUSE, s.DOWNLOAD_DELAY, s.AUTOTHROTTLE_MAX_DELAY,"
        " s.AUTOTHROTTLE_START_DELAY, s.GONGKAI_DAILY_BUDGET)"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT), "GONGKAI_DAILY_BUDGET": "50"}
    said = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == ["20.0", "8388608", "2", "60.0", "120.0", "120.0", "120.0", "50"]


def test_the_example_holds_every_setting_at_its_default() -> None:
    text = run("config", "--example").output
    assert tomllib.loads(text) == {table: {} for table in TABLES}
    write("".join(line.removeprefix("#") if line[:2] != "# " else line for line in text.splitlines(True)))
    found = current({})
    assert found.given is not None
    assert found.given.keys == {setting.key for setting in SETTINGS}
    for setting in SETTINGS:
        assert found[setting] == setting.default


def test_secrets_are_shown_to_nobody() -> None:
    secret = keys.Setting("token", keys.CONTACT.kind, "", "A secret.", secret=True)
    found = Config({"token": "hush"})
    assert found.shown(secret) == "(not shown)"
    assert Config({"token": ""}).shown(secret) == '""'


def test_the_page_is_what_the_generator_writes() -> None:
    committed = ROOT.joinpath("docs/configuration.md").read_text(encoding="utf-8")
    assert committed == document.page()
    for setting in SETTINGS:
        assert f"| `{setting.key}` |" in committed
