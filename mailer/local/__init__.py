"""The parts that one machine needs and may not have: PostgreSQL, Redis, an inbox, and the processes that use them.

May import `mailer.environment` and `mailer.checks`, nothing else of the house; what starts a server needs no Django.
"""
