"""One more language is one more file: nothing else has to know of it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import bot
from bot.i18n import catalogues
from tests.bot_under_test import BotUnderTest

CATALOGUE = r"""
msgid ""
msgstr ""
"Language: it\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"Content-Type: text/plain; charset=utf-8\n"

msgid "‹ Back"
msgstr "‹ Indietro"

msgctxt "name"
msgid "Robotics"
msgstr "Robotica"

msgctxt "name"
msgid "Generative models"
msgstr "Modelli generativi"

msgid "{n} paper"
msgid_plural "{n} papers"
msgstr[0] "{n} articolo"
msgstr[1] "{n} articoli"
"""

ASK = """
import json
from bot.preferences.weekdays import read
from bot.query.categories import nearest_pattern
from bot.query.presets import offered
from bot.i18n import catalogues, negotiate, own_name, texts
from bot.preferences.time_zones import find_zone

_ = texts(negotiate("it-CH"))
print(json.dumps({
    "catalogues": catalogues(),
    "negotiated": _.language,
    "own name": own_name("it"),
    "city": find_zone("Londra"),
    "days": read("lun-ven"),
    "named": [offered("cat.cs.RO").label(_), offered("generative").label(_)],
    "meant": nearest_pattern("robotica"),
    "not named": offered("cat.cs.CV").label(_),
    "translated": [_("‹ Back"), _.plural("{n} paper", "{n} papers", 2)],
    "missing": [_("🎨 Style"), _.plural("{n} topic", "{n} topics", 2)],
}))
"""


def test_a_catalogue_is_all_that_a_language_needs_and_what_it_lacks_is_english(
    tmp_path: Path,
) -> None:
    assert bot.__file__
    shutil.copytree(Path(bot.__file__).parent, tmp_path / "bot")
    shutil.copytree(Path(bot.__file__).parents[1] / "storage", tmp_path / "storage")
    file = tmp_path / "bot" / "locales" / "it" / "LC_MESSAGES" / "paperboy.po"
    file.parent.mkdir(parents=True)
    file.write_text(CATALOGUE, encoding="utf-8")
    answer = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-c", ASK],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONIOENCODING": "utf-8"},
        check=True,
        capture_output=True,
        timeout=60,
    )
    assert json.loads(answer.stdout) == {
        "catalogues": sorted([*catalogues(), "it"], key=lambda name: (name != "en", name)),
        "negotiated": "it",
        "own name": "Italiano",
        "city": "Europe/London",
        "days": 0b11111,
        "named": ["cs.RO · Robotica", "Modelli generativi"],
        "meant": "cs.RO",
        "not named": "cs.CV · Computer Vision and Pattern Recognition",
        "translated": ["‹ Indietro", "2 articoli"],
        "missing": ["🎨 Style", "2 topics"],
    }


async def test_who_speaks_spanish_is_answered_in_spanish(app: BotUnderTest) -> None:
    marta = app.telegram.world.add_person("Marta", "es-MX")
    welcome = await app.say(marta, "/start")
    assert welcome.text.startswith("👋 Hola, soy Paperboy.")
    assert welcome.buttons[0] == "✓ Español"
    topics = await app.tap(marta, "✓ Español")
    assert "¿Qué quieres seguir?" in topics.text
    assert "Modelos generativos" in topics.buttons
    fields = await app.tap(marta, "🗂 Ver las áreas de arXiv")
    assert "Informática ›" in fields.buttons
    assert "cs.AI · Inteligencia artificial" in (await app.tap(marta, "Informática ›")).buttons
    assert "💬 Menús: Español" in (await app.say(marta, "/settings")).text


async def test_the_menus_can_be_changed_to_spanish(app: BotUnderTest) -> None:
    await app.say(app.ada, "/settings")
    await app.tap(app.ada, "💬 Menus")
    card = await app.tap(app.ada, "Español")
    assert "💬 Menús: Español" in card.text
    assert (await app.chat(app.ada)).ui_language == "es"


async def test_telegram_is_given_the_commands_in_every_language(app: BotUnderTest) -> None:
    published = app.telegram.calls_to
    await app.until(lambda: len(published("setMyCommands")) == 3 * len(catalogues()))
    calls = published("setMyCommands")
    assert not any(call.error for call in calls)
    spoken = {call.params.get("language_code") or "en" for call in calls}
    assert spoken == {language.partition("_")[0] for language in catalogues()}
    for call in calls:
        assert all(1 <= len(one["description"]) <= 256 for one in call.params["commands"])
    spanish = [call for call in calls if call.params.get("language_code") == "es"]
    assert {"command": "subscribe", "description": "Seguir un tema"} in spanish[0].params[
        "commands"
    ]
