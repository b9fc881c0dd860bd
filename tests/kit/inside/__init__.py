"""Code for child processes, beside the code under test; it imports nothing of the harness."""
