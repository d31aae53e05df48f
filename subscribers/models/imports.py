"""An import of a sheet of people: what was asked, how far it came, and what became of each row."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Import(models.Model):
    """One sheet and what an editor wants done with it. The pieces of the sheet are kept until retention takes them."""

    class Status(models.TextChoices):
        """Waiting -> running -> done | failed; done -> undone. A killed import stays running, and is run again."""

        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        UNDONE = "undone"

    file_name = models.CharField(max_length=200)
    # Columns, merge rule, whether good rows only, interests for all: what an editor chose (importing.options).
    options = models.JSONField(default=dict)
    basis = models.TextField(help_text="How it is known that these people asked for the letter.")
    by = models.CharField(max_length=150, blank=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    # What is being done now, for whoever watches: reading, comparing, writing.
    step = models.CharField(max_length=20, blank=True)
    # Until the sheet is read to its end, the total is the number of its lines, which may be a little more.
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    # The summary: rows by outcome, columns as they were understood, notes; after an undo, what that did.
    counts = models.JSONField(default=dict)
    problem = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return f"import {self.pk}"


class SheetPiece(models.Model):
    """Some bytes of a sheet. In pieces, so that nobody ever holds the whole sheet in memory, and any worker can read it."""

    pk = models.CompositePrimaryKey("of_id", "number")
    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="pieces", db_index=False)
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"piece {self.number} of import {self.of_id}"


class ImportRow(models.Model):
    """What became of one row, and what it changed, so that it can be undone."""

    class Outcome(models.TextChoices):
        """What became of it. `recorded`: left elsewhere, and kept here so that nobody adds them."""

        ADDED = "added"
        RECORDED = "recorded"
        CHANGED = "changed"
        UNCHANGED = "unchanged"
        DUPLICATE = "duplicate"
        LEFT_ALONE = "left-alone"
        REJECTED = "rejected"

    # A million rows are not each held against their import: they are only ever written and deleted with it.
    pk = models.CompositePrimaryKey("of_id", "number")
    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows", db_index=False, db_constraint=False)
    number = models.PositiveIntegerField(help_text="Of the row in the sheet, counted from 1 with the heading.")
    outcome = models.CharField(max_length=10, choices=Outcome)
    reason = models.CharField(max_length=200, blank=True)
    # A number and no foreign key: it costs nothing a million times, and when the person is erased it points to nobody.
    subscriber_id = models.BigIntegerField(null=True)
    # What the person had before and after, where the row changed something.
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["of_id", "number"]

    def __str__(self) -> str:
        return f"row {self.number} of import {self.of_id}"
