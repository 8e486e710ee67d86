"""``gongkai``: the command line."""

from __future__ import annotations

from importlib import import_module

import click

#: Commands, each in the module of its name. They are loaded when they are called: Scrapy, Datasette
#: and the parsers take a second and a half to import, and `parse` needs neither of the first two.
COMMANDS = (
    "check",
    "copies",
    "crawl",
    "demo",
    "export",
    "ingest",
    "original",
    "parse",
    "portals",
    "prove",
    "publish",
    "reparse",
    "serve",
    "synth",
)


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"crawler.commands.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        return command


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="gongkai")
def main() -> None:
    """Find China's 政府信息公开工作年度报告, keep the originals, read and prove their tables.

    \b
    A first look, without the network:   gongkai demo
    Crawl one real portal, politely:     GONGKAI_CONTACT=you@example.org gongkai crawl luqiao --sample 3
    Look at what is in the archive:      gongkai serve

    \b
    Environment:
      GONGKAI_CONTACT  address in the User-Agent at which a webmaster reaches you; needed to crawl
      GONGKAI_DATA     data folder (default: data)
      GONGKAI_PORTALS  folder of portal entries (default: the ones that come with gongkai)
      GONGKAI_NIGHT    daily window, Beijing time, in which portals may be asked: 22:00-07:00
      GONGKAI_DAILY_BUDGET  requests a host a day (default: 1000)
      GONGKAI_REST_HOURS  hours for which a host that answered with a challenge is left alone (default: 24)
      GONGKAI_WARC_SIZE  bytes at which the next WARC file is begun (default: 1000000000)
      GONGKAI_READ_SECONDS, GONGKAI_READ_MB  what reading one original may take (default: 600, 3072)
      GONGKAI_DEMO     1: only loopback hosts named in the registry, no delays, a demonstration archive

    Every command says more with --help.
    """


if __name__ == "__main__":
    main()
