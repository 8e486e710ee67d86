"""From grids to statutory cells: one module a table of the form."""
