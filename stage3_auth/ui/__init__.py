"""The desktop of stage 3: the login, and what all windows share (theme, texts, the Tk bridge)."""
