"""Examples of what somebody likes: however they are given, the order fits; one tap forgets them."""

from functools import partial

import pytest
from sqlmodel import select

from bot.playground.telegram.world import ChatRef
from storage import opinions, papers, seeds
from storage.models import Paper, PaperOrder, SavedPaper
from tests.bot_under_test import BotUnderTest
from tests.handlers.test_transfer import send
from tests.seldom import seldom

REFUSED = "Only this group's admins can change that."


async def known(app: BotUnderTest, count: int) -> list[Paper]:
    async with app.database.reading() as session:
        return list(await papers.newest(session=session, limit=count))


async def given(app: BotUnderTest, chat: ChatRef) -> list[str]:
    """Return the titles of what a chat gave."""
    stored = await app.chat(chat)
    found = await app.database.read(partial(seeds.given, chat_id=stored.id))
    return [paper.title for paper in found]


async def ask(app: BotUnderTest) -> None:
    await app.say(app.ada, "/taste")
    await app.tap(app.ada, "✍️ Name some, or send a file")


async def test_papers_pasted_in_one_message_are_examples_and_no_saves(app: BotUnderTest) -> None:
    one, two, three = await known(app, 3)
    await ask(app)
    told = await app.say(
        app.ada,
        f"{one.id}\nhttps://arxiv.org/abs/{two.id}v1\n{three.title}\nA title that nobody ever gave",
    )
    assert told.text.startswith("✅ I learn from 4 papers:\n• ")
    assert "From now on papers come in the personal order" in told.text
    assert set(await given(app, app.ada)) == {
        *(one.title, two.title, three.title),
        "A title that nobody ever gave",
    }
    assert (await app.chat(app.ada)).paper_order is PaperOrder.PERSONAL
    async with app.database.reading() as session:
        assert (await session.exec(select(SavedPaper))).all() == []


async def test_one_tap_forgets_what_was_given_and_nothing_else(app: BotUnderTest) -> None:
    one, two, three, four = await known(app, 4)
    await app.say(app.ada, "/taste")
    stored = await app.chat(app.ada)
    save = partial(opinions.save, chat_id=stored.id, paper_id=four.id, now=four.published_at)
    await app.database.write(save)
    await app.say(app.ada, f"/taste {one.id} {two.id} {three.id}")
    assert "3 examples:" in (await app.say(app.ada, "/taste")).text
    told = await app.tap(app.ada, "🗑 Forget what I gave")
    assert told.text == "Forgotten. Saved papers stay."
    assert await given(app, app.ada) == []
    assert "1 saved paper" in (await app.say(app.ada, "/saved")).text


BIB = """@article{{a, title = {{{{Deep}} Nets}}, abstract = {{They learn.}}, year = 2020}}
@article{{b, eprint = {{{known}}}, year = 2024}}
@article{{c, title = "No abstract", year = 2019}}
@article{{d, note = {{says nothing}}}}
"""


async def test_a_file_is_taken_and_the_export_gives_it_back(app: BotUnderTest) -> None:
    [one] = await known(app, 1)
    await ask(app)
    told = await send(app, app.ada, BIB.format(known=one.id), "My Library.bib")
    assert told.text.startswith("✅ I learn from 3 papers:")
    assert "1 entry has no title." in told.text
    assert set(await given(app, app.ada)) == {one.title, "Deep Nets", "No abstract"}
    await app.say(app.ada, "/export")
    await app.until(lambda: len([m for m in app.shown(app.ada) if m.document]) == 2)
    export = app.last(app.ada)
    assert export.document is not None
    assert export.document.name == "paperboy-taste.bib"
    assert export.text.startswith("🎯 3 examples to learn from.")
    before = sorted(await given(app, app.ada))
    await app.say(app.ada, "/taste")
    await app.tap(app.ada, "🗑 Forget what I gave")
    await ask(app)
    await send(app, app.ada, export.document.content, "paperboy-taste.bib")
    assert sorted(await given(app, app.ada)) == before


async def test_a_reading_list_without_a_question_may_be_learned_from_only(
    app: BotUnderTest,
) -> None:
    offered = await send(
        app, app.ada, "@book{b, title = {Foundations of robots that see}}", "a.bib"
    )
    assert offered.buttons == ["🎯 Only learn from them", "✖️ Cancel"]
    told = await app.tap(app.ada, "🎯 Only learn from them", message=offered)
    assert told.text.startswith("✅ I learn from 1 paper:\n• Foundations of robots that see")
    assert "Give me 2 more, and I can begin." in told.text


