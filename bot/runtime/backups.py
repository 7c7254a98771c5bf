"""Nightly backup with rotation: dated, verified, the oldest removed only once it is there."""

import asyncio
import re
import shutil
import threading
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from storage.backups import BackupError, make
from storage.columns import utc_now

DUE_AFTER = timedelta(hours=26)
"""A bot that starts with an older backup than this makes one soon."""

ROOM_BYTES = 64 * 1024 * 1024
"""What has to be left on the disk beside the copy: a backup must not be what fills it."""

_DATED = re.compile(r"paperboy-\d{4}-\d\d-\d\d\.db")

_log = structlog.get_logger(__name__)


class NightlyBackup:
    """Nightly backups with rotation in one folder; only the copy that leads makes them."""

    def __init__(self, *, database: Path, folder: Path, keep: int) -> None:
        """`keep`: how many there are at most, the new one included."""
        self._database, self._folder, self._keep = database, folder, keep
        self._told_to_stop = threading.Event()
        self.failed: bool | None = None
        """Whether the last one failed; None: none was made since the start."""

    def is_due(self, now: datetime) -> bool:
        """Say whether the newest one is old, or none is there."""
        newest = max((path.stat().st_mtime for path in self._made()), default=0)
        return newest < (now - DUE_AFTER).timestamp()

    def stop(self) -> None:
        """End what is under way; nothing of it is left."""
        self._told_to_stop.set()

    async def run(self, now: datetime | None = None) -> None:
        """Make tonight's; what goes wrong is noted and logged, and harms nothing else."""
        target = self._folder / f"paperboy-{now or utc_now():%Y-%m-%d}.db"
        try:
            size, removed = await asyncio.to_thread(self._make, target)
        except (BackupError, OSError) as error:
            if not self._told_to_stop.is_set():
                self.failed = True
                _log.error("no backup was made, the older ones are kept", error=str(error))
        else:
            self.failed = False
            _log.info("backed up", file=str(target), bytes=size, removed=removed)

    def _make(self, target: Path) -> tuple[int, int]:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Left by a copy that was killed; nobody else makes any here.
        for left_over in self._folder.glob(".paperboy-*.db.*"):
            left_over.unlink()
        journal = self._database.with_name(f"{self._database.name}-wal")
        size = sum(path.stat().st_size for path in (self._database, journal) if path.exists())
        if shutil.disk_usage(self._folder).free < size + ROOM_BYTES:
            raise BackupError(target, "does not fit on the disk")
        made = make(self._database, target, stop=self._told_to_stop)
        old = sorted(self._made(), reverse=True)[self._keep :]
        for path in old:
            path.unlink()
        return made, len(old)

    def _made(self) -> list[Path]:
        return [path for path in self._folder.glob("paperboy-*.db") if _DATED.fullmatch(path.name)]
