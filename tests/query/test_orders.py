"""What is wanted of the bot itself, and what only sounds like it."""

import re
import time
from importlib.resources import files

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.query.orders import (
    Order,
    may_be_topic,
    order_in,
    simplified,
    tells_time,
    topics_spoken_of,
    words_spoken_of,
)
from tests.material import real_rows

ORDERS = {
    Order.STOP: """
        stop|stop sending me papers|please stop|pause until Monday|don't send me any more|
        pause for two weeks|take a break|I don't want papers|quiero dejar de recibir artículos|
        pausa hasta el lunes|no quiero más artículos|deja de mandarme cosas|停止推送|暂停一周|
        别再发了|不要再推送了|请暂停推送一个月|leave me alone|enough for now|I'm away next week|
        pause until jan 5|hold my papers until Monday|turn off notifications|please stop 🙏|
        me voy de vacaciones|no me escribas más|suspende los envíos|¿cómo lo paro?|怎么暂停|
        我去度假了，先别推送|暂停到1月5号|停止推送論文|什么都不要发了""",
    Order.TOPICS: """
        unsubscribe me|how do I unsubscribe from a topic|unfollow|
        unfollow everything about agents|stop following|what am I following?|my topics|
        darme de baja|cancelar mi suscripción|¿qué sigo?|取消订阅|我想取消订阅|我关注了什么|
        how do I remove a topic?|what do I follow|borra un tema|topics|怎么删除主题""",
    Order.FOLLOW: """
        follow|add a topic|how do I follow a topic?|quiero seguir un tema|¿cómo sigo un tema?|
        怎么订阅|添加主题|我想订阅""",
    Order.TASTE: "more like this|less like this|más como este|多推类似的论文",
    Order.SETTINGS: "settings|ajustes|设置",
    Order.WEEK: "my week|weekly summary|resumen semanal|本周总结",
    Order.EXPORT: "how to export|export my bookmarks|exportar|怎么导出",
    Order.CHANNELS: "channels|mis canales|我的频道",
    Order.TIME: """
        change my time to 8am|send papers at 7 in the morning|send me new papers every day at 9|
        send me only on weekdays at 7|not before 9am|no messages at night|move delivery to 6pm|
        cambia la hora a las 8|mándamelos a las 8|a las 7 de la mañana por favor|怎么改时间|
        推送时间改到9点|每天早上八点发论文给我|晚上八点发给我|07:30|8am please 👍|later please|
        too early|can I get it in the morning instead|a las 8 por favor|mejor por la tarde|
        prefiero a las 9|dónde cambio la hora|能不能早一点|晚点发|换到中午|每天早上八點發給我""",
    Order.DAYS: """
        stop sending weekend papers|no papers on Sundays please|only on Mondays|
        once a week please|I don't want papers on weekends|solo los lunes|
        no me mandes nada los domingos|de lunes a viernes|周末不要推送|只在工作日推送|
        每周一推送|no papers on weekends please 🙏|Mon-Fri|skip weekends|not on weekends|
        every second day|not so often please|los fines de semana no|dos veces por semana|
        每周一次|隔天发一次|周一到周五|週末不要推送|推送太频繁了|周末別發""",
    Order.COUNT: """
        fewer papers please|at most 5 papers a day|send me 3 papers|too many papers|
        menos artículos por favor|máximo 5 artículos|少发一点|每天最多五篇|推送太多了|
        ten papers a day|not so many papers|limit to 5 papers|more papers per day|
        cinco artículos al día|más artículos por día|每天五篇|多发一点|能不能少发几篇|
        論文太多了""",
    Order.ZONE: """
        I live in Boston|I'm based in Berlin|my timezone is UTC+8|change my time zone|
        vivo en Bogotá|我在上海|我住在北京|wrong time zone|what is my time zone?|me mudé a Lima|
        how do I change the time zone|cambia la zona horaria|怎么改时区|时区不对""",
    Order.LANGUAGE: """
        in Spanish please|translate papers to German|speak English|French summaries please|
        could you translate everything into Japanese|artículos en español|en español por favor|
        请发中文摘要|用中文|翻译成英文|摘要用法语|no translation please|don't translate|
        menus in Spanish|original abstracts please|I don't understand English|
        how do I change the language?|no traduzcas|sin traducción|quiero cambiar el idioma|中文|
        不用翻译|看不懂英文|切换语言""",
    Order.FORGET: """
        delete my data|forget me|delete everything about me|borra mis datos|删除我的数据|忘记我|
        delete my account|erase me|delete everything|borra todo|删除账号|注销""",
    Order.LATEST: """
        top papers today|new papers this week|are there new papers today?|what's new?|
        give me more|¿hay algo hoy?|¿qué hay de nuevo?|今天有新论文吗|有新论文吗|今天的论文|
        send me papers|more please|what came out today|envíame artículos|¿qué hay hoy?|推荐论文|
        再来几篇|来点新的""",
    Order.RESUME: """
        start again|resume|reanudar|恢复推送|I'm back|continue|turn it back on|
        send me papers again|ya estoy de vuelta|sigue enviando|vuelve a enviarme artículos|
        我回来了|重新推送""",
    Order.SAVED: """
        show my saved papers|my bookmarks|mis guardados|我的收藏|what did I save?|查看收藏""",
    Order.DIGEST: "send me the digest|digest please|quiero el digest|weekly digest|导出文档",
    Order.STATUS: """
        why no papers today?|why didn't I get anything|nothing arrived today|
        there are no new papers|¿por qué no hay artículos hoy?|no ha llegado nada|
        为什么今天没有论文|怎么没收到论文|where are my papers?|I got nothing|is it working?|
        status|when is the next push?|what's next|no funciona|¿por qué no recibo nada?|坏了吗|
        还在吗|¿cuándo llegan los próximos?|什么都没收到|为什么不推送了|下次什么时候发|
        没有收到任何论文""",
}
TOPICS = """
    stop codons|stop words|pause detection in speech|in vivo imaging|time series|set theory|
    set time to event models|change point detection|forget gate|machine unlearning|
    English to German translation|latest papers on transformers|new papers on NLP|papers|
    papers on time zones|I work in Boston on robots|papers in French law|dejar de fumar|
    pausa activa|en vivo|language change|less is enough|papers on the sun|weekly seasonality|
    data digest|weekend effect|数据删除|bookmark|daily temperature forecasting|三体问题|
    learning with less data|new physics|best arm identification|next day delivery routing|
    关于中文分词|中文信息处理|英语语音识别|暂停检测|我在研究扩散模型|我在做机器人|
    今天的天气预测|有新的视频生成论文吗|停止时间|推送算法|less is more|two or more|set to set|
    new information|latest information|export controls|import competition|car following|
    instruction following|Arabic|German credit|Spanish grammar|
    I'd like to read about black holes|send me papers about cats|follow cs.CV|everyday objects|
    seguir a Yann LeCun|días de lluvia|hora punta|nuevos materiales|cambio climático|未来|
    未来预测|少样本学习|推荐系统|好文章推荐算法|翻译|机器翻译|多发性硬化|时间|数据|不变量|
    我想关注机器人|开始条件|错误检测|在线学习|近邻"""
