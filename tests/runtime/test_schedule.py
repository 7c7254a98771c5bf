"""The schedule: jobs by UTC, wherever the machine believes itself to be."""

from datetime import timedelta

import pytest
import tzlocal

from bot.runtime.schedule import build_scheduler, run_once


@pytest.mark.parametrize("zone", ["Mars/Olympus", ":/etc/passwd"])
def test_a_machine_s_time_zone_that_is_none_is_nobody_s_business(
    monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    async def job() -> None:
        pass

    monkeypatch.setenv("TZ", zone)
    monkeypatch.setattr("tzlocal.unix._cache_tz", None)
    with pytest.raises((LookupError, ValueError)):
        tzlocal.get_localzone()
    jobs = build_scheduler(
        sweep=job,
        sweep_schedule="17 1 * * *",
        push=job,
        announce=job,
        weeks=job,
        housekeeping=job,
        code_links=job,
        backup=job,
    )
    run_once(jobs, job, name="again", after=timedelta(minutes=1))
    assert len(jobs.get_jobs()) == 8
