"""Issuers, figures and prose for an archive of any size: all invented, and marked as such."""
