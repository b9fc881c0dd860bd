"""The desktop of stage 4: the chat window, and what windows with a login share."""
