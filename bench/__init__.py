"""Measurements: `make bench` prints a table and writes bench/results.json, one flat object. Nothing here is a test."""
