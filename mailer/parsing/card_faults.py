"""What can be wrong with a card: a code and values, worded in English here and for editors in `checking/words.toml`."""

from __future__ import annotations

SENTENCES = {
    "card-line-unclear": "“{words}” is no line of a card: write it as “key: value”, and close the card with the marks that opened it.",
    "card-unclosed": "The card is not closed: “{words}” stands in it. Write the marks that opened it on a line of their own below it.",
    "card-key-unknown": "A card of the kind {kind} has no “{key}”. It has: {known}.",
    "card-key-missing": "A card of the kind {kind} needs a line “{key}: …”.",
    "card-key-twice": "“{key}” says what another line of the card says already. Keep one of them.",
    "card-date-unclear": "“{key}: {words}” is no date: write 2021-11-17, 2021-11-17 12:00 or 17. november 2021 kl. 12.00.",
    "card-weekday-wrong": "“{key}: {words}” names another weekday than that of its date.",
    "card-end-early": "The event “{title}” ends before it starts.",
    "card-end-unlike": "The event “{title}” has a time of day for only one of its start and end.",
    "card-shown": "“{words}” opens no card here, and is shown as words: close the card with the same marks, in a text or Markdown file.",
}
_SHOWN = 60


class CardError(ValueError):
    """A card can't be read. The message is a sentence for people; `code` and `values` are for those who word it in another language.

    `kind`, `key` in "card-key-missing" and `known` are the words that we write (`words/cards.toml`), all other values the author's.
    """

    def __init__(self, code: str, **values: str) -> None:
        """Take one of the codes above, with the values that its sentence names."""
        self.code = code
        self.values = {name: " ".join(value.split())[:_SHOWN] for name, value in values.items()}
        super().__init__(SENTENCES[code].format(**self.values))
