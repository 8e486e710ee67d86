"""``gongkai portals``: the registry on the command line."""

from __future__ import annotations

from pathlib import Path

import click
import yaml
from scrapy.http import Request
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from archive import times
from archive.divisions import DEFAULT, Divisions
from crawler import config, detect, guard
from crawler.commands.group import Group
from crawler.commands.options import data_folder, in_force, portals_folder
from crawler.config import ConfigError, keys
from crawler.inforce import manners
from spiders.base import FamilySpider
from spiders.portals import Portal, RegistryError, load, packaged, read


@click.group(cls=Group)
def portals() -> None:
    """List, show, check and detect the portals of the registry."""


@portals.command("list")
@portals_folder
def list_(folder: Path | None) -> None:
    """One line a portal: key, family, division, level, status, name.

    Exit codes: 0 shown, 2 the folder or an entry of the registry is wrong.
    """
    registry = _registry(folder)
    width = max(map(len, registry))
    for portal in registry.values():
        click.echo(
            f"{portal.key:<{width}}  {portal.family:<7} {portal.division:<9} {portal.level:<10} "
            f"{portal.status:<12} {portal.name}"
        )


@portals.command()
@click.argument("key")
@portals_folder
def show(key: str, folder: Path | None) -> None:
    """A portal's entry, and all that is in force when it is asked: hosts, delays, limits, User-Agent.

    Exit codes: 0 shown, 2 there is no such portal, or the registry is wrong.
    """
    registry = _registry(folder)
    if key not in registry:
        raise click.UsageError(f"no portal {key} in the registry; see: gongkai portals list")
    portal = registry[key]
    click.echo(yaml.safe_dump(portal.entry(), allow_unicode=True, sort_keys=False).rstrip())
    click.echo("\n# how it is asked")
    click.echo(f"hosts:          {', '.join(sorted(portal.sites))} and sub-domains; no other")
    for request in first_requests(portal):
        click.echo(f"first request:  {request.method} {request.url}")
    try:
        asked = manners(portal, registry.values(), times.now(), config.current())
    except ConfigError as error:
        raise click.UsageError(str(error)) from error
    for what, how in asked:
        click.echo(f"{what + ':':<16}{how}")


@portals.command()
@click.argument("keys", nargs=-1, metavar="[KEY]…")
@portals_folder
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


@portals.command("detect")
@click.argument("url")
@data_folder
@click.pass_context
def detect_(context: click.Context, url: str, data: Path) -> None:
    """Look at a portal: name its family, find its report column, print a registry entry.

    URL is the column itself if you have it, else the home page or a report. At most
    four pages of that very host are asked for, with the delays, the robots.txt and
    the User-Agent of a crawl. What could not be told stands in comments.

    \b
    Exit codes:
      0  the entry is complete
      1  something could not be told, or the host could not be asked
    """
    if not url.startswith(("http://", "https://")):
        raise click.UsageError(f"{url} is no http(s) address")
    try:
        found = detect.detect(url, data=data, demo=in_force(keys.DEMO))
    except detect.DetectError as error:
        raise click.ClickException(str(error)) from error
    divisions = _divisions()
    for kind, address, message in found.issues:
        click.echo(f"{kind}: {address}: {message}", err=True)
    for line in _said(found, divisions):
        click.echo(f"# {line}")
    if found.family is not None:
        click.echo(yaml.safe_dump(found.entry(divisions), allow_unicode=True, sort_keys=False).rstrip())
    context.exit(1 if found.missing(divisions) else 0)


def _said(found: detect.Detection, divisions: Divisions) -> list[str]:
    """What was found, in words."""
    if found.family is None:
        return [f"{found.url}: no page came, so nothing can be told"]
    said = [f"family:  {found.family}, by {found.sign}" + (f" ({found.system})" if found.system else "")]
    if found.column:
        said.append(f"column:  {found.column}, by {found.how.replace('_', ' ')}")
    else:
        said.append(f"column:  none found within {detect.HOPS} hops of {found.url}")
    said += [f"         it may be on another host: {url}" for url in found.elsewhere[:3]]
    missing = found.missing(divisions)
    if "division" in missing and found.name and found.site_id_code:
        said.append(f"         SiteIDCode {found.site_id_code} is of another place than {found.name}")
    return [*said, f"missing: {', '.join(missing)}; to be filled in by hand"] if missing else said


def _divisions() -> Divisions:
    if not in_force(keys.DEMO):
        return DEFAULT
    # The demonstration is an extra, and its divisions are invented.
    from demo.server import DemoPortals

    return DEFAULT.with_extra(DemoPortals().divisions)


def first_requests(portal: Portal) -> list[Request]:
    """The requests with which a visit would begin; raises ``RegistryError`` for one that would be refused."""
    module = Settings()
    module.setmodule("crawler.settings")
    spider = SpiderLoader.from_settings(module).load(portal.family)(portal=portal)
    assert isinstance(spider, FamilySpider)
    requests = spider.first_requests(portal)
    for request in requests:
        reason = guard.refusal(request.url, portal, demo=in_force(keys.DEMO))
        if reason is not None:
            raise RegistryError(f"{portal.key}.yml: start: {request.url} {reason[1]}")
    return requests


def _registry(folder: Path | None) -> dict[str, Portal]:
    try:
        return load(folder)
    except RegistryError as error:
        raise click.UsageError(str(error)) from error
