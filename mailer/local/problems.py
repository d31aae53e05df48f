"""What goes wrong with the servers of one machine, told in sentences."""


class LocalProblem(Exception):  # noqa: N818  # told to people, who can do something about it
    """A server of this machine cannot be had; the text is one or more whole sentences that say why and what to do."""
