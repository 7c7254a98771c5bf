"""Paperboy: new arXiv papers, translated, in your Telegram chat every morning."""

import os
import sys
from typing import Any, cast

# python-telegram-bot warns at every `retry after` until asked for the form of its next version:
# https://docs.python-telegram-bot.org/en/stable/telegram.error.html#telegram.error.RetryAfter
os.environ.setdefault("PTB_TIMEDELTA", "1")

# Its own webhook server is not used (bot/runtime/webhook.py), and would load tornado at each start.
sys.modules.setdefault("telegram.ext._utils.webhookhandler", cast("Any", None))
