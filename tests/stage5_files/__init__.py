"""Stage 5, files: the file server on both databases, and its terminal client."""
