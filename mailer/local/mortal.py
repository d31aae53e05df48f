"""Programs that end when the process that started them ends, even by `kill -9`.

`python -m mailer.local.mortal PROGRAM ARGUMENT ...` becomes that program. Linux only (prctl(2), PR_SET_PDEATHSIG);
elsewhere the program starts all the same, and only an orderly end of the parent ends it.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent(last: signal.Signals = signal.SIGTERM) -> None:
    """Asks the kernel to send this process `last` when its parent ends.

    The wish survives exec, not a change of user: set it after that. It is about the thread that forked, so start
    such children from a thread that lives as long as the process.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(last), 0, 0, 0)


def main() -> None:
    """Becomes the program that the arguments name."""
    die_with_parent()
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606  # the arguments are our own processes'


if __name__ == "__main__":
    main()
