"""Twelve months of the schedule on sample portals that change, and what the ledger says of them at the end.

``story`` is what happens, ``oracle`` what must come of it (worked out apart from the schedule), ``living``
lets the year go by, ``books`` reads what is there at its end. Run with ``make test-year``.
"""
