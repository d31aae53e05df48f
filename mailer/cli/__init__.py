"""A door: the command `ukebrev`. It parses the words, calls one function below, and prints the answer.

May import every stage; no rules live here. Exit codes: 0 done, 1 failed, 2 wrong input.
"""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from mailer.cli.app import run  # so that importing the package stays cheap

    run()
