"""What is wrong with a sheet or with what is asked for it."""

from __future__ import annotations


class ImportingError(ValueError):
    """Nothing was imported. The message is a sentence for people: what is wrong, where, and what to do."""


class SheetError(ImportingError):
    """The file can't be read as a sheet of people."""


class AlreadyRunningError(ImportingError):
    """Another process has this import in hand."""
