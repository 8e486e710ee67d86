"""``gongkai``: the command line."""

from __future__ import annotations

import click

from crawler.commands.crawl import crawl
from crawler.commands.demo import demo
from crawler.commands.ingest import ingest
from crawler.commands.parse import parse
from crawler.commands.portals import portals
from crawler.commands.serve import serve


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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
      GONGKAI_DEMO     1: only loopback hosts named in the registry, no delays, a demonstration archive

    Every command says more with --help.
    """


for command in (crawl, demo, ingest, parse, portals, serve):
    main.add_command(command)


if __name__ == "__main__":
    main()
