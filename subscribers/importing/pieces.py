"""The bytes of a sheet, kept in the database in pieces, so that any worker can read it and nobody holds it whole in memory."""

from __future__ import annotations

import tempfile
from typing import BinaryIO

from subscribers.importing import limits
from subscribers.importing.faults import ImportingError, SheetError
from subscribers.models import SheetPiece

_PIECE = 1 << 20


def keep(file: BinaryIO, import_id: int) -> int:
    """Keep a file's bytes from where it stands. Return how many. Raises SheetError for a file that is empty or too big."""
    size = number = 0
    while content := file.read(_PIECE):
        size += len(content)
        if size > limits.MOST_BYTES:
            raise SheetError(f"The file has more than {limits.MOST_BYTES // 2**20} MB. Divide it.")
        SheetPiece.objects.create(of_id=import_id, number=number, content=content)
        number += 1
    if not size:
        raise SheetError("The file is empty.")
    return size


def spool(import_id: int) -> BinaryIO:
    """Return the sheet as an open temporary file, for the caller to close. Raises ImportingError once retention took it."""
    numbers = list(SheetPiece.objects.filter(of_id=import_id).order_by("number").values_list("number", flat=True))
    if not numbers:
        raise ImportingError(f"The sheet of import {import_id} is not kept any more.")
    file: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115  # the caller closes it
    contents = SheetPiece.objects.filter(of_id=import_id).values_list("content", flat=True)
    file.writelines(contents.get(number=number) for number in numbers)
    file.seek(0)
    return file
