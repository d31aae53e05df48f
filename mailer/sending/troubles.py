"""What goes wrong between us and a relay, in words for people: names, networks, certificates."""

from __future__ import annotations

import socket
import ssl

# OpenSSL's x509_vfy.h, X509_V_ERR_*.
_CERTIFICATES = {
    9: "its certificate is not valid yet. Is this machine's clock right?",
    10: "its certificate has expired. Whoever runs the relay must renew it.",
    18: "its certificate is self-signed: nobody vouches for it.",
    19: "its certificate comes from an authority that this machine does not know.",
    20: "its certificate comes from an authority that this machine does not know.",
    21: "its certificate comes without those that vouch for it.",
    62: "its certificate is for another host name. Is the relay's name written right?",
    64: "its certificate is for another address. Use the relay's name instead of its number.",
}
_NO_TLS = {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNEXPECTED_MESSAGE", "RECORD_LAYER_FAILURE"}


def words_of(problem: Exception) -> str:  # noqa: PLR0911  # one sentence for each trouble
    """Return what an error of the network says, as the end of a sentence."""
    match problem:
        case ssl.SSLCertVerificationError():
            return _CERTIFICATES.get(problem.verify_code, f"its certificate does not hold: {problem.verify_message}.")
        case ssl.SSLError() if problem.reason in _NO_TLS:
            return "it does not speak TLS there. Should it be STARTTLS (port 587), or another port?"
        case ssl.SSLEOFError():
            return "it hung up in the midst of TLS."
        case socket.gaierror():
            return f"its name can't be found ({_ended(problem)} Is it written right, and has this machine a network?"
        case TimeoutError() | BlockingIOError():
            return "it did not answer in time."
        case UnicodeError():
            return "its name is none that a host can have."
        case _:
            return str(getattr(problem, "strerror", None) or problem or type(problem).__name__)


def _ended(problem: Exception) -> str:
    return f"{getattr(problem, 'strerror', None) or problem})."
