"""What the drill's relay writes down, and what is counted from it. Needs nothing of the house."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path


def taken(recipient: str, message_id: str, *, is_answered: bool) -> bytes:
    """Return the line that a message was taken, and whether the relay will say so."""
    return f"taken\t{recipient}\t{message_id}\t{'answered' if is_answered else 'unanswered'}\n".encode()


def refused(recipient: str) -> bytes:
    """Return the line that a message was refused for good."""
    return f"refused\t{recipient}\n".encode()


def brake_of(log: Path) -> Path:
    """Return the file that keeps the relay of this log from answering, for as long as it is there."""
    return log.with_name(f"{log.name}.brake")


@dataclass
class Received:
    """What came to the relay. `message_ids` holds those of all copies, by recipient; `unanswered` counts copies taken without a word."""

    log: Path
    message_ids: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    refused: set[str] = field(default_factory=set)
    unanswered: int = 0
    _read_to: int = 0

    def read(self) -> int:
        """Read what was written since the last time; return how many recipients have come to an end."""
        with self.log.open("rb") as file:
            file.seek(self._read_to)
            whole, _, _ = file.read().rpartition(b"\n")
        if whole:
            self._read_to += len(whole) + 1
            for line in whole.decode().split("\n"):
                self._count(line.split("\t"))
        return len(self.message_ids) + len(self.refused)

    def _count(self, words: list[str]) -> None:
        if words[0] == "taken":
            self.message_ids[words[1]].append(words[2])
            self.unanswered += words[3] == "unanswered"
        else:
            self.refused.add(words[1])

    @property
    def repeated(self) -> int:
        """How many copies came beyond the first ones."""
        return sum(len(copies) - 1 for copies in self.message_ids.values())

    @property
    def renamed(self) -> int:
        """How many recipients got copies with different Message-IDs."""
        return sum(len(set(copies)) > 1 for copies in self.message_ids.values())
