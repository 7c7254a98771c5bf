"""The chat page in a real browser, in front of the fake server, with a real client as the bot."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from telegram import (
    BotCommand,
    CallbackQuery,
    Document,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Update,
)
from telegram.constants import ChatAction
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from bot.digest.markdown import Digest, Form, Section, render
from bot.playground.page.page import ChatPage, Control
from bot.playground.telegram.stand_in import FakeTelegram
from bot.playground.telegram.world import Cast, add_cast
from bot.translation.paper_view import PaperView
from tests.browser import Tab, in_a_browser
from tests.material import shared_data

pytestmark = in_a_browser

T = TypeVar("T")


@pytest.fixture
def cast(telegram: FakeTelegram) -> Cast:
    return add_cast(telegram.world)


@pytest.fixture
async def page(telegram: FakeTelegram, cast: Cast) -> AsyncIterator[ChatPage]:
    del cast  # lives there from now on
    served = ChatPage(telegram)
    await served.start()
    yield served
    await served.stop()


@pytest.fixture
async def tab(driver: webdriver.Chrome, page: ChatPage) -> AsyncIterator[Tab]:
    """A tab with the page open; afterwards nothing was fetched from elsewhere, nothing broke."""
    opened = Tab(driver)
    await opened.open(page.url)
    yield opened
    fetched = await opened.run(
        "return performance.getEntriesByType('resource').map((entry) => entry.name)"
    )
    assert [address for address in fetched if not address.startswith(page.url)] == []
    assert await opened.errors() == []
    await asyncio.to_thread(driver.get, "about:blank")


@pytest.fixture
async def bot(telegram: FakeTelegram) -> AsyncIterator[ExtBot[None]]:
    client: ExtBot[None] = ExtBot(
        telegram.token,
        base_url=f"{telegram.url}/bot",
        base_file_url=f"{telegram.url}/file/bot",
        request=HTTPXRequest(connect_timeout=5, read_timeout=5),
        get_updates_request=HTTPXRequest(connect_timeout=5, read_timeout=5),
    )
    async with client:
        yield client


async def heard(bot: ExtBot[None], seen: Callable[[Update], T | None]) -> T:
    """Return the first thing that `seen` recognises among what the bot is told."""
    offset = 0
    for _ in range(20):
        for update in await bot.get_updates(offset=offset, timeout=1):
            offset = update.update_id + 1
            if found := seen(update):
                await bot.get_updates(offset=offset, timeout=0)  # not to be told again
                return found
    pytest.fail("the bot never heard of it")


async def talk(tab: Tab, bot: ExtBot[None]) -> None:
    """Press START, so that the bot may write to Ada."""
    await tab.click("#start")
    await heard(bot, lambda update: update.message)


async def test_a_newcomer_is_told_what_to_do_and_start_says_start(
    tab: Tab, bot: ExtBot[None], cast: Cast
) -> None:
    await tab.sees(".strip", "Everything here stays on this computer.")
    await tab.sees(".empty", "Tap START below: you are Ada in this chat.")
    await tab.click("#start")
    said = await heard(bot, lambda update: update.message)
    assert (said.text, said.from_user and said.from_user.id) == ("/start", cast.ada.id)
    await tab.sees(".from-me", "/start")
    await tab.misses("#start")
    await tab.sees("#composer")


async def test_everybody_has_a_chat_of_their_own(tab: Tab, bot: ExtBot[None], cast: Cast) -> None:
    for person, title in (
        (cast.ada, "Ada · English"),
        (cast.lin, "小林 · 中文"),
        (cast.marta, "Marta · Español"),
    ):
        await tab.sees(f'[data-chat-id="{person.id}"]', title)
    await tab.click(f'[data-chat-id="{cast.lin.id}"]')
    await tab.click("#start")
    said = await heard(bot, lambda update: update.message)
    assert said.chat.id == cast.lin.id


async def test_a_message_shows_typed_edited_and_deleted(
    tab: Tab, bot: ExtBot[None], cast: Cast
) -> None:
    await talk(tab, bot)
    await bot.send_chat_action(cast.ada.id, ChatAction.TYPING)
    await tab.sees("#talk-about", "Paperboy is typing")
    sent = await bot.send_message(cast.ada.id, "<b>Three</b> papers", parse_mode="HTML")
    bubble = f'.from-bot[data-message-id="{sent.message_id}"]'
    await tab.sees(f"{bubble} strong", "Three")
    await tab.misses(".typing-row")
    await bot.edit_message_text("Four papers", cast.ada.id, sent.message_id)
    await tab.sees(bubble, "Four papers")
    await tab.sees(f"{bubble} .meta", "edited")
    await bot.delete_message(cast.ada.id, sent.message_id)
    await tab.misses(bubble)


async def test_a_tap_reaches_the_bot_and_its_answer_is_shown(
    tab: Tab, bot: ExtBot[None], cast: Cast
) -> None:
    await talk(tab, bot)
    keys = InlineKeyboardMarkup(
        [
            [InlineKeyboardButton("OCR", callback_data="t:ocr")],
            [
                InlineKeyboardButton("3DGS", callback_data="t:3dgs"),
                InlineKeyboardButton("arXiv", url="https://arxiv.org/"),
            ],
        ]
    )
    await bot.send_message(cast.ada.id, "A topic?", reply_markup=keys)

    async def tapped(text: str) -> CallbackQuery:
        await tab.click(".inline-button", text)
        await tab.sees(".inline-button[aria-busy=true]", text)
        return await heard(bot, lambda update: update.callback_query)

    tap = await tapped("3DGS")
    assert (tap.data, tap.from_user.id) == ("t:3dgs", cast.ada.id)
    await bot.answer_callback_query(tap.id, "Subscribed to <3DGS>")
    await tab.sees("#toast", "Subscribed to <3DGS>")
    await tab.misses(".inline-button[aria-busy=true]")
    tap = await tapped("OCR")
    await bot.answer_callback_query(tap.id, "At most 50 topics", show_alert=True)
    await tab.sees("#alert", "At most 50 topics")
    await asyncio.to_thread(
        lambda: tab.driver.switch_to.active_element.send_keys(Keys.ESCAPE)  # closes every overlay
    )
    await tab.misses("#alert")


@pytest.mark.slow
async def test_the_commands_menu_narrows_while_one_types(
    tab: Tab, bot: ExtBot[None], telegram: FakeTelegram, cast: Cast
) -> None:
    await talk(tab, bot)
    await bot.set_my_commands(
        [
            BotCommand("digest", "The full digest"),
            BotCommand("settings", "Language, time, pause"),
            BotCommand("subscribe", "Follow a topic"),
        ]
    )
    await tab.click("#menu-button")
    assert await tab.text("#commands") == (
        "/digest\nThe full digest\n/settings\nLanguage, time, pause\n/subscribe\nFollow a topic"
    )
    await tab.type("/s")
    assert "/digest" not in await tab.text("#commands")
    await tab.type(Keys.ARROW_DOWN, Keys.TAB, "OCR", Keys.ENTER)
    await tab.sees(".from-me", "/subscribe OCR")
    await tab.misses("#commands")
    await tab.type("/d", Keys.ENTER)
    await tab.sees(".from-me", "/digest")
    assert telegram.messages(cast.ada)[-1].text == "/digest"


HOSTILE = (
    "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    " javascript:alert(1) &lt;b&gt; \u202eevil\u2066 \0\ufeff ]]> ${1} {{1}}"
)


async def test_hostile_text_stays_text(
    tab: Tab, bot: ExtBot[None], telegram: FakeTelegram, cast: Cast
) -> None:
    """Also frames that no strict Telegram would send: the page trusts none of them."""
    await talk(tab, bot)
    await tab.run(
        """
        return import("/page/receive.js").then(({ receive }) => {
          const [chat, text] = arguments;
          const whole = (type, more) => ({ type, offset: 0, length: text.length, ...more });
          const frame = (id, more) => ({ message: { chat, id, from: { id: 1, name: text,
              is_bot: true }, date: 1750000000, text, entities: [], keyboard: [], document: null,
              photo: null, rich: null, edited: false, reply_to: null, thread: null, service: null,
              force_reply: false, ...more } });
          receive.message(frame(901, { entities: [whole("text_link", { url: "javascript:1" })] }));
          receive.message(frame(902, { entities: [whole("url"), whole("email"), whole("pre",
              { language: text }), { type: "bold", offset: -5, length: 1e9 }, { type: "italic" },
              whole("__proto__"), whole("text_link", { url: "data:text/html,x" })] }));
          receive.message(frame(903, { text: "", document: { name: text, size: "x", url:
              "https://elsewhere.example/x.md" }, photo: { url: "//elsewhere.example/x.png" } }));
          receive.message(frame(904, { service: text }));
          receive.message(frame(905, { text: "", rich: { html: text + `<a href="javascript:1">a</a>
              <svg><a xlink:href="javascript:1">s</a></svg><p onclick="1" style="x">p</p>
              <iframe src="//elsewhere.example"></iframe>
              <form action="//elsewhere.example">f</form>` } }));
          receive.message(frame(906, { text: "", rich: { markdown: text + ` [a](javascript:1)
              [b](data:text/html,x) <javascript:1> ![c](https://elsewhere.example/c.png)` } }));
          receive.message(frame(907, { text: "t", keyboard: [[{ text, url: "javascript:1" }]] }));
          receive.answer({ person: 1, text, alert: true, url: "javascript:alert(1)" });
          receive.error({ text });
        });
        """,
        cast.ada.id,
        HOSTILE,
    )
    assert await tab.run("return document.title") == "Paperboy playground"
    strays = "#log :is(img, script, iframe, form, svg a, [onclick], [onerror], [style*=x])"
    assert await tab.run(f"return document.querySelectorAll('{strays}').length") == 0
    addresses = await tab.run(
        "return [...document.querySelectorAll('a[href]')].map((link) => link.protocol)"
    )
    assert set(addresses) <= {"http:", "https:", "mailto:", "tg:"}
    shown = await tab.run("return document.querySelector('[data-message-id=\"902\"] .text code')")
    assert shown.get_attribute("textContent") == HOSTILE
    await tab.run("document.getElementById('alert').close()")
    await tab.click('[data-message-id="907"] .inline-button')
    assert len(await asyncio.to_thread(lambda: tab.driver.window_handles)) == 1
    # What a person writes goes through the real world and comes back as it was.
    telegram.send_text(cast.ada, cast.ada.id, HOSTILE.replace("\0", ""))
    await tab.sees(".from-me", "<script>")


async def test_a_rich_message_is_drawn_with_its_formulas_and_its_buttons(
    tab: Tab, bot: ExtBot[None], cast: Cast
) -> None:
    await talk(tab, bot)
    html = (
        "<h4>1. A title</h4><p>It is <tg-math>\\frac{1}{n^2}</tg-math>, not <tg-math>\\foo"
        "</tg-math>.</p><details><summary>Ada</summary><p>Folded away.</p></details>"
        '<tg-button-row><tg-button type="callback_data" data="a">1</tg-button>'
        '<tg-button type="callback_data" data="b">2</tg-button></tg-button-row>'
    )
    await bot.do_api_request(
        "sendRichMessage", api_kwargs={"chat_id": cast.ada.id, "rich_message": {"html": html}}
    )
    await tab.sees(".from-bot h4", "1. A title")
    drawn = "return document.querySelector('.from-bot .math math mfrac')?.namespaceURI"
    assert await tab.run(drawn) == "http://www.w3.org/1998/Math/MathML"
    assert await tab.run("return document.querySelectorAll('.from-bot .math math').length") == 1
    await tab.sees(".from-bot p", "not \\foo.")
    assert not await tab.run("return document.querySelector('.from-bot details').open")
    await tab.click(".from-bot .keyboard-row button:nth-child(2)")
    tapped = await heard(bot, lambda update: update.callback_query)
    assert (tapped.data, tapped.message is not None) == ("b", True)
    await tapped.answer("Heard")
    await tab.sees("#toast", "Heard")


ENTITIES: list[tuple[str, list[dict[str, Any]], list[tuple[str, str]]]] = [
    (
        "plain",
        [],
        [("plain", "")],
    ),
    (
        "👩‍🔬 bold it",
        [
            {"type": "bold", "offset": 6, "length": 7},
            {"type": "italic", "offset": 11, "length": 2},
        ],
        [("👩‍🔬 ", ""), ("bold ", "strong"), ("it", "strong em")],
    ),
    (
        "abcdef",
        [
            {"type": "bold", "offset": 0, "length": 4},
            {"type": "italic", "offset": 2, "length": 4},
        ],
        [("ab", "strong"), ("cd", "strong em"), ("ef", "em")],
    ),
    (
        "before\nquote\nafter",
        [
            {"type": "blockquote", "offset": 7, "length": 5},
            {"type": "underline", "offset": 0, "length": 18},
        ],
        [("before\n", "u"), ("quote", "blockquote u"), ("after", "u")],
    ),
    (
        "see arxiv.org now",
        [
            {"type": "strikethrough", "offset": 0, "length": 17},
            {"type": "url", "offset": 4, "length": 9},
        ],
        [("see ", "s"), ("arxiv.org", "s a"), (" now", "s")],
    ),
    (
        "/help #tag @you x@y.org",
        [
            {"type": "bot_command", "offset": 0, "length": 5},
            {"type": "hashtag", "offset": 6, "length": 4},
            {"type": "mention", "offset": 11, "length": 4},
            {"type": "email", "offset": 16, "length": 7},
        ],
        [
            ("/help", "button"),
            (" ", ""),
            ("#tag", "span"),
            (" ", ""),
            ("@you", "span"),
            (" ", ""),
            ("x@y.org", "a"),
        ],
    ),
    (
        "a b",
        [
            {"type": "code", "offset": 2, "length": 99},
            {"type": "bold", "offset": -4, "length": 5},
            {"type": "italic", "offset": 1, "length": 0},
        ],
        [("a", "strong"), (" ", ""), ("b", "code")],
    ),
]


@pytest.mark.slow
async def test_entities_nest_and_overlap_as_telegram_shows_them(tab: Tab) -> None:
    shown = await tab.run(
        """
        return import("/page/entities.js").then(({ formatted }) =>
          arguments[0].map(([text, entities]) => {
          const box = document.createElement("div");
          box.append(formatted(text, entities, "test"));
          const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
          const leaves = [];
          while (walker.nextNode()) {
            const path = [];
            for (let node = walker.currentNode.parentNode; node !== box; node = node.parentNode)
              path.unshift(node.localName);
            leaves.push([walker.currentNode.data, path.join(" ")]);
          }
          return leaves;
        }));
        """,
        [(text, entities) for text, entities, _ in ENTITIES],
    )
    assert shown == [[list(leaf) for leaf in expected] for _, _, expected in ENTITIES]


@pytest.mark.slow
async def test_a_long_abstract_unfolds_and_a_spoiler_is_revealed(
    tab: Tab, bot: ExtBot[None], cast: Cast
) -> None:
    await talk(tab, bot)
    long, short = "A long abstract. " * 40, "A short one."
    await bot.send_message(
        cast.ada.id,
        f"<blockquote expandable>{long}</blockquote>\n"
        f"<blockquote expandable>{short}</blockquote>\n<tg-spoiler>secret</tg-spoiler>",
        parse_mode="HTML",
    )
    await tab.sees(".quote.folded", "A short one.")
    more = await tab.until(lambda: tab.driver.find_elements(By.CLASS_NAME, "quote-more"))
    assert [button.is_displayed() for button in more] == [True, False]
    folded = await tab.run("return document.querySelector('.quote-text').clientHeight")
    await tab.click(".quote-more")
    unfolded = await tab.run("return document.querySelector('.quote-text').clientHeight")
    assert unfolded > 2 * folded
    await tab.enter(".spoiler[role=button]", Keys.ENTER)
    await tab.misses(".spoiler[role=button]")
    assert await tab.text(".spoiler") == "secret"


def _paper(number: int, title: str, abstract: str) -> PaperView:
    identity = f"2506.{number:05}"
    return PaperView(
        id=identity,
        version=1,
        title=title,
        abstract=abstract,
        authors=("Ada Example",),
        categories=("cs.CV",),
        published_at=datetime(2025, 6, number, tzinfo=UTC),
        abs_url=f"https://arxiv.org/abs/{identity}",
        pdf_url=f"https://arxiv.org/pdf/{identity}",
        code_url="https://github.com/example/code" if number % 2 else None,
        labels=("OCR",),
        translated=False,
        engine=None,
    )


async def test_the_digest_opens_with_every_cell_in_its_column(
    tab: Tab, bot: ExtBot[None], cast: Cast
) -> None:
    papers = (
        _paper(3, "A | B: *stars*, `ticks` and <tags>", r"Costs $O(n \log n)$, P(a|b), 5 < 6 & 7."),
        _paper(
            2, "Second [draft](x)", r"Norms $\|x\|_2$ and $|S|$; see https://example.org/a_b_c."
        ),
        _paper(1, "First", "~~Not~~ **bold** _at_ all."),
    )
    digest = render(Digest(date(2025, 6, 4), (Section("OCR | 文字", papers), Section("LLM", ()))))
    await talk(tab, bot)
    await bot.send_document(cast.ada.id, digest.encode(), filename="paperboy-2025-06-04.md")
    await tab.click(".document", "paperboy-2025-06-04.md")
    await tab.sees("#viewer-content h2", "LLM")
    await tab.sees("#viewer-content math")
    drawn = "return [...document.querySelectorAll('#viewer-content math')].map(m => m.textContent)"
    assert len(await tab.run(drawn)) == 3, "all its formulas, as on GitHub"
    assert await tab.run(
        """
        const read = (cell) => {
            const copy = cell.cloneNode(true);
            for (const math of copy.querySelectorAll(".math")) math.replaceWith(math.dataset.tex);
            return copy.textContent;
        };
        return [...document.querySelectorAll("#viewer-content tr")]
            .map((row) => [...row.cells].map(read));
        """
    ) == [
        ["Publish Date", "Title", "Code", "Abstract"],
        [
            "2025-06-03",
            "A | B: *stars*, `ticks` and <tags>",
            "link",
            r"Costs $O(n \log n)$, P(a|b), 5 < 6 & 7.",
        ],
        [
            "2025-06-02",
            "Second [draft](x)",
            "null",
            r"Norms $\Vert x\Vert _2$ and $\vert S\vert$; see https://example.org/a_b_c.",
        ],
        ["2025-06-01", "First", "link", "~~Not~~ **bold** _at_ all."],
    ]
    sections = await tab.text("#viewer-sections")
    assert sections.split("\n") == ["Updated on 2025.06.04", "OCR | 文字", "3", "LLM"]
    await tab.click("#viewer-source")
    assert await tab.run("return document.querySelector('.source').textContent") == digest
    await asyncio.to_thread(lambda: tab.driver.switch_to.active_element.send_keys(Keys.ESCAPE))
    await tab.misses("#viewer")


@pytest.mark.slow
async def test_a_digest_with_all_it_may_have_opens_and_its_contents_lead_to_its_sections(
    tab: Tab, bot: ExtBot[None], cast: Cast
) -> None:
    word = "abcdefgh" * 12
    sections = (
        Section("OCR | 文字", tuple(_paper(day, f"Paper {day}", word) for day in range(1, 15))),
        Section("LLM", (_paper(20, "Last", "The end."),)),
    )
    form = Form(contents=True, authors=True, category=True)
    digest = render(Digest(date(2025, 6, 4), sections), form)
    await talk(tab, bot)
    await bot.send_document(cast.ada.id, digest.encode(), filename="all.md")
    await tab.click(".document", "all.md")
    await tab.sees("#viewer-content li", "LLM (1)")
    assert await tab.text("#viewer-content ul") == "OCR | 文字 (14)\nLLM (1)"
    title, *_, abstract = await tab.run(
        """
        const row = document.querySelector("#viewer-content tbody tr");
        return [...row.cells].slice(1).map((cell) => cell.innerText);
        """
    )
    assert title == "Paper 14\nAda Example · cs.CV"
    assert abstract == word
    assert "<" not in await tab.text("#viewer-content")
    await tab.click("#viewer-content li a", "LLM")
    assert await tab.run(
        """
        const page = document.getElementById("viewer-content").getBoundingClientRect();
        const heading = [...document.querySelectorAll("#viewer-content h2")].at(-1);
        const {top, bottom} = heading.getBoundingClientRect();
        return top >= page.top && bottom <= page.bottom;
        """
    )


@pytest.mark.slow
async def test_the_page_that_this_grew_from_shows_every_row(
    tab: Tab, bot: ExtBot[None], cast: Cast
) -> None:
    source = shared_data("seed_digest.md").read_bytes()
    await talk(tab, bot)
    await bot.send_document(cast.ada.id, source, filename="seed.md")
    await tab.click(".document", "seed.md")
    await tab.sees("#viewer-content table")
    rows = await tab.run(
        """
        return [...document.querySelectorAll("#viewer-content table")]
            .map((table) => [...table.tBodies[0].rows].map((row) => row.cells.length));
        """
    )
    assert rows == [[4] * 10] * 11


MARKDOWN = {
    "a **b *c* d** `e*f*`": "<p>a <strong>b <em>c</em> d</strong> <code>e*f*</code></p>",
    "snake_case_name 2*3*4": "<p>snake_case_name 2<em>3</em>4</p>",
    r"\*not\* \[a\](b) \\": r"<p>*not* [a](b) \</p>",
    "# One #\ntext": "<h1>One</h1><p>text</p>",
    "> a\n> > b": "<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote>",
    "- a\n- b\n  1. c": "<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>",
    "```py\n<b>\n```": "<div><pre>&lt;b&gt;</pre></div>",
    "[a [b] c](https://e.org/x_(y) 'title')": "<p><a>a [b] c</a></p>",
    "[here](./docs/README.md)": "<p><span>here</span></p>",
    "见https://e.org/x。": "<p>见<a>https://e.org/x</a>。</p>",
    "(https://e.org/x).": "<p>(<a>https://e.org/x</a>).</p>",
    "$a_1*b*$ costs $5 and $6": "<p><span>$a_1*b*$</span> costs $5 and $6</p>",
    "$`a|b`$ &lt; &#124; &nope;": "<p><span>$a|b$</span> &lt; | &amp;nope;</p>",
    "<u>x</u><br>y<!-- z -->": "<p>&lt;u&gt;x&lt;/u&gt;<br>y</p>",
    "|a|b|\n|-|:-:|\n|1\\|2|`3`|\n|4|": (
        "<div><table><thead><tr><th>a</th><th>b</th></tr></thead>"
        "<tbody><tr><td>1|2</td><td><code>3</code></td></tr>"
        "<tr><td>4</td><td></td></tr></tbody></table></div>"
    ),
    "---\nlayout: default\n---\n\nx": "<p>x</p>",
    "[" * 300 + "*" * 300 + "`" * 300: f"<p>{'[' * 300}{'*' * 300}{'`' * 300}</p>",
}


@pytest.mark.slow
async def test_markdown_becomes_the_elements_that_it_means(tab: Tab) -> None:
    shown = await tab.run(
        """
        return import("/page/markdown.js").then(({ markdown }) => arguments[0].map((source) => {
          const box = document.createElement("div");
          box.append(markdown(source));
          for (const node of box.querySelectorAll("*"))
            for (const { name } of [...node.attributes]) node.removeAttribute(name);
          return box.innerHTML;
        }));
        """,
        list(MARKDOWN),
    )
    assert dict(zip(MARKDOWN, shown, strict=True)) == MARKDOWN


async def test_in_a_group_everybody_can_speak(tab: Tab, bot: ExtBot[None], cast: Cast) -> None:
    await tab.click(f'[data-chat-id="{cast.group.id}"]')
    await tab.click(".empty button", "Add Paperboy to the group")
    await tab.sees(".service", "Ada added Paperboy")
    await tab.click(".speakers label", "Marta")
    await tab.type("/topics", Keys.ENTER)
    said = await heard(
        bot, lambda update: update.message if update.message and update.message.text else None
    )
    assert (said.chat.id, said.from_user and said.from_user.id) == (cast.group.id, cast.marta.id)
    await tab.sees(".from-me", "/topics")
    await tab.click(".speakers label", "小林")
    await tab.sees(".from-other", "Marta\n/topics")
    answer = await said.reply_text("No topics yet.", do_quote=True)
    await tab.sees(f'[data-message-id="{answer.message_id}"] .replied', "/topics")
    await tab.click("#chat-menu-button")
    await tab.click("#chat-menu button", "Remove Paperboy")
    await tab.sees(".service", "小林 removed Paperboy")


@pytest.mark.slow
async def test_a_blocked_bot_can_be_let_in_again(tab: Tab, bot: ExtBot[None]) -> None:
    await talk(tab, bot)
    await tab.click("#chat-menu-button")
    await tab.click("#chat-menu button", "Block Paperboy")
    changed = await heard(bot, lambda update: update.my_chat_member)
    assert changed.new_chat_member.status == "kicked"
    await tab.misses("#composer")
    await tab.click("#unblock")
    await tab.sees("#composer")


async def test_a_file_reaches_the_bot_as_it_is(tab: Tab, bot: ExtBot[None], tmp_path: Path) -> None:
    await talk(tab, bot)
    content = bytes(range(256)) * 400
    chosen = tmp_path / "主题 <1>.bin"
    chosen.write_bytes(content)
    field = tab.driver.find_element(By.ID, "file")
    await asyncio.to_thread(field.send_keys, str(chosen))

    def document(update: Update) -> Document | None:
        return update.message.document if update.message else None

    sent = await heard(bot, document)
    assert sent.file_name == chosen.name
    await tab.sees("a.document[download]", chosen.name)
    assert bytes(await (await sent.get_file()).download_as_bytearray()) == content


async def test_a_link_to_the_bot_starts_it_in_private(
    tab: Tab, bot: ExtBot[None], telegram: FakeTelegram, cast: Cast
) -> None:
    telegram.add_bot(cast.ada, cast.group)
    link = f"https://t.me/{telegram.world.bot.username}?start=settings"
    keys = InlineKeyboardMarkup([[InlineKeyboardButton("Settings", url=link)]])
    await bot.send_message(cast.group.id, "In private, please", reply_markup=keys)
    await tab.click(f'[data-chat-id="{cast.group.id}"]')
    await tab.click(".speakers label", "Marta")
    await tab.click(".inline-button", "Settings")
    said = await heard(
        bot, lambda update: update.message if update.message and update.message.text else None
    )
    assert (said.chat.id, said.text) == (cast.marta.id, "/start settings")


@pytest.mark.slow
async def test_what_comes_elsewhere_is_counted_until_it_is_looked_at(
    tab: Tab, bot: ExtBot[None], telegram: FakeTelegram, cast: Cast
) -> None:
    await talk(tab, bot)
    telegram.send_text(cast.marta, cast.marta.id, "/start")
    for number in range(2):
        await bot.send_message(cast.marta.id, f"Push {number}")
    await tab.sees(f'[data-chat-id="{cast.marta.id}"] .badge', "2")
    assert await tab.run("return document.title") == "(2) Paperboy playground"
    await tab.click(f'[data-chat-id="{cast.marta.id}"]')
    await tab.sees(".divider", "New messages")
    await tab.misses(".badge")


@pytest.mark.slow
async def test_a_push_longer_than_the_window_opens_at_its_beginning(
    tab: Tab, bot: ExtBot[None], cast: Cast
) -> None:
    await talk(tab, bot)
    sent = await bot.send_message(cast.ada.id, "First line\n" + "line\n" * 120 + "Last line")
    bubble = await tab.sees(f'[data-message-id="{sent.message_id}"]')
    top = await tab.run(
        "return arguments[0].getBoundingClientRect().top"
        " - document.getElementById('log').getBoundingClientRect().top",
        bubble,
    )
    assert 0 <= top < 100
    await tab.click("#jump")
    await tab.misses("#jump")


async def test_a_control_is_turned_and_a_refusal_is_shown(tab: Tab, page: ChatPage) -> None:
    turned: list[bool] = []

    async def turn(value: bool) -> str | None:  # noqa: FBT001  # the handler's signature
        turned.append(value)
        return None if value else "arXiv stays down today"

    page.add_control(Control("down", "arXiv is down", "Every request is answered 503", turn, False))
    await tab.click(".switch", "arXiv is down")
    await tab.sees(".switch[aria-checked=true]", "arXiv is down")
    await tab.click(".switch", "arXiv is down")
    await tab.sees("#toast.bad", "arXiv stays down today")
    await tab.sees(".switch[aria-checked=true]", "arXiv is down")
    assert turned == [True, False]


@pytest.mark.slow
async def test_what_is_pressed_while_it_is_redrawn_is_clicked(
    tab: Tab, bot: ExtBot[None], page: ChatPage, cast: Cast
) -> None:
    pressed: list[bool] = []

    async def press(value: bool) -> str | None:  # noqa: FBT001  # the handler's signature
        pressed.append(value)
        return None

    page.add_control(Control("morning", "It is morning", "", press))
    await talk(tab, bot)
    old, new = (
        InlineKeyboardMarkup([[InlineKeyboardButton(text, callback_data="next")]])
        for text in ("Next", "Next page")
    )
    sent = await bot.send_message(cast.ada.id, "ChatPage 1", reply_markup=old)
    await tab.press(".inline-button", "Next")
    await bot.edit_message_text("ChatPage 2", cast.ada.id, sent.message_id, reply_markup=new)
    await tab.release()
    await heard(bot, lambda update: update.callback_query)
    await tab.sees(".inline-button", "Next page")

    await tab.press("[data-control=morning]")
    page.add_control(Control("evening", "It is evening", "", press))
    await tab.release()
    await tab.sees("[data-control=evening]")
    await tab.until(lambda: pressed == [True])


@pytest.mark.slow
async def test_the_page_comes_back_by_itself(
    driver: webdriver.Chrome, telegram: FakeTelegram, bot: ExtBot[None], cast: Cast
) -> None:
    before, after = ChatPage(telegram), ChatPage(telegram)
    url = await before.start()
    tab = Tab(driver)
    try:
        await tab.open(url)
        await talk(tab, bot)
        await tab.type("half a senten")
    finally:
        await before.stop()
    await tab.sees("#lost", "Reconnecting…")
    telegram.send_text(cast.ada, cast.ada.id, "said meanwhile")
    await after.start(int(url.rsplit(":", maxsplit=1)[1]))
    try:
        await tab.sees(".from-me", "said meanwhile")
        await tab.misses("#lost")
        assert await tab.run("return document.getElementById('composer').value") == "half a senten"
        assert all("WebSocket connection" in complaint for complaint in await tab.errors())
    finally:
        await asyncio.to_thread(driver.get, "about:blank")
        await after.stop()


async def test_what_stands_inline_is_refused_and_the_console_says_so(tab: Tab) -> None:
    await tab.run(
        """
        const box = document.createElement("div");
        box.innerHTML = `<p id="styled" style="color: red" onclick="document.title = 'run'">x</p>
            <style>#styled { margin-top: 77px }</style>`;
        const script = document.createElement("script");
        script.textContent = "document.title = 'run'";
        document.body.append(box, script);
        document.getElementById("styled").click();
        """
    )
    assert await tab.run("return document.title") == "Paperboy playground"
    color, margin = await tab.run(
        """
        const style = getComputedStyle(document.getElementById("styled"));
        return [style.color, style.marginTop];
        """
    )
    assert color != "rgb(255, 0, 0)"
    assert margin != "77px"
    refused = await tab.errors()
    assert len(refused) == 4
    assert all("Content Security Policy" in complaint for complaint in refused)


async def test_on_a_phone_the_list_gives_way_to_the_chat(tab: Tab, cast: Cast) -> None:
    phone = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    execute = tab.driver.execute_cdp_cmd
    await asyncio.to_thread(execute, "Emulation.setDeviceMetricsOverride", phone)
    try:
        await tab.sees("#chats")
        await tab.misses("#talk")
        await tab.click(f'[data-chat-id="{cast.lin.id}"]')
        await tab.sees("#start")
        await tab.misses("#chats")
        assert await tab.run("return document.documentElement.scrollWidth") == 390
        await tab.click("#back")
        await tab.sees("#chats")
    finally:
        await asyncio.to_thread(execute, "Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.slow
async def test_what_is_being_written_stays_in_sight_when_a_phone_is_turned(
    tab: Tab, bot: ExtBot[None], cast: Cast
) -> None:
    await talk(tab, bot)
    await tab.click(f'[data-chat-id="{cast.ada.id}"]')
    await tab.type("a line that is too long for a phone that is held upright, and for two lines")
    phone = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": False}
    execute = tab.driver.execute_cdp_cmd
    await asyncio.to_thread(execute, "Emulation.setDeviceMetricsOverride", phone)
    try:
        assert await tab.until(
            lambda: tab.driver.execute_script(
                "const box = document.getElementById('composer');"
                "return box.clientHeight > 50 && box.scrollHeight <= box.clientHeight + 1"
            )
        )
    finally:
        await asyncio.to_thread(execute, "Emulation.clearDeviceMetricsOverride", {})
