"""Which fault is wrong input (2), which is a failure (1), and which is a bug of ours (its traceback is shown)."""

from __future__ import annotations

import importlib
import sys

from mailer.cli.usage import UsageError, in_words

WRONG_INPUT = 2
FAILED = 1

# By name, so that `issue parse` needs not load Django to know its faults.
_CODES = {
    "mailer.parsing.issue.SourceError": WRONG_INPUT,
    "mailer.environment.EnvironmentProblem": WRONG_INPUT,
    "mailer.models.parsed.IssueError": WRONG_INPUT,
    "mailer.models.pictures.AddImageError": WRONG_INPUT,
    "mailer.models.weeks.WeekError": WRONG_INPUT,
    "mailer.rendering.picture_files.PictureError": WRONG_INPUT,
    "mailer.rendering.toml_tables.SettingsError": WRONG_INPUT,
    "mailer.rendering.templates.BrokenTemplateError": WRONG_INPUT,
    "mailer.sending.headers.SenderError": WRONG_INPUT,
    "mailer.sending.planning.LaunchError": WRONG_INPUT,
    "mailer.sending.states.StateError": WRONG_INPUT,
    "mailer.sending.relays.RelayError": WRONG_INPUT,
    "subscribers.addresses.AddressError": WRONG_INPUT,
    "subscribers.audience_filter.AudienceError": WRONG_INPUT,
    "subscribers.field_values.FieldError": WRONG_INPUT,
    "subscribers.privacy.PrivacyError": WRONG_INPUT,
    "subscribers.importing.faults.ImportingError": WRONG_INPUT,
    "subscribers.exporting.files.ExportError": WRONG_INPUT,
    "subscribers.tokens.TokenError": WRONG_INPUT,
    "subscribers.signup.SignupError": WRONG_INPUT,
    "subscribers.preferences.PreferenceError": WRONG_INPUT,
    "mailer.cli.finding.NotFoundError": WRONG_INPUT,
    "mailer.results.deliveries.UnknownStatusError": WRONG_INPUT,
    "mailer.local.problems.LocalProblem": FAILED,
    "mailer.sending.wire.RelayUnavailable": FAILED,
    "mailer.cli.starting.NotReadyError": FAILED,
    "django.db.utils.OperationalError": FAILED,
    "redis.exceptions.ConnectionError": FAILED,
}


def sentence_and_code(problem: Exception) -> tuple[str | None, int]:
    """Return the sentence to print and the exit code; None for a fault that we did not foresee."""
    if isinstance(problem, UsageError):
        return in_words(problem), WRONG_INPUT
    for name, code in _CODES.items():
        module_name, _, class_name = name.rpartition(".")
        # A module that was never loaded can't have raised.
        if module_name in sys.modules:
            known = getattr(importlib.import_module(module_name), class_name, None)
            if known is not None and isinstance(problem, known):
                said = str(problem).strip()
                if class_name == "OperationalError":
                    said = f"The database does not answer: {said}"
                # What a command has to add to whatever stopped it.
                notes = getattr(problem, "__notes__", ())
                if notes and not said.endswith((".", "!", "?", ")")):
                    said += "."
                return " ".join([said, *notes]), code
    if isinstance(problem, OSError) and problem.filename:
        return f"{problem.filename}: {problem.strerror}.", FAILED
    return None, FAILED
