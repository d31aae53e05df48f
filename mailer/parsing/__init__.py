"""Stage 1: what an author wrote (plain text, Markdown, HTML, .docx) becomes a ParsedIssue.

Pure: may import nothing of the house, and neither Django nor Celery; it reads no clock and no network.
"""
