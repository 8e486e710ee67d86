"""The documents name nothing that is not there, and leave out no command."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml
from click.testing import CliRunner

from crawler.cli import main
from crawler.config import current
from crawler.config.keys import OTHERS, SETTINGS
from spiders.portals import from_entry
from tests.paths import REPOSITORY

DOCS = (REPOSITORY / "README.md", REPOSITORY / "README.zh.md", *sorted((REPOSITORY / "docs").glob("*.md")))
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
_CODE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"(?<![\w/.])(?:tests|docs|demo|archive|crawler|pipelines|spiders|benchmarks)/[\w./-]*\w")
_TARGET = re.compile(r"\bmake ([a-z][a-z-]*)")
#: An account of that name is no command.
_COMMAND = re.compile(
    r"(?:^|(?<!-u)(?<!--user)[\s;&(]|bin/)gongkai (?:--config \S+ )?"
    r"([a-z][\w-]*(?: [a-z][\w-]*)?)((?: [^`\n|;&<>]*)?)"
)
_VARIABLE = re.compile(r"\bGONGKAI_[A-Z_]*[A-Z]\b")
_KEY = re.compile(r"\b(schedule|notify)\.(?!json\b)([a-z]\w*)\b(?!\.)")
#: What an entry has besides the lines that an example is about.
ENTRY = {
    "key": "shili",
    "name": "示例县人民政府",
    "family": "trs",
    "division": "990102",
    "level": "county",
    "start": ["http://www.shilixian.gov.cn/nb/"],
    "status": "unverified",
    "evidence": "http://www.shilixian.gov.cn/nb/1.html",
}
_OPTION = re.compile(r"(?<!\S)--[a-z][a-z-]*")


def named(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def commands() -> dict[str, click.Command]:
    """``crawl``, ``schedule run`` … and what they are."""

    def walk(group: click.Group, above: str) -> Iterator[tuple[str, click.Command]]:
        context = click.Context(group)
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            yield f"{above}{name}", command
            if isinstance(command, click.Group):
                yield from walk(command, f"{name} ")

    return dict(walk(main, ""))


def in_code(text: str) -> list[str]:
    """Lines of code blocks, and what stands in backticks in the text between them."""
    parts = re.split(r"^[ ]*```.*$", text, flags=re.MULTILINE)
    blocks = [line for block in parts[1::2] for line in block.splitlines()]
    return [*blocks, *(found for part in parts[0::2] for found in _CODE.findall(part))]


def blocks(path: Path, kind: str) -> list[str]:
    """Code blocks of a kind."""
    text = path.read_text(encoding="utf-8")
    found = re.findall(rf"^[ ]*```{kind}\n(.*?)^[ ]*```$", text, re.DOTALL | re.MULTILINE)
    return [str(block) for block in found]


@pytest.mark.parametrize("path", DOCS, ids=named)
def test_links_files_and_targets_are_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for link in _LINK.findall(text):
        assert (path.parent / link).exists(), link
    targets = set(re.findall(r"^([a-z][a-z-]*):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    for code in in_code(text):
        for target in _TARGET.findall(code):
            assert target in targets, code
        for name in _PATH.findall(code):
            if not re.search(r"::|\*|\b[A-Z]{2,}\b", code):  # a test, a pattern, a placeholder
                assert (REPOSITORY / name).exists(), code


@pytest.mark.parametrize("path", DOCS, ids=named)
def test_commands_and_their_options_are_there(path: Path) -> None:
    known = commands()
    for code in in_code(path.read_text(encoding="utf-8")):
        for words, rest in _COMMAND.findall(code):
            name = words if words in known else words.split()[0]
            assert name in known, code
            options = {option for one in known[name].params for option in (*one.opts, *one.secondary_opts)}
            for option in _OPTION.findall(f" {words} {rest}"):
                assert option in {*options, "--help"}, code


def test_no_variable_or_setting_is_named_that_there_is_not() -> None:
    known = {setting.env for setting in SETTINGS} | set(OTHERS)
    told = {named(path): path.read_text(encoding="utf-8") for path in DOCS}
    told |= {f"gongkai {name} --help": command.help or "" for name, command in commands().items()}
    for where, text in told.items():
        for name in _VARIABLE.findall(text):
            assert name in known, f"{where}: {name}"
        for table, key in _KEY.findall(text):
            assert f"{table}.{key}" in {setting.key for setting in SETTINGS}, f"{where}: {table}.{key}"


def test_every_setting_is_in_the_configuration_s_page_and_every_example_of_one_is_right(
    tmp_path: Path,
) -> None:
    page = (REPOSITORY / "docs/configuration.md").read_text(encoding="utf-8")
    for setting in SETTINGS:
        assert f"| `{setting.key}` |" in page
        assert setting.meaning in page
    for path in DOCS:
        for number, block in enumerate(blocks(path, "toml")):
            file = tmp_path / f"{path.stem}-{number}.toml"
            file.write_text(block, encoding="utf-8")
            current({"GONGKAI_CONFIG": str(file)})  # raises what is wrong


def test_every_example_of_an_entry_is_right() -> None:
    seen: set[str] = set()
    for path in DOCS:
        for block in blocks(path, "yaml"):
            found = yaml.safe_load(block)
            if not set(found) <= {*ENTRY, "visits", "expect", "params", "hosts", "group", "site_id_code"}:
                continue  # a workflow (tests/test_workflow.py), settings of another program
            if "params" in found and "family" not in found:
                found["family"] = "epoint" if "siteGuid" in found["params"] else "static"
            from_entry(ENTRY | found, where=named(path))
            seen |= set(found)
    assert {"key", "visits", "expect", "params"} <= seen


def test_lists_of_commands_are_whole_and_every_help_can_be_shown() -> None:
    for name in ("", *commands()):
        shown = CliRunner().invoke(main, [*name.split(), "--help"])
        assert shown.exit_code == 0
        assert "..." not in re.sub(r"\[?COMMAND\]? \[ARGS\]\.\.\.", "", shown.output)
        assert shown.output.startswith("Usage: ")


def test_every_command_is_in_a_document_and_says_how_it_ends() -> None:
    told = "\n".join(code for path in DOCS for code in in_code(path.read_text(encoding="utf-8")))
    for name, command in commands().items():
        assert re.search(rf"\bgongkai {name}\b", told), f"gongkai {name} is in no document"
        assert command.help
        if not isinstance(command, click.Group):
            assert "Exit codes" in command.help, f"gongkai {name} --help says no exit codes"
            for one in command.params:
                hidden = isinstance(one, click.Argument) or getattr(one, "hidden", False)
                assert hidden or getattr(one, "help", None), f"gongkai {name} {one.opts} has no help"
