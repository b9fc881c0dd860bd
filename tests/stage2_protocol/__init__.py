"""Stage 2, frames: the protocol server, the functions under it, the client connection."""
