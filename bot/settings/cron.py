"""Cron expressions, the way cron counts weekdays, as triggers of the scheduler."""

import re

from apscheduler.triggers.cron import CronTrigger

_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")


def cron_trigger(expression: str) -> CronTrigger:
    """Return the trigger of a cron expression in UTC: minute hour day month weekday.

    APScheduler counts weekdays from Monday = 0 where cron counts from Sunday = 0, so numbers are
    turned into names first (https://github.com/agronholm/apscheduler/issues/286).

    Raises:
        ValueError: it is no cron expression.

    """
    fields = expression.split()
    if len(fields) != 5:  # noqa: PLR2004 - cron's five
        raise ValueError("does not have cron's five fields: minute hour day month weekday")
    fields[4] = re.sub(r"(?<![/\w])[0-7](?!\w)", lambda m: _WEEKDAYS[int(m[0])], fields[4])
    fields[4] = re.sub(r"\bsun-", "sun,mon-", fields[4].lower())
    try:
        return CronTrigger.from_crontab(" ".join(fields), timezone="UTC")
    except ValueError as error:
        raise ValueError(f"is not a cron expression: {error}") from error
