"""Stage 3, accounts: validation, codes, passwords, sessions, the two databases."""
