"""`python -m mailer` is the command `ukebrev`."""

from mailer.cli import main

main()
