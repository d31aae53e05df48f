"""Plain words become Markdown that shows exactly those words: addresses turn into links, everything else is escaped."""

from __future__ import annotations

import re

# Alternatives are tried in order; each is bounded or can't start again inside its own run, so a match is linear.
_TLDS = "no|com|org|net|eu|info|se|dk|fi|is|io|app|dev|uk|de|nu|edu|gov|museum"
_URL = r"https?://[^\s<>\"«»“”„`|\\^{}]+"
_TOKENS = re.compile(
    rf"\[(?P<label>[^\[\]\n]{{1,200}})\]\((?P<target>(?:https?://|mailto:)[^\s<>()]{{1,2000}})\)"
    rf"|(?P<url>(?<!\w){_URL})"
    r"|(?P<mail>(?<![\w.+%@-])(?:mailto:)?[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,6}[^\W\d_]{2,24}(?![\w@]))"
    r"|(?P<www>(?<![\w@./-])www\.[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}(?:[/?#:][^\s<>\"«»“”„`|\\^{}]*)?)"
    rf"|(?P<domain>(?<![\w@./:-])(?:[\w-]{{2,63}}\.){{1,5}}(?:{_TLDS})(?![\w-]|\.\w)(?:/[^\s<>\"«»“”„`|\\^{{}}]*)?)"
    r"|(?P<strong>(?<![^\s(«“\"])(?:\*\*(?=[^\s*])[^*\n]{1,300}(?<!\s)\*\*|__(?=[^\s_])[^\s_]+ [^_\n]{1,300}(?<!\s)__)"
    r"(?=[\s.,;:!?)»”\"]|$))"
    r"|(?P<emphasis>(?<![^\s(«“\"])(?:\*(?=[^\s*])[^*\n]{1,300}(?<!\s)\*|_(?=[^\s_])[^_\n]{1,300}(?<!\s)_)"
    r"(?=[\s.,;:!?)»”\"]|$))",
    re.IGNORECASE,
)
_SPECIAL = re.compile(r"[\\`*\[\]<|]|~(?=~)|(?<=~)~|_(?!(?<=[^\W_]_)[^\W_])|&(?=#?\w{1,32};)")
_LINE_START = re.compile(r"^(?:(#{1,6})(?=\s|$)|([-+=>~])|(\d{1,9})([.)])(?=\s|$))")
_AUTOLINK = re.compile(r"https?://[!#$&-;=?-Z_a-z~]+", re.IGNORECASE)
_AUTOMAIL = re.compile(r"[A-Za-z0-9.+_-]+@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61})(?:\.[A-Za-z0-9]{2,63})+")
_TRAILING = ".,;:!?'\"»”’*_…"


def to_markdown(text: str) -> str:
    r"""Plain text as one Markdown paragraph. Line breaks in it are the author's own and stay (hard breaks)."""
    return "\\\n".join(_line(line) for line in text.split("\n"))


def escape(text: str) -> str:
    """Text on one line as Markdown that shows it as it is, without making links."""
    return _escape_start(escape_inside(text))


def escape_inside(text: str) -> str:
    """The same for text that does not begin a line."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def link(text: str, target: str) -> str:
    """A Markdown link; as an autolink where that shows the same words."""
    if _shows_itself(text, target):
        return f"<{text}>"
    escaped = re.sub(r"[<>\\]|&(?=#?\w{1,32};)", r"\\\g<0>", target.replace("\n", ""))
    return f"[{escape_inside(text)}](<{escaped}>)"


def _shows_itself(text: str, target: str) -> bool:
    if target == f"mailto:{text}":
        return _AUTOMAIL.fullmatch(text) is not None
    # Renderers decode percent signs and punycode in an autolink's words.
    return text == target and "%" not in text and "xn--" not in text and _AUTOLINK.fullmatch(text) is not None


def _line(line: str) -> str:
    return _escape_start(_inline(line))


def _inline(line: str) -> str:
    """One line with links, emphasis and escapes, whatever stands before it."""
    pieces: list[str] = []
    last = 0
    for match in _TOKENS.finditer(line):
        if match.start() < last:
            continue
        pieces.append(escape_inside(line[last : match.start()]))
        markdown, length = _token(match)
        if markdown.startswith("[") and pieces[-1].endswith("!"):
            # An exclamation mark right before a link would make it an image.
            pieces[-1] = pieces[-1][:-1] + "\\!"
        pieces.append(markdown)
        last = match.start() + length
    pieces.append(escape_inside(line[last:]))
    return "".join(pieces)


def _escape_start(markdown: str) -> str:
    """Take the meaning from what opens a heading, list, quotation or rule when it begins a line."""
    return _LINE_START.sub(lambda m: f"{m[3]}\\{m[4]}" if m[3] else f"\\{m[0]}", markdown)


def _token(match: re.Match[str]) -> tuple[str, int]:
    """One address or emphasised run as Markdown, and how many characters of the line it took."""
    kind, whole = match.lastgroup, match.group()
    if match["label"] is not None:
        return link(match["label"], match["target"]), len(whole)
    if kind in {"strong", "emphasis"}:
        mark = "**" if kind == "strong" else "*"
        return f"{mark}{_inline(whole.strip(whole[0]))}{mark}", len(whole)
    if kind == "mail":
        address = whole[7:] if whole.lower().startswith("mailto:") else whole
        return link(address, f"mailto:{address}"), len(whole)
    shown = trim_address(whole)
    target = shown if kind == "url" else f"https://{shown}"
    return link(shown, target), len(shown)


def trim_address(address: str) -> str:
    """An address without the punctuation of the sentence it stands in."""
    while address:
        last = address[-1]
        unbalanced = (last == ")" and address.count("(") < address.count(")")) or (last == "]" and "[" not in address)
        if last not in _TRAILING and not unbalanced:
            break
        address = address[:-1]
    return address
