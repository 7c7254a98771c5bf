"""Translations made by hand, the handed ones and our own: which the checks accept.

    python benchmarks/translation_cases.py

Each goes through the chain twice: checked as it is, and as an engine's answer to the masked text.
"""

import asyncio
import json
from collections import Counter
from pathlib import Path

from real_papers import real_papers

from bot import log
from bot.translation.checks.rejection import Rejected
from bot.translation.checks.validation import check
from bot.translation.engines.engine import Engine
from bot.translation.languages import Language
from bot.translation.service import AllEnginesFailed, Translator
from storage.database import Database

TESTS = Path(__file__).resolve().parents[1] / "tests"


class Says(Engine):
    """Answers with one text, whatever it is asked."""

    def __init__(self, answer: str) -> None:
        super().__init__("says", max_chars=10_000, code=lambda of: of.code, ask=self.ask)
        self._answer = answer

    async def ask(self, text: str, source: Language, target: Language) -> str:
        del text, source, target
        return self._answer


async def verdict(case: dict[str, str]) -> str | None:
    """Return why a translation is refused; None: it is accepted."""
    if case.get("raw"):
        translator = Translator(
            engines=[Says(case["translation"])], database=Database("sqlite:///never-opened.db")
        )
        try:
            await translator.translate(case["source"], language=case["language"])
        except AllEnginesFailed as failure:
            return str(failure.errors["says"])
        return None
    title = case.get("title", "")
    try:
        check(case["source"], case["translation"], language=case["language"], title=title)
    except Rejected as rejected:
        return rejected.reason.value
    return None


async def main() -> None:
    log.configure(level="CRITICAL", style="console")
    with real_papers().with_name("translation_cases.jsonl").open(encoding="utf-8") as lines:
        await tell("handed", [json.loads(line) for line in lines])
    own = json.loads((TESTS / "translation/cases.json").read_text(encoding="utf-8"))
    await tell("our own", [
        {**of, **made, "kind": kind, "raw": of.get("masked", "")}
        for of in own for kind in ("good", "bad") for made in of[kind]
    ])  # fmt: skip


async def tell(which: str, cases: list[dict[str, str]]) -> None:
    right, total = Counter[str](), Counter[str]()
    for case in cases:
        reason = await verdict(case)
        total[case["kind"]] += 1
        if (reason is None) == (case["kind"] == "good"):
            right[case["kind"]] += 1
        else:
            print(f"wrong: {case['kind']}, {case['case']} ({case['language']}): {reason}")
    for kind, done in (("good", "accepted"), ("bad", "refused")):
        share = f"{right[kind]} of {total[kind]} {done}, {right[kind] / total[kind]:.1%}"
        print(f"{which}, {kind}: {share}")


if __name__ == "__main__":
    asyncio.run(main())