HOSTILE = (
    r"""@string{a = "x" # b} @string{b = a # a # a # a}
@article{x, title = {\input{/etc/passwd} \write18{rm -rf /} Robots}, year = a # a}
@article{deep, title = """
    + "{" * 50_000
    + "Deep"
    + "}" * 50_000
    + "}"
)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    seldom(
        [
            ("empty.bib", b" ", "I find no papers in this file."),
            ("empty.csv", b"\n", "I find no papers in this file."),
            ("words.ris", b"just words", "I find no papers in this file."),
            ("nothing.csv", b"Title,Url\n,\n", "I find no papers in this.\n1 entry has no title."),
            ("utf16.csv", "Title;Url\r\nSeeing robots;\r\n".encode("utf-16"), "• Seeing robots"),
            ("cp1252.csv", "Title\tUrl\nDie Mär vom Bär\t\n".encode("cp1252"), "• Die Mär vom Bär"),
            ("zeros.bib", b"\0" * 1000, "I find no papers in this file."),
            (
                "large.bib",
                b"@misc{a, title={b}}" + b" " * 20_000_000,
                "This file is too large: 10 MB at most.",
            ),
            ("hostile.bib", HOSTILE, "✅ I learn from 2 papers:"),
            (
                "many.bib",
                "".join(
                    f"@misc{{a{n}, title={{Robot {n}}}, year={{{1900 + n % 100}}}}}"
                    for n in range(500)
                ),
                "Only 100 count.",
            ),
        ]
    ),
)
async def test_whatever_a_file_holds_the_answer_is_clear_and_nothing_is_lost(
    app: BotUnderTest, name: str, content: str | bytes, said: str
) -> None:
    await app.say(app.ada, "/taste A title that was given before")
    await ask(app)
    told = await send(app, app.ada, content, name)
    assert said in told.text
    kept = await given(app, app.ada)
    assert len(kept) <= 100
    assert "A title that was given before" in kept or name == "many.bib"
    assert not any("\\" in title or "root:" in title for title in kept)
    assert "/taste" in (await app.say(app.ada, "/help")).text


async def test_arxiv_is_asked_once_and_where_it_is_down_what_is_known_is_kept(
    app: BotUnderTest,
) -> None:
    await app.forget_arxiv()
    one, two, *others = app.arxiv.ids[:30]
    told = await app.say(app.ada, f"/taste {one}")
    assert told.text.startswith("✅ I learn from 1 paper:")
    app.arxiv.down = True
    told = await app.say(app.ada, f"/taste {one}\n{two}\nYann Nobody")
    assert told.text.startswith("✅ I learn from 1 paper:")
    assert f"Please send these again later: {two}" in told.text
    assert len(await given(app, app.ada)) == 1
    app.arxiv.down = False
    told = await app.say(app.ada, f"/taste {' '.join([one, two, *others])}\nSomebody Unknown")
    assert told.text.startswith("✅ I learn from 30 papers:")
    assert "I don't know Somebody Unknown." in told.text
    asked = [asked.arguments for asked in app.arxiv.requests]
    assert sum(others[0] in one.get("id_list", "") for one in asked) == 1
    assert not any("nobody" in one.get("search_query", "").lower() for one in asked)
    assert not any("somebody" in one.get("search_query", "").lower() for one in asked)


async def test_an_author_s_newest_papers_are_examples(app: BotUnderTest) -> None:
    one = next(paper for paper in await known(app, 100) if len(paper.authors[0].split()) == 2)
    name = one.authors[0]
    first, family = name.split()
    for written in (name, f"https://arxiv.org/a/{family.lower()}_{first[0].lower()}_1"):
        told = await app.say(app.ada, f"/taste {written}")
        assert told.text.startswith("✅ I learn from"), written
        assert one.title in await given(app, app.ada)


async def test_three_taps_on_ten_recent_titles_are_enough_and_a_tap_takes_one_back(
    app: BotUnderTest,
) -> None:
    await app.follow(app.ada, "transformer")
    await app.say(app.ada, "/taste")
    page = await app.tap(app.ada, "👆 Choose from ten")
    assert page.text.startswith("Which of these would you read?\nTap three or more.")
    assert page.buttons[:10] == [str(n) for n in range(1, 11)]
    assert await app.alert(app.ada, "3", message=page) == "Noted. 2 more, and I can begin."
    await app.until(lambda: "✓ 3" in page.buttons)
    assert await app.alert(app.ada, "5", message=page) == "Noted. 1 more, and I can begin."
    assert (await app.chat(app.ada)).paper_order is PaperOrder.NEWEST
    assert await app.alert(app.ada, "8", message=page) == "Noted. I learn from 3."
    await app.until(lambda: "✓ 8" in page.buttons)
    assert await app.alert(app.ada, "✓ 5", message=page) == "Undone."
    await app.until(lambda: "5" in page.buttons)
    shown = page.text.splitlines()
    assert {title.split(". ", 1)[1] for title in (shown[4], shown[9])} == set(
        await given(app, app.ada)
    )
    assert "2 examples:" in (await app.tap(app.ada, "✅ Done", message=page)).text


