"""Stage 4, chat: rooms, presence, private messages, history."""
