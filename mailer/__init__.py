"""Ukebrev's Django project package and its mail app: an issue becomes a campaign, deliveries and feedback.

May import `subscribers`, never the other way round; the order inside is held by import-linter (see docs/architecture.md).
"""