@pytest.mark.parametrize(
    ("before", "undo"),
    seldom(
        [
            (PaperOrder.NEWEST, "↩️ Newest first again"),
            (PaperOrder.TOPIC, "↩️ Topic by topic again"),
            (PaperOrder.PERSONAL, None),
        ]
    ),
)
@pytest.mark.parametrize("by", ["taps", "words"])
async def test_the_order_that_examples_change_is_told_and_back_in_one_tap(
    app: BotUnderTest, before: PaperOrder, undo: str | None, by: str
) -> None:
    await app.follow(app.ada, "transformer")
    await app.change(app.ada, paper_order=before)
    if by == "words":
        found = await known(app, 3)
        shown = await app.say(app.ada, f"/taste {' '.join(paper.id for paper in found)}")
    else:
        await app.say(app.ada, "/taste")
        shown = await app.tap(app.ada, "👆 Choose from ten")
        for place in ("1", "2", "3"):
            await app.alert(app.ada, place, message=shown)
        await app.until(lambda: "✓ 3" in shown.buttons)
        if undo is not None:
            await app.until(lambda: app.last(app.ada) is not shown)
        shown = app.last(app.ada)
    assert (await app.chat(app.ada)).paper_order is PaperOrder.PERSONAL
    assert ("From now on" in shown.text) is (undo is not None)
    assert [one for one in shown.buttons if one.startswith("↩️")] == ([undo] if undo else [])
    if undo is not None:
        await app.tap(app.ada, undo, message=shown)
        assert (await app.chat(app.ada)).paper_order is before


@pytest.mark.parametrize(
    ("said", "known_too"),
    [
        ("https://orcid.org/0000-0002-1825-0097", False),
        ("https://arxiv.org/a/0000-0002-1825-009x.atom2", False),
        ("0000-0002-1825-0097\nA title that nobody ever gave", True),
    ],
)
async def test_an_orcid_is_answered_with_what_to_send_instead(
    app: BotUnderTest, said: str, *, known_too: bool
) -> None:
    told = await app.say(app.ada, f"/taste {said}")
    assert "An ORCID tells me no name: 0000-0002-1825-009" in told.text
    assert "Please send the author's name, or a page such as arxiv.org/a/lecun_y_1." in told.text
    assert ("✅ I learn from 1 paper:" in told.text) is known_too
    assert "I find no papers" not in told.text


async def test_ten_others_are_others(app: BotUnderTest) -> None:
    await app.say(app.ada, "/taste")
    first = (await app.tap(app.ada, "👆 Choose from ten")).text.splitlines()[2:]
    second = (await app.tap(app.ada, "🔀 Ten others")).text.splitlines()[2:]
    titles = [{line.split(". ", 1)[1] for line in page} for page in (first, second)]
    assert len(titles[0]) == len(titles[1]) == 10
    assert not titles[0] & titles[1]


async def test_it_is_found_from_settings_and_after_the_first_topic(app: BotUnderTest) -> None:
    followed = await app.follow(app.ada, "transformer")
    assert "🎯 Learn from examples" in followed.buttons
    await app.say(app.ada, "/settings")
    await app.tap(app.ada, "🎨 Look and order")
    page = await app.tap(app.ada, "🎯 Learn from examples")
    assert page.text.startswith("Learn from examples\n")
    await app.tap(app.ada, "‹ Back")
    assert "What should come first?" in app.last(app.ada).text
    assert "and votes, examples" in (await app.say(app.ada, "/forget")).text


async def test_in_a_group_admins_give_papers_for_it(app: BotUnderTest) -> None:
    group = await app.join(app.ada, app.group)
    one, two, three = await known(app, 3)
    words = f"/taste {one.id} {two.id} {three.id}"
    assert (await app.say(app.lin, words, chat=group)).text == REFUSED
    page = await app.say(app.ada, "/taste", chat=group)
    assert await app.alert(app.lin, "👆 Choose from ten", message=page) == REFUSED
    assert (await app.say(app.ada, words, chat=group)).text.startswith("✅ I learn from 3 papers:")
    assert len(await given(app, group)) == 3
    assert await app.known(app.ada) is None


async def test_no_scikit_learn_no_offer(app: BotUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.ranking.order.is_available", lambda: False)
    assert (await app.say(app.ada, "/taste")).text == "There is no personal order here."
    followed = await app.follow(app.ada, "transformer")
    assert "🎯 Learn from examples" not in followed.buttons
