"""Statutory tables in text that has lost its table: labels found in their order, figures between them."""
