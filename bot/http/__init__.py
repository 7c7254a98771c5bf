"""HTTP to everything but Telegram: bounded answers, and one deadline for a whole exchange."""
