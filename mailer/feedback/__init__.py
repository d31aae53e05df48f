"""Stage 5: bounces, complaints, unsubscribes and clicks become consequences.

May import `transactional`, `sending` and everything below.
"""
