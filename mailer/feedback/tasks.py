"""The Celery tasks of feedback."""

from __future__ import annotations

from celery import shared_task

from mailer.feedback.clean_up import clean_up


@shared_task
def clean_up_lists() -> None:
    """Keep nothing longer than it is needed."""
    clean_up(by="schedule")
