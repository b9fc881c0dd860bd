"""The suites of the course, one directory a stage, and the harness (kit) they are written with."""
