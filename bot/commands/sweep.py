"""`paperboy sweep`: one look at arXiv, now."""

from bot.arxiv.transport import SourceError
from bot.commands.errors import CommandError
from bot.commands.output import Counter
from bot.container import open_container
from bot.http.address import shown
from bot.push import translate_ahead
from bot.settings.model import Settings
from bot.sweep.backfill import backfill_waiting
from bot.sweep.sweep import sweep as sweep_arxiv


async def sweep(settings: Settings) -> None:
    """Look at arXiv once, and print what was found."""
    async with open_container(settings) as opened:
        print("Asking arXiv ...", flush=True)
        try:
            entry = await sweep_arxiv(
                database=opened.database, source=opened.source, oai=opened.oai
            )
        except SourceError as error:
            raise CommandError(
                f"arXiv gave no answer, and nothing was changed: {no_answer(error, settings)}"
            ) from error
        print(
            f"{entry.found} papers in the window, {entry.new} of them new;"
            f" {entry.matched} matches, {entry.owed} deliveries.",
            flush=True,
        )
        await backfill_waiting(database=opened.database, source=opened.source)
        done = await translate_ahead.translate_pending(
            database=opened.database,
            translator=opened.translator,
            personal=opened.personal,
            progress=Counter("translated"),
        )
        print(f"{done} translations are ready.")


def no_answer(error: SourceError, settings: Settings) -> str:
    """Say why arXiv did not answer, and how hard it was tried."""
    often = "once" if error.tries <= 1 else f"{error.tries} times"
    return f"{error.reason}, asked {often} at {shown(settings.arxiv_api_url)}"
