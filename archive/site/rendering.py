"""Templates without asynchronous code.

Datasette compiles templates so that every name in them might be awaited, which doubles the
time of a page with a thousand cells. No template here or of those of Datasette's that are in
use awaits anything: what a page shows is read before it is rendered.
"""

from __future__ import annotations

from typing import Any

from jinja2 import Template


class Plain(Template):
    """Renders at once where Datasette asks for it to be awaited."""

    async def render_async(self, *args: Any, **kwargs: Any) -> str:
        return self.render(*args, **kwargs)
