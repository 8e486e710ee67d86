"""When portals are visited, by whom that is done, and what came of it."""
