"""``gongkai notify``: tell what broke, and what is well again."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from archive import times
from archive.errors import ArchiveError
from crawler import config
from crawler.config import ConfigError
from crawler.notify.channels import ChannelError, payload
from crawler.notify.news import News, Told, text
from crawler.notify.telling import Notifier, Result

EXIT_UNTOLD = 1


@click.command()
@click.option("--dry-run", is_flag=True, help="Show what stands now as it would be told; tell nobody.")
@click.option("--test", "trial", is_flag=True, help="Send a trial message by each channel; remember nothing.")
@click.option("--json", "as_json", is_flag=True, help="With --dry-run: the JSON that programs get.")
@click.pass_context
def notify(context: click.Context, dry_run: bool, trial: bool, as_json: bool) -> None:
    """Tell people what is wrong with portals, once, and once more when it is over.

    The channels are those of [notify] in gongkai.toml: e-mail, a webhook, a command. Each is told what it
    was not told yet: a portal that is broken, blocked, gone or partial, a change of that, and that it is
    well again. `gongkai schedule run` does the same after each round, and once more when a round could not
    be made; a channel that fails is tried again then, and by this command at once. What was told is
    remembered in notified.json of the data folder, so a restart tells nobody twice.

    \b
    Exit codes:
      0  everybody knows
      1  a channel could not be reached, or the archive cannot be read
      2  a setting is wrong, or no channel is set
    """
    try:
        found = config.current()
    except ConfigError as error:
        raise click.UsageError(str(error)) from error
    notifier = Notifier.of(found)
    try:
        if dry_run:
            _show([Told("new", news) for news in notifier.current(None)], as_json=as_json)
            return
        if not notifier.channels:
            raise click.UsageError("no channel is set; see [notify] in: gongkai config --example")
        results = _trial(notifier) if trial else notifier.tell(at_once=True)
    except ArchiveError as error:
        raise click.ClickException(str(error)) from error
    for one in results:
        click.echo(_in_words(one))
    if any(one.error for one in results):
        context.exit(EXIT_UNTOLD)


def _show(given: Sequence[Told], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(payload(given), ensure_ascii=False))
    else:
        click.echo(text(given) if given else "nothing is wrong", nl=not given)


def _trial(notifier: Notifier) -> list[Result]:
    news = News("trial", times.text(times.now()), "这是 gongkai 的试发消息", ("收到即表示该渠道可用。",))
    results = []
    for channel in notifier.channels:
        try:
            channel.send([Told("new", news)])
        except ChannelError as error:
            results.append(Result(channel.name, error=str(error)))
        else:
            results.append(Result(channel.name, (Told("new", news),)))
    return results


def _in_words(one: Result) -> str:
    if one.error:
        return f"{one.channel}: failed: {one.error}"
    count = len(one.told)
    return f"{one.channel}: told {count} pieces of news" if count else f"{one.channel}: nothing new"
