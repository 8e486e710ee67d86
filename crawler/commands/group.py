"""A command of commands."""

from __future__ import annotations

import click

#: Characters; longer than any first sentence.
_WHOLE = 500


class Group(click.Group):
    """Lists its commands with the whole first sentence of each; click's own cuts it off in the middle."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = []
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            if command is not None and not command.hidden:
                rows.append((name, command.get_short_help_str(_WHOLE)))
        with formatter.section("Commands"):
            formatter.write_dl(rows)
