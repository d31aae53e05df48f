"""People and their consent: who is on the list, what they asked to hear about, and who must never be mailed again.

May import Django and nothing of `mailer`: this app knows nothing of mail.
"""
