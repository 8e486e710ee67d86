"""Units and crontabs: as text, and put in place with programs that stand in for the system's."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.cli import main
from crawler.schedule import install
from crawler.schedule.install import Place

PLACE = Place(Path("/opt/gongkai/bin/gongkai"), Path("/srv/gongkai/gongkai.toml"), Path("/srv/gongkai/data"))


def unit(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return parser


def test_the_service_is_the_daemon() -> None:
    units = install.units("service", PLACE)
    assert list(units) == ["gongkai.service"]
    service = unit(units["gongkai.service"])["Service"]
    assert service["ExecStart"] == (
        "/opt/gongkai/bin/gongkai --config /srv/gongkai/gongkai.toml schedule run"
    )
    assert (service["Type"], service["Restart"], service["KillMode"]) == ("exec", "on-failure", "mixed")
    assert service["ReadWritePaths"] == "/srv/gongkai/data"
    assert "User" not in service
    assert unit(units["gongkai.service"])["Install"]["WantedBy"] == "default.target"


def test_the_timer_looks_once_an_hour() -> None:
    units = install.units("timer", Place(PLACE.program, PLACE.config, PLACE.data, "gongkai"))
    service = unit(units["gongkai.service"])
    assert service["Service"]["ExecStart"].endswith(" schedule run --once")
    assert (service["Service"]["Type"], service["Service"]["User"]) == ("oneshot", "gongkai")
    assert "Install" not in service
    timer = unit(units["gongkai.timer"])
    assert (timer["Timer"]["OnCalendar"], timer["Timer"]["Persistent"]) == ("hourly", "true")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("kind", ["service", "timer"])
def test_systemd_takes_them(kind: str, tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("gongkai")
    place = Place(program, tmp_path / "gongkai.toml", tmp_path)
    for name, text in install.units(kind, place).items():  # type: ignore[arg-type]
        tmp_path.joinpath(name).write_text(text)
    paths = sorted(map(str, tmp_path.glob("gongkai.*r*")))
    said = subprocess.run(["systemd-analyze", "verify", *paths], capture_output=True, text=True, check=False)
    assert "gongkai" not in said.stderr


@pytest.mark.parametrize(
    "path",
    ["/srv/a b", "/srv/a%b", "/srv/$HOME", "/srv/a\nExecStart=/bin/sh", '/srv/"', "/srv/;x"],
)
def test_a_path_that_could_be_read_as_something_else_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="has blanks or signs"):
        Place(PLACE.program, PLACE.config, Path(path))
    with pytest.raises(ValueError, match="has blanks or signs"):
        Place(PLACE.program, Path("relative"), PLACE.data)
    with pytest.raises(ValueError, match="no name of an account"):
        Place(PLACE.program, PLACE.config, PLACE.data, path)


_LINES = st.lists(
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=30), max_size=8
)


@settings(deadline=None)
@given(_LINES, _LINES)
def test_a_crontab_keeps_what_is_not_ours(before: list[str], after: list[str]) -> None:
    lines = install.cron(PLACE)
    others = "".join(f"{line}\n" for line in (*before, *after))
    head, tail = ("".join(f"{line}\n" for line in part) for part in (before, after))
    once = install.into_crontab(head + tail, lines)
    assert once == others + lines
    assert install.into_crontab(once, lines) == once
    moved = install.cron(Place(PLACE.program, PLACE.config, Path("/srv/other")))
    assert install.into_crontab(head + lines + tail, moved) == others + moved


# -- the command -----------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with settings, and systemctl and crontab that note how they were called."""
    monkeypatch.chdir(tmp_path)
    tmp_path.joinpath("gongkai.toml").write_text('contact = "a@example.org"\n')
    programs = tmp_path / "bin"
    programs.mkdir()
    scripts = {
        "systemctl": f'#!/bin/sh\necho "$@" >> {tmp_path}/called\n',
        "crontab": f"""#!/bin/sh
if [ "$1" = -l ]; then
  [ -e {tmp_path}/denied ] && {{ echo "crontab: not permitted" >&2; exit 1; }}
  [ -e {tmp_path}/tab ] || {{ echo "no crontab for someone" >&2; exit 1; }}
  cat {tmp_path}/tab
else
  cat > {tmp_path}/tab
fi
""",
    }
    for name, text in scripts.items():
        programs.joinpath(name).write_text(text)
        programs.joinpath(name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["schedule", "install", *words])


def test_it_is_printed_and_nothing_is_done(here: Path) -> None:
    shown = run()
    assert shown.exit_code == 0
    assert f"# {here}/config/systemd/user/gongkai.service" in shown.output
    assert f"--config {here}/gongkai.toml schedule run\n" in shown.output
    assert not here.joinpath("config").exists()
    assert not here.joinpath("called").exists()


