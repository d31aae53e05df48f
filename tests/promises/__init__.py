"""One file for each promise of docs/architecture.md; each would fail without it."""
