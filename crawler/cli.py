"""``gongkai``: the command line."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

import click

from crawler.commands.group import Group

#: Commands, each in the module of its name. They are loaded when they are called: Scrapy, Datasette
#: and the parsers take a second and a half to import, and `parse` needs neither of the first two.
COMMANDS = (
    "check",
    "config",
    "copies",
    "crawl",
    "demo",
    "export",
    "ingest",
    "notify",
    "original",
    "parse",
    "portals",
    "prove",
    "publish",
    "reparse",
    "schedule",
    "serve",
    "status",
    "synth",
    "wacz",
)


class _Commands(Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"crawler.commands.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        return command


def _chosen_file(context: click.Context, _: click.Parameter, path: Path | None) -> None:
    # By the environment, so that the processes a command starts have the same settings.
    if path is not None:
        os.environ["GONGKAI_CONFIG"] = str(path.absolute())


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="gongkai")
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    is_eager=True,
    expose_value=False,
    callback=_chosen_file,
    metavar="FILE",
    help="File of settings, instead of GONGKAI_CONFIG or ./gongkai.toml.",
)
def main() -> None:
    """Find China's 政府信息公开工作年度报告, keep the originals, read and prove their tables.

    \b
    A first look, without the network:   gongkai demo
    Crawl one real portal, politely:     GONGKAI_CONTACT=you@example.org gongkai crawl luqiao --sample 3
    Look at what is in the archive:      gongkai serve

    Settings are read from gongkai.toml in the working directory and from variables GONGKAI_…, which beat
    it; `gongkai config` lists them all with what is in force and where it comes from. Only one has to be
    set: GONGKAI_CONTACT, an address at which a webmaster reaches you, before a real portal is asked.

    Every command says more with --help.
    """


if __name__ == "__main__":
    main()
