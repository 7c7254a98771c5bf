"""Paperboy: new arXiv papers, translated, in your Telegram chat every morning."""

import os

# python-telegram-bot warns at every `retry after` until asked for the form of its next version:
# https://docs.python-telegram-bot.org/en/stable/telegram.error.html#telegram.error.RetryAfter
os.environ.setdefault("PTB_TIMEDELTA", "1")
