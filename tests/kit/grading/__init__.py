"""Grading: submissions collected, judged in a sandbox, and reported."""
