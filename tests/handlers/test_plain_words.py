"""60 plain sentences in three languages: each leads to papers or to help."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from storage.models import Paper
from tests.bot_under_test import BotUnderTest
from tests.outside import famous
from tests.seldom import seldom

PAPERS = {
    "ada": """
        I want papers about large language model agents
        computer vision
        I work on object pose estimation
        I'm interested in diffusion models
        papers by Teng Guo
        published by Jingjin Yu
        show me the latest papers on transformers
        any new papers on LLMs?
        what's new in robotics?
        my field is natural language processing
        give me everything on gaussian splatting
        I am a PhD student working on model compression
        please send me new papers on image segmentation every morning
        keep me posted on knowledge distillation
        could you find papers on neural radiance fields?
        multimodal models
        transfomer
        gaussian splatting for zyzzyva detection
        OCR
        vision transformers in quantum gravity
        """,
    "lin": """
        大语言模型
        我想看关于扩散模型的论文
        有没有关于目标检测的最新论文？
        请推荐计算机视觉方面的论文
        我研究多模态模型
        我对知识蒸馏感兴趣
        我是做机器人的
        机器学习
        每天给我发大语言模型的论文
        想了解一下模型压缩
        Teng Guo 的论文
        人工智能
        最新的图像分割研究
        Transformer
        生成模型
        """,
    "eva": """
        modelos de difusión
        quiero artículos sobre visión por computador
        trabajo en robótica
        me interesan los modelos de lenguaje de gran tamaño
        busco artículos sobre aprendizaje automático
        artículos de Teng Guo
        publicaciones recientes sobre detección de objetos
        modelos generativos
        inteligencia artificial
        hola, busco papers de transformers
        quisiera leer sobre segmentación de imágenes
        estudio la destilación de conocimiento
        """,
}
HELP = {
    "ada": ["hello", "Hi there!", "What can you do?", "how does this work", "thanks", "help me"],
    "lin": ["你好", "你能做什么？", "怎么用", "谢谢"],
    "eva": ["hola", "¿qué puedes hacer?", "buenos días"],
}
WHAT_I_CAN = {"ada": "What I can do", "lin": "我能做什么", "eva": "Lo que sé hacer"}
FOLLOW = ("✅ Follow", "✅ 订阅", "✅ Seguir")


def sentences() -> list[tuple[str, str]]:
    return [
        (who, line.strip()) for who, text in PAPERS.items() for line in text.strip().split("\n")
    ]


def test_there_are_60_of_them() -> None:
    assert len(sentences()) + sum(map(len, HELP.values())) >= 60


async def test_plain_words_lead_to_papers(app: BotUnderTest) -> None:
    people = {"ada": app.ada, "lin": app.lin, "eva": app.telegram.world.add_person("Eva", "es")}
    empty = []
    for who, words in sentences():
        answer = await app.say(people[who], words)
        if answer.text.count("•") == 0 and not any(" · " in one for one in answer.buttons):
            empty.append(words)
        if answer.text.count("•") == 0:
            assert answer.buttons[0] not in FOLLOW, words
    assert empty == []


async def test_a_greeting_and_a_question_get_help_and_no_topic(app: BotUnderTest) -> None:
    people = {"ada": app.ada, "lin": app.lin, "eva": app.telegram.world.add_person("Eva", "es")}
    for who, texts in HELP.items():
        for words in texts:
            answer = await app.say(people[who], words)
            assert answer.text.startswith(WHAT_I_CAN[who]), words
            assert not set(answer.buttons) & set(FOLLOW), words


@pytest.mark.parametrize(
    ("words", "command", "button", "page"),
    [
        ("change my time zone", "/settings", "🌍 Time zone", "What time is it where you are?"),
        ("change my time please", "/settings", "⏰ Time", "When should papers come?"),
        ("in Spanish please", "/settings", "🌐 Abstracts", "language"),
        ("stop sending me papers", "/stop", "⚙️ Settings", "Settings"),
        ("start again", "/settings", "⚙️ Settings", "Settings"),
        ("no papers on weekends please", "/settings", "🗓 Days", "On which days"),
        ("fewer papers please", "/settings", "📄 Papers at a time", "papers"),
        ("unsubscribe me", "/unsubscribe", "📚 My topics", "follow"),
        ("top papers today", "/latest", "➕ Follow a topic", "follow"),
    ],
)
async def test_what_is_wanted_of_the_bot_itself_leads_to_its_command(
    app: BotUnderTest, words: str, command: str, button: str, page: str
) -> None:
    answer = await app.say(app.ada, words)
    assert answer.text.startswith("This is how:")
    assert command in answer.text
    assert answer.buttons == [button]
    assert page in (await app.tap(app.ada, button)).text
    assert await app.labels(app.ada) == []


@pytest.mark.parametrize("words", ["{at:%H:%M}", "it's {at:%H:%M} here", "现在是{at:%H:%M}"])
async def test_who_was_asked_what_time_it_is_may_simply_write_it(
    app: BotUnderTest, words: str
) -> None:
    asked = await app.follow(app.ada, "nerf")
    assert "What time is it where you are?" in asked.text
    tokyo = datetime.now(ZoneInfo("Asia/Tokyo"))
    answer = await app.say(app.ada, words.format(at=tokyo))
    clock = f"{tokyo:%H:%M}"
    assert answer.text.startswith("Is that the time where you are now? Tap your city.")
    [there] = [one for one in answer.buttons if one.endswith("· Tokyo")]
    others = ["🌍 Somewhere else", f"⏰ Papers at {clock}", "⏰ Time"]
    assert answer.buttons[-3:] == others
    await app.tap(app.ada, there, message=answer)
    assert (await app.chat(app.ada)).timezone == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("Asia/Kathmandu", "it's {at:%H:%M}"),
        ("America/St_Johns", "{at:%-I:%M %p}"),
        ("Pacific/Honolulu", "{at:%-I:%M}"),
        ("Asia/Karachi", "son las {at:%-I:%M}"),
    ],
)
async def test_wherever_it_is_that_time_a_place_is_offered(
    app: BotUnderTest, zone: str, said: str
) -> None:
    await app.follow(app.ada, "nerf")
    here = datetime.now(ZoneInfo(zone))
    answer = await app.say(app.ada, said.format(at=here))
    places = answer.buttons[: answer.buttons.index("🌍 Somewhere else")]
    assert f"{here:%H:%M}" in {place.partition(" ")[0] for place in places}
    await app.tap(app.ada, "🌍 Somewhere else", message=answer)
    assert "Which city or country are you in?" in app.last(app.ada).text


async def test_a_time_of_day_is_when_papers_are_to_come_where_the_place_is_known(
    app: BotUnderTest,
) -> None:
    await app.follow(app.ada, "nerf")
    for words in ("change my time to 7:40 pm", "7:40 pm", "son las 7:40 de la tarde"):
        await app.say(app.ada, "/settings Tokyo")
        answer = await app.say(app.ada, words)
        assert answer.text.startswith("This is how:"), words
        assert answer.buttons == ["⏰ Papers at 19:40", "⏰ Time"], words
    changed = await app.tap(app.ada, "⏰ Papers at 19:40", message=answer)
    assert "⏰ Papers come at: 19:40" in changed.text
    assert (await app.chat(app.ada)).push_time == time(19, 40)


async def test_what_sounds_like_an_order_can_be_followed_as_a_topic(app: BotUnderTest) -> None:
    answer = await app.say(app.ada, "time change")
    assert "/settings" in answer.text
    assert answer.text.endswith("Is it a topic? Tap it for its papers:")
    assert answer.buttons == ["⏰ Time", "🔎 time change"]
    assert (await app.tap(app.ada, "🔎 time change")).text.startswith("time change\n")
    await app.tap(app.ada, "✅ Follow")
    assert await app.labels(app.ada) == ["time change"]


async def test_what_is_to_become_of_a_topic_leads_to_its_card(app: BotUnderTest) -> None:
    await app.follow(app.ada, "nerf")
    await app.follow(app.ada, "robotics")
    answer = await app.say(app.ada, "unsubscribe from nerf, please")
    assert answer.text.startswith("Tap the topic to change, mute, pause or remove it.")
    assert answer.buttons[:2] == ["nerf", "📚 My topics"]
    card = await app.tap(app.ada, "nerf")
    assert "🗑 Unsubscribe" in card.buttons
    await app.tap(app.ada, "🗑 Unsubscribe")
    assert await app.labels(app.ada) == ["robotics"]


async def test_a_topic_is_told_by_what_its_follower_calls_it(app: BotUnderTest) -> None:
    for query in ("cat:cs.RO", "reinforcement learning", "nerf"):
        await app.follow(app.ada, query)
    field, learning, nerf = await app.labels(app.ada)
    for words, called in {
        "pausa robótica": [field],
        "stop sending me robotics papers": [field],
        "删除强化学习": [learning],
        "remove nerf and reinforcement learning": [learning, nerf],
    }.items():
        buttons = (await app.say(app.ada, words)).buttons
        assert buttons[: len(called) + 1] == [*called, "📚 My topics"], words


async def test_an_order_about_a_topic_can_be_a_topic_of_its_own(app: BotUnderTest) -> None:
    await app.follow(app.ada, "codons")
    answer = await app.say(app.ada, "stop codons")
    assert answer.buttons == ["codons", "📚 My topics", "🔎 stop codons"]
    assert (await app.tap(app.ada, "🔎 stop codons")).text.startswith("stop codons\n")


async def test_where_somebody_is_leads_to_the_time_zone(app: BotUnderTest) -> None:
    here, more = (await app.say(app.ada, "I'm in Berlin")).buttons
    assert (here[5:], more) == (" · Berlin", "🌍 Time zone")
    assert "Time zone: Berlin" in (await app.tap(app.ada, here)).text
    assert (await app.say(app.lin, "我在东京")).buttons[0].endswith(" · 东京")
    assert "🌍 Time zone" not in (await app.say(app.ada, "I'm in robotics")).buttons


async def test_names_of_topics_and_fields_are_known_in_every_language(app: BotUnderTest) -> None:
    assert "cs.CV" in (await app.say(app.ada, "computer vision")).text
    assert "➕ cs.RO · Robotics" in (await app.say(app.ada, "robotics")).buttons
    assert (await app.say(app.lin, "计算机视觉")).text.startswith("cs.CV · ")
    assert (await app.say(app.lin, "大语言模型")).text.startswith("large language model")


async def test_a_query_in_another_language_is_offered_as_its_translation(app: BotUnderTest) -> None:
    eva = app.telegram.world.add_person("Eva", "es")
    answer = await app.say(eva, "estimación de pose")
    assert answer.text.startswith("pose estimation\n")
    await app.tap(eva, "✅ Seguir")
    assert await app.labels(eva) == ["pose estimation"]


async def test_at_no_hits_the_word_that_finds_nothing_is_named_and_looser_queries_are_offered(
    app: BotUnderTest,
) -> None:
    answer = await app.say(app.ada, "gaussian splatting zyzzyva")
    assert "No paper has the word zyzzyva." in answer.text
    assert answer.buttons[0].startswith("gaussian splatting · ")
    assert answer.buttons[-1] == "✅ Follow", "last of all"
    preview = await app.tap(app.ada, answer.buttons[0])
    assert preview.text.startswith("gaussian splatting\n")
    assert preview.text.count("•") == 3
    await app.tap(app.ada, "✅ Follow")
    assert await app.labels(app.ada) == ["gaussian splatting"]


@pytest.mark.parametrize(
    "words",
    seldom(
        [
            "何恺明",
            "何恺明的论文",
            "想看看何恺明的论文",
            "by 何恺明",
            "作者：何恺明",
            "何恺明最近发表了什么？",
            "au:何恺明",
        ]
    ),
)
async def test_a_name_in_chinese_characters_is_offered_as_papers_write_it(
    app: BotUnderTest, words: str
) -> None:
    app.arxiv.publish(famous())
    answer = await app.say(app.lin, words)
    assert "你是不是想找下面的作者？" in answer.text
    assert answer.buttons[0] == "Kaiming He · 1"
    assert answer.buttons[-1] == "✅ 订阅", "last of all"
    assert await app.followed(app.lin) == [], "nothing is set on its own"
    preview = await app.tap(app.lin, "Kaiming He · 1")
    assert "Deep Residual Learning for Image Recognition" in preview.text
    await app.tap(app.lin, "✅ 订阅")
    assert await app.labels(app.lin) == ["Kaiming He"]


async def test_a_name_that_nobody_on_arxiv_has_is_offered_all_the_same(app: BotUnderTest) -> None:
    answer = await app.say(app.lin, "作者 钱学森")
    assert answer.buttons[0] == "Xuesen Qian"


@pytest.mark.parametrize("words", ["papers by Андрей Карпаты", "김민준", "au:山田太郎"])
async def test_of_other_letters_it_is_said_that_names_are_in_latin_ones(
    app: BotUnderTest, words: str
) -> None:
    assert "names in Latin letters" in (await app.say(app.ada, words)).text


async def test_of_a_name_that_nobody_has_it_is_said_so_and_the_last_one_is_offered(
    app: BotUnderTest,
) -> None:
    answer = await app.say(app.ada, "papers by Zyzzyva Guo")
    assert "I know nobody on arXiv by this name." in answer.text
    assert answer.buttons[0].startswith("au:guo · ")


async def test_fields_that_have_the_word_in_their_names_are_offered(app: BotUnderTest) -> None:
    answer = await app.say(app.ada, "arxiv papers about topology")
    assert "➕ math.AT · Algebraic Topology" in answer.buttons
    assert answer.buttons[-1] == "✅ Follow"


async def test_a_misspelt_word_is_offered_as_it_is_spelt(app: BotUnderTest) -> None:
    assert (await app.say(app.ada, "transfomer")).buttons[0].startswith("transformer · ")


async def test_a_pasted_title_finds_its_paper(app: BotUnderTest) -> None:
    async with app.database.reading() as session:
        known = (await session.exec(select(Paper))).first()
    assert known is not None
    card = await app.say(app.ada, f"{known.title}?")
    assert known.id in card.text or known.title.split(":")[0] in card.text


async def test_small_words_are_not_offered_as_what_finds_papers(app: BotUnderTest) -> None:
    answer = await app.say(app.ada, "splatting is al you need")
    assert "These find papers:" in answer.text
    assert not {"you", "need"} & {one.partition(" · ")[0] for one in answer.buttons}


async def test_a_ready_made_topic_of_the_same_name_is_told_from_the_words(
    app: BotUnderTest,
) -> None:
    assert "➕ NeRF, ready-made" in (await app.say(app.ada, "NeRF")).buttons
    await app.tap(app.ada, "➕ NeRF, ready-made")
    await app.tap(app.ada, "✅ Follow")
    assert "✓ NeRF, ready-made" in (await app.say(app.ada, "NeRF")).buttons


@pytest.mark.parametrize(
    ("words", "english"),
    seldom(
        [
            ("神经网络", "neural network"),  # and not the field that is named so in part
            ("目标检测 -扩散模型", 'object detection -"diffusion model"'),
            ("DETR 目标检测", "detr object detection"),
            ("目标检测 cs.CV", "object detection cat:cs.CV"),
            ("扩散模型 OR 目标检测", "diffusion model OR object detection"),
            ("标题：扩散模型", 'ti:"diffusion model"'),
            ("基于transformer的目标检测", "transformer object detection"),
        ]
    ),
)
async def test_what_is_mixed_with_another_language_is_translated_piece_by_piece(
    app: BotUnderTest, words: str, english: str
) -> None:
    assert (await app.say(app.lin, words)).text.partition("\n")[0] == english
