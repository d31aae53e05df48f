"""Stage 6: questions and numbers; it reads and never writes.

May import `models` and `subscribers`.
"""
