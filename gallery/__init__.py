"""`make gallery`: every partial and every variant of three issues in pictures, to be looked at before a change is accepted.

May import `parsing` and `rendering`, and needs a browser; nothing of the service imports it.
"""