def test_written_units_are_those_printed_and_are_enabled(here: Path) -> None:
    done = run("--kind", "timer", "--write")
    assert done.exit_code == 0
    for name in ("gongkai.service", "gongkai.timer"):
        assert here.joinpath("config/systemd/user", name).read_text() in done.output
    assert here.joinpath("called").read_text().splitlines() == [
        "--user daemon-reload",
        "--user enable --now gongkai.timer",
    ]
    assert here.joinpath("data").is_dir()
    assert "loginctl enable-linger" in done.stderr


def test_the_data_folder_of_an_account_is_its_own(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[Path, str]] = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr("crawler.commands.schedule._SYSTEM_UNITS", here / "system")
    monkeypatch.setattr(shutil, "chown", lambda path, user: given.append((path, user)))
    for _ in range(2):  # one that is there already is left as it is
        done = run("--user", "gongkai", "--write")
        assert done.exit_code == 0, done.output
    assert given == [(here / "data", "gongkai")]
    assert "User=gongkai\n" in (here / "system/gongkai.service").read_text()
    assert here.joinpath("called").read_text().splitlines()[:2] == [
        "daemon-reload",
        "enable --now gongkai.service",
    ]


def test_an_account_that_is_not_there(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr("crawler.commands.schedule._SYSTEM_UNITS", here / "system")
    refused = run("--user", "no-such-account", "--write")
    assert (refused.exit_code, "no-such-account" in refused.output) == (1, True)
    assert not here.joinpath("data").exists()
    assert not here.joinpath("called").exists()


def test_the_crontab_is_kept_and_ours_replaced(here: Path) -> None:
    assert run("--kind", "cron", "--write").exit_code == 0
    lines = here.joinpath("tab").read_text()
    assert f"17 * * * * cd {here} && " in lines
    assert lines.count("schedule run --once") == 1
    here.joinpath("tab").write_text("0 5 * * * backup\n" + lines)
    assert run("--kind", "cron", "--write").exit_code == 0
    assert here.joinpath("tab").read_text() == "0 5 * * * backup\n" + lines


def test_the_line_of_a_crontab_does_what_it_should_in_a_shell(here: Path) -> None:
    program = here / "gongkai"
    program.write_text('#!/bin/sh\npwd\necho "$@"\necho trouble >&2\n')
    program.chmod(0o755)
    logger = here / "bin/logger"
    logger.write_text(f'#!/bin/sh\necho "$@" > {here}/logged\ncat >> {here}/logged\n')
    logger.chmod(0o755)
    [line] = [
        line
        for line in install.cron(Place(program, here / "gongkai.toml", here / "data")).splitlines()
        if not line.startswith("#")
    ]
    done = subprocess.run(
        ["/bin/sh", "-c", line.removeprefix("17 * * * * ")],
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("", "")  # cron sends no mail
    assert here.joinpath("logged").read_text().splitlines() == [
        "-t gongkai",
        str(here),
        f"--config {here}/gongkai.toml schedule run --once",
        "trouble",
    ]


@pytest.mark.parametrize(
    ("shards", "more"),
    [("/mnt/shared", " /mnt/shared"), ("s3://bucket/x", ""), ("", "")],
)
def test_a_service_may_write_where_shards_lie(here: Path, shards: str, more: str) -> None:
    with here.joinpath("gongkai.toml").open("a") as settings:
        settings.write(f'shards = "{shards}"\n')
    assert f"ReadWritePaths={here}/data\n" in run().output  # nobody uses them
    with here.joinpath("gongkai.toml").open("a") as settings:
        settings.write('cluster = "tcp://10.0.0.1:8786"\n')
    assert f"ReadWritePaths={here}/data{more}\n" in run().output


def test_a_crontab_that_cannot_be_read_is_not_overwritten(here: Path) -> None:
    here.joinpath("tab").write_text("0 5 * * * backup\n")
    here.joinpath("denied").touch()
    refused = run("--kind", "cron", "--write")
    assert refused.exit_code == 1
    assert "crontab: not permitted" in refused.output
    assert here.joinpath("tab").read_text() == "0 5 * * * backup\n"


def test_what_cannot_be_installed(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "--user NAME goes with units of the whole system" in run("--user", "gongkai").output
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert run().exit_code == 2
    assert "User=gongkai\n" in run("--user", "gongkai").output
    assert "WantedBy=multi-user.target" in run("--user", "gongkai").output
    monkeypatch.setenv("GONGKAI_CLUSTER", "tcp://10.0.0.1:8786")
    assert "cluster must be set in the file" in run("--user", "gongkai").output
    monkeypatch.delenv("GONGKAI_CLUSTER")
    here.joinpath("gongkai.toml").write_text("delay = 5\n")
    assert "contact is not set in the file" in run("--user", "gongkai").output
    monkeypatch.setenv("PATH", str(here / "nothing"))
    here.joinpath("gongkai.toml").write_text('contact = "a@example.org"\n')
    missing = run("--kind", "cron", "--write")
    assert (missing.exit_code, "there is no crontab here" in missing.output) == (1, True)
