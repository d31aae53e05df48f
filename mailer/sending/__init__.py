"""Stage 3: audience -> deliveries -> batches -> wire -> outcomes.

May import `checking`, `models`, `rendering`, `parsing` and `subscribers`.
"""
