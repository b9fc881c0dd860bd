"""Stage 1, bytes: the echo server and its terminal client."""
