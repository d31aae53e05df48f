"""Stage 2: a ParsedIssue as one variant sees it becomes HTML, plain text and a compiled message.

Pure: may import `parsing`, and neither Django, Celery nor models; it reads no clock and no network.
"""
