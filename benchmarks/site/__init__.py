"""The public site under several readers at once, on a large generated archive, beside plain Datasette."""