MAY_BE_TOPICS = "weekend|digest|time change|everyday|night|中文摘要|中文翻译|文档|fin de semana"


def listed(text: str) -> list[str]:
    return [one.strip() for one in text.replace("\n", "").split("|") if one.strip()]


@pytest.mark.parametrize(
    ("order", "text"), [(order, text) for order, texts in ORDERS.items() for text in listed(texts)]
)
def test_what_is_wanted_of_the_bot_is_no_topic(order: Order, text: str) -> None:
    assert order_in(text) is order
    assert order_in(f"{text.capitalize()}!") is order


@pytest.mark.parametrize("text", listed(TOPICS))
def test_a_topic_is_no_order(text: str) -> None:
    assert order_in(text) is None


@pytest.mark.parametrize("text", listed(MAY_BE_TOPICS))
def test_an_order_of_few_words_may_be_a_topic_after_all(text: str) -> None:
    assert may_be_topic(text)


@pytest.mark.parametrize(
    "text",
    [
        "no weekends please",
        "stop",
        "unsubscribe me",
        "my topics",
        "我的收藏",
        "少发一点",
        "别再发了",
    ],
)
def test_who_wishes_or_forbids_something_means_no_topic(text: str) -> None:
    assert order_in(text) is not None
    assert not may_be_topic(text)


@pytest.mark.parametrize(
    "text",
    [
        "15:40", "3:40 pm", "3pm", "3.30 p.m.", "it's 15:40 here", "It is 3 in the afternoon",
        "it's now 9 o'clock", "it's about 4 pm", "hi, it's 15:40", "my time is 15:40", "3pm here",
        "son las 15:40", "son las 3 pm", "son las 3 de la tarde", "aquí es la 1 de la tarde",
        "下午3点", "下午 3 点", "下午两点", "凌晨1点", "现在是15:40", "我这里现在下午3点半了",
        "現在下午3點20分", "15时40分", "noon", "mediodía",
        "half past three", "it's a quarter to four", "7 in the evening", "son las 3 y media",
        "es la una menos cuarto", "现在三点一刻", "eleven at night",
    ],
)  # fmt: skip
def test_what_time_it_is_may_be_said(text: str) -> None:
    assert order_in(text) is Order.TIME
    assert tells_time(text)


@pytest.mark.parametrize(
    "text",
    [
        "change my time to 8am",
        "papers at 8am please",
        "每天早上8点推送",
        "zone 3",
        "3",
        "nerf",
        "9.11",
        "3.14",
    ],
)
def test_when_papers_are_to_come_is_not_what_time_it_is(text: str) -> None:
    assert not tells_time(text)


