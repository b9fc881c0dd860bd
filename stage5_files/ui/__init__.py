"""The desktop of stage 5: the files window."""
