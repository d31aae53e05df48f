"""Stage 4: slots, what is due, reminders.

May import `sending` and everything below it.
"""
