"""Secret keys for a service that lives on one machine: made once, kept in the var directory for its owner alone."""

import fcntl
import secrets

from mailer.local.paths import Var

_BYTES = 50


def stored_key(var: Var, name: str) -> str:
    """Returns the key in the file `name`, and makes one at the first call; two calls at once get the same.

    Raises:
        LocalProblem: the directory can't be written.

    """
    var.make()
    with var.open(var.root / name, "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        key = file.read().strip()
        if not key:
            key = secrets.token_urlsafe(_BYTES)
            file.write(f"{key}\n")
    return key
