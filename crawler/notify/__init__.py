"""Whoever runs this is told what broke, once, and once more when it is over."""
