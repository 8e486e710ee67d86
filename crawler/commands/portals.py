"""``gongkai portals``: the registry on the command line."""

from __future__ import annotations

from pathlib import Path

import click
import yaml
from scrapy.http import Request
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from crawler import guard, settings
from spiders.base import FamilySpider
from spiders.portals import Portal, RegistryError, load, packaged, read

_folder = click.option(
    "--portals",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=settings.GONGKAI_PORTALS,
    metavar="DIR",
    help="Folder of portal entries.  [default: those that come with gongkai]",
)


@click.group()
def portals() -> None:
    """List, show and check the portals of the registry."""


@portals.command("list")
@_folder
def list_(folder: Path | None) -> None:
    """One line a portal: key, family, division, level, status, name."""
    registry = _registry(folder)
    width = max(map(len, registry))
    for portal in registry.values():
        click.echo(
            f"{portal.key:<{width}}  {portal.family:<7} {portal.division:<9} {portal.level:<10} "
            f"{portal.status:<12} {portal.name}"
        )


@portals.command()
@click.argument("key")
@_folder
def show(key: str, folder: Path | None) -> None:
    """A portal's entry, and how it is asked: hosts, first requests, delays, User-Agent."""
    registry = _registry(folder)
    if key not in registry:
        raise click.UsageError(f"no portal {key} in the registry; see: gongkai portals list")
    portal = registry[key]
    click.echo(yaml.safe_dump(portal.entry(), allow_unicode=True, sort_keys=False).rstrip())
    click.echo("\n# how it is asked")
    click.echo(f"hosts:          {', '.join(sorted(portal.sites))} and sub-domains; no other")
    for request in first_requests(portal):
        click.echo(f"first request:  {request.method} {request.url}")
    click.echo("robots.txt:     obeyed; 401 or 403 on it means the host is not asked")
    click.echo(f"at one time:    {settings.CONCURRENT_REQUESTS_PER_DOMAIN} request a site")
    click.echo(
        f"delay:          {settings.DOWNLOAD_DELAY:g} s ± {settings.DOWNLOAD_DELAY_JITTER:.0%},"
        f" up to {settings.AUTOTHROTTLE_MAX_DELAY:g} s for a slow server;"
        " Crawl-delay and Retry-After are kept"
    )
    click.echo(
        f"again:          {settings.RETRY_TIMES} times on {', '.join(map(str, settings.RETRY_HTTP_CODES))}"
        " and time-outs; never on a refusal or a challenge"
    )
    contact = "" if settings.GONGKAI_CONTACT else "   (set GONGKAI_CONTACT; nothing is asked without)"
    click.echo(f"User-Agent:     {settings.USER_AGENT}{contact}")


@portals.command()
@click.argument("keys", nargs=-1, metavar="[KEY]…")
@_folder
@click.pass_context
def check(context: click.Context, keys: tuple[str, ...], folder: Path | None) -> None:
    """Validate entries (none named: all) and build each one's first requests; nothing is sent.

    Every entry is looked at, not only up to the first that is wrong.

    \b
    Exit codes:
      0  all entries are right
      1  at least one is wrong; each is named with its field
    """
    where = folder or packaged()
    paths = [where / f"{key}.yml" for key in keys] if keys else sorted(where.glob("*.yml"))
    wrong = 0
    for path in paths:
        try:
            portal = read(path)
            requests = first_requests(portal)
        except RegistryError as error:
            wrong += 1
            click.echo(f"wrong  {error}")
            continue
        for request in requests:
            click.echo(f"ok     {portal.key}: {request.method} {request.url}")
    if not paths:
        wrong += 1
        click.echo(f"wrong  {where}: holds no portal (*.yml)")
    context.exit(1 if wrong else 0)


def first_requests(portal: Portal) -> list[Request]:
    """The requests with which a visit would begin; raises ``RegistryError`` for one that would be refused."""
    module = Settings()
    module.setmodule("crawler.settings")
    spider = SpiderLoader.from_settings(module).load(portal.family)(portal=portal)
    assert isinstance(spider, FamilySpider)
    requests = spider.first_requests(portal)
    for request in requests:
        reason = guard.refusal(request.url, portal, demo=settings.GONGKAI_DEMO)
        if reason is not None:
            raise RegistryError(f"{portal.key}.yml: start: {request.url} {reason[1]}")
    return requests


def _registry(folder: Path | None) -> dict[str, Portal]:
    try:
        return load(folder)
    except RegistryError as error:
        raise click.UsageError(str(error)) from error
