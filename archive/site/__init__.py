"""The public pages: a Datasette plugin, its templates and static files.

``load`` functions read one page's content from a connection and know nothing of
Datasette; ``pages.py`` puts them behind addresses; ``plugins/`` registers them.
"""
