"""Preflight: small checks over an issue and its rendered variants, before anyone approves it.

May import `models`, `rendering` and `parsing`.
"""
