"""The way most programs send: a message put together with the email package for each recipient, handed over by smtplib.

`python -m bench.by_smtplib PORT CONNECTIONS MESSAGES SIZE`: so many connections in threads, so many personal messages over each.
"""

from __future__ import annotations

import smtplib
import sys
import threading
from email.message import EmailMessage
from email.utils import format_datetime, localtime, make_msgid

PORT, CONNECTIONS, MESSAGES, SIZE = (int(word) for word in sys.argv[1:])
# As much text as the letter has beside its HTML.
TEXT = "Dette er et brev fra Sør-Varanger Utvikling.\n" * 100
HTML = "<p>Dette er et brev fra Sør-Varanger Utvikling.</p>\n" * ((SIZE - len(TEXT)) * 9 // (10 * 53))


def compose(number: int) -> EmailMessage:
    """Return one person's message."""
    message = EmailMessage()
    message["From"] = "Ukebrev <ukebrev@ukebrev.example>"
    message["To"] = f"Kari Nordmann {number} <reader{number}@example.org>"
    message["Subject"] = "Uke 45: Ja, ka skjer?"
    message["Date"] = format_datetime(localtime())
    message["Message-ID"] = make_msgid(domain="ukebrev.example")
    message["List-Unsubscribe"] = f"<https://ukebrev.example/u/{number}>"
    message.set_content(f"Hei, Kari {number}!\n{TEXT}", cte="quoted-printable")
    message.add_alternative(f"<p>Hei, Kari {number}!</p>{HTML}", subtype="html", cte="quoted-printable")
    return message


def send() -> None:
    """Send over one connection."""
    with smtplib.SMTP("127.0.0.1", PORT) as connection:
        for number in range(MESSAGES):
            connection.send_message(compose(number))


threads = [threading.Thread(target=send) for _ in range(CONNECTIONS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
