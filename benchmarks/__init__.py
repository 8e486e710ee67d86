"""What gongkai measures of itself.

``make accuracy`` (``python -m benchmarks.accuracy``) counts cells read right, left null and
silently wrong, layout by layout; ``make bench`` (``python -m benchmarks.run``) times reading
beside the libraries a user would take instead. Neither is part of the installed package.
"""