FOLLOWED = ["NeRF", "NeRF scenes", "Robotics", "强化学习", "Visión (3D)", "stop", "👀"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("remove NeRF", ["NeRF"]),
        ("Please unsubscribe me from nerf!", ["NeRF"]),
        ("I don't want nerf papers any more", ["NeRF"]),
        ("I'm not interested in NeRF any more", ["NeRF"]),
        ("stop sending me papers about robotics", ["Robotics"]),
        ("cancel my robotics subscription", ["Robotics"]),
        ("no more NeRF scenes", ["NeRF scenes"]),
        ("rename “Robotics”", ["Robotics"]),
        ("please rename NeRF to neural fields", ["NeRF"]),
        ("renombrar NeRF como campos", ["NeRF"]),
        ("把强化学习改名为智能体", ["强化学习"]),
        ("remove 'NeRF', [Robotics] and #NeRF scenes", ["NeRF scenes", "Robotics", "NeRF"]),
        ("pause robotics for a week", ["Robotics"]),
        ("resume robotics", ["Robotics"]),
        ("fewer robotics papers please", ["Robotics"]),
        ("quita Visión (3D)", ["Visión (3D)"]),
        ("dejar de seguir vision (3d)", ["Visión (3D)"]),
        ("quiero darme de baja de NeRF", ["NeRF"]),
        ("ya no me interesa NeRF", ["NeRF"]),
        ("para NeRF", ["NeRF"]),
        ("取消订阅强化学习", ["强化学习"]),
        ("刪除「強化學習」", ["强化学习"]),
        ("不要再推送关于强化学习的论文了", ["强化学习"]),
        ("我对强化学习不感兴趣了", ["强化学习"]),
    ],
)
def test_topics_are_told_with_which_something_is_to_be_done(text: str, named: list[str]) -> None:
    assert topics_spoken_of(text, FOLLOWED) == named


@pytest.mark.parametrize(
    "text",
    [
        "NeRF", "NeRF papers", "more NeRF", "remove NeRF artifacts", "remove nerfs",
        "stop codons in robotics", "强化学习的论文", "remove", "", "remove " * 40 + "NeRF",
        "why no robotics papers", "no robotics papers today?", "为什么没有强化学习的论文",
        "por qué no hay NeRF", "artículos para NeRF", "send me NeRF papers again", "less robotics",
        "editing NeRF", "强化学习设置", "remove NeRF to mesh", "NeRF to mesh",
    ],
)  # fmt: skip
def test_whoever_names_a_topic_otherwise_wants_papers_on_it(text: str) -> None:
    assert topics_spoken_of(text, FOLLOWED) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("pausa robótica", "robotica"),
        ("please stop sending me computer vision papers!", "computer vision"),
        ("停止推送机器人的论文", "机器人"),
        ("remove graph neural networks, please", "graph neural networks"),
        ("computer vision", None),
        ("papers about computer vision", None),
        ("remove", None),
        ("", None),
        ("why no computer vision papers", None),
    ],
)
def test_what_stands_between_the_bots_own_words_is_what_is_meant(
    text: str, words: str | None
) -> None:
    assert words_spoken_of(text) == words


@given(st.text(alphabet="remov NRF停止机器人,“” -", max_size=40))
def test_whatever_is_written_names_something_or_nothing(text: str) -> None:
    words = words_spoken_of(text)
    assert words is None or words in simplified(text)
    assert set(topics_spoken_of(text, FOLLOWED)) <= set(FOLLOWED)


@pytest.mark.parametrize("text", ["quiero papers para hoy", "algo nuevo para mí"])
def test_para_is_no_stop_behind_what_is_wanted(text: str) -> None:
    assert order_in(text) is Order.LATEST


@pytest.mark.parametrize(
    ("traditional", "order"),
    [("暫停", Order.STOP), ("為什麼沒有論文", Order.STATUS), ("選項", Order.SETTINGS)],
)
def test_orders_are_understood_in_traditional_characters(traditional: str, order: Order) -> None:
    assert order_in(traditional) is order


def test_no_title_of_a_real_paper_is_an_order() -> None:
    assert [row["title"] for row in real_rows() if order_in(row["title"])] == []


PATTERNS = files("bot.query").joinpath("orders.toml").read_text(encoding="utf-8")
WORDS = sorted(set(re.findall(r"[a-z']{2,}|[\u4e00-\u9fff]{1,3}|\d", PATTERNS)))
"""What the patterns themselves are made of: nothing keeps them busy for longer."""


@given(
    st.lists(st.sampled_from(WORDS), max_size=3),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4),
    st.sampled_from(["", " "]),
)
@example(["停"], ["天周月"], "")
@example(["停"], ["每天"], "")
def test_nothing_takes_long_to_read(begin: list[str], again: list[str], between: str) -> None:
    text = between.join(begin + again * 40)[:79] + "§"
    began = time.thread_time()
    order_in(text)
    assert time.thread_time() - began < 0.1
