"""An issue in the terminal: its parts and sections, for whom each is, and what the importer wants an editor to look at."""

from __future__ import annotations

from mailer.cli.output import answers, print_table, say
from mailer.parsing.issue import ParsedIssue


def print_outline(issue: ParsedIssue) -> None:
    """Print the outline of an issue."""
    week = f" ({issue.year}-W{issue.week:02})" if issue.year and issue.week else ""
    answers.print(f"{issue.title}{week}", style="bold", markup=False, highlight=False)
    if issue.preheader:
        say(issue.preheader)
    say("")
    print_table(["Part", "Section", "For", "Suggested"], _rows(issue))
    if issue.dropped:
        say("\nDropped, as it belongs to the page and not to the letter:")
        for line in issue.dropped:
            say(f"  line {line.line}: {line.text}")
    if issue.unsure:
        say("\nPlease look at:")
        for doubt in issue.unsure:
            say(f"  line {doubt.line}: {doubt.what}")
    say("")


def _rows(issue: ParsedIssue) -> list[list[str]]:
    rows, last = [], None
    for section in issue.sections:
        suggested = [
            name
            for name, is_so in (
                ("heading", section.heading_suggested),
                ("cut", section.cut_suggested),
                ("interests", section.interests_suggested),
            )
            if is_so
        ]
        part = "" if section.part == last else (section.part or "")
        rows.append([part, section.heading, ", ".join(section.interests) or "everyone", ", ".join(suggested)])
        last = section.part
    return rows
