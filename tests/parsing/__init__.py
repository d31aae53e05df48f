"""Tests of stage 1: what an author wrote becomes a ParsedIssue."""
