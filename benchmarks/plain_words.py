"""Say sentences to the bot that no table of its tests has; count where they lead.

    python benchmarks/plain_words.py

They were written down before they were tried, by somebody who wanted papers or said hello. The
bot knows the playground's sample, of 73 papers: what it has nothing on is told apart.
"""

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from bot.playground.telegram.stand_in import FakeTelegram
from bot.playground.telegram.world import Message
from bot.query.names import CATEGORIES
from storage.database import Database
from tests.bot_under_test import open_bot

SENTENCES = {
    "en": """
        could I get updates about protein structure prediction?
        I'd love to read about quantum error correction
        anything on sparse autoencoders lately?
        looking for work on point cloud registration
        we're a robotics lab, we do grasping
        My PhD is about federated learning
        currently researching graph neural networks for chemistry
        tell me about new results in dark matter detection
        subscribe me to reinforcement learning from human feedback
        sign me up for papers about causal inference
        follow diffusion models
        notify me when there are papers on weather forecasting
        new work by Geoffrey Hinton
        articles written by Fei-Fei Li
        what has Yoshua Bengio published recently
        Kaiming He papers
        I only care about video generation
        mostly interested in speech recognition and text to speech
        can u send me stuff on LLM reasoning pls
        I need literature on climate models
        is there anything about mixture of experts
        RAG papers please
        everything about black holes except reviews
        papers on transformers but not vision
        arxiv papers about topology
        I study the brain
        recent preprints on superconductivity
        math
        quantum physics
        machine learning
        statistics papers
        good morning
        how are you?
        thank you so much!
        are you a bot?
        who made you
        test
        ok
        Attention is all you need
        cs.LG
        stat.ML and cs.LG
        10.48550/arXiv.1706.03762
        https://arxiv.org/list/quant-ph/new
        I'd like a daily summary of new papers in astrophysics
        Could you keep me up to date with vision-language models?
        what are the best papers on image generation this week
        anything new from Jingjin Yu?
        robot learning, but no simulation
        neural radience fields
        stop sending me papers
        I live in Boston
        change my time to 8am
        in Spanish please
        top papers today
        unsubscribe me
        """,
    "zh-hans": """
        给我推送量子计算的论文
        我想关注强化学习
        我的研究方向是图神经网络
        我主要做三维重建
        订阅扩散模型
        帮我找一下联邦学习的文章
        最近有什么关于蛋白质结构预测的论文吗
        想看看何恺明的论文
        Kaiming He的最新文章
        关于黑洞的论文
        我是研究暗物质的博士生
        求推荐自动驾驶相关论文
        有新的视频生成论文就告诉我
        只看语音识别
        目标检测或者实例分割
        物理
        数学
        统计学
        早上好
        你是谁
        在吗
        测试
        好的
        请问怎么订阅？
        多谢
        机器人抓取
        高斯泼溅
        神经辐射场
        我想跟踪大模型推理方面的最新进展
        每天早上八点给我发机器人方面的论文
        有什么好的大模型论文推荐吗
        帮我跟踪多模态大模型
        李飞飞团队的论文
        作者：何恺明
        取消订阅
        我在上海
        请发中文摘要
        今天有新论文吗
        """,
    "es": """
        quiero seguir el aprendizaje por refuerzo
        mi tema es la computación cuántica
        ¿hay algo nuevo sobre agujeros negros?
        avísame cuando salgan artículos de visión por computadora
        necesito papers de redes neuronales de grafos
        trabajos recientes de Yann LeCun
        lo último en procesamiento del lenguaje natural
        suscríbeme a modelos de difusión
        soy estudiante de doctorado en aprendizaje federado
        investigo la predicción de estructuras de proteínas
        me gustaría leer sobre robots
        todo sobre materia oscura
        artículos escritos por Kaiming He
        solo me interesa la generación de vídeo
        física
        matemáticas
        estadística
        hola, ¿qué tal?
        gracias por todo
        ¿quién eres?
        ¿cómo me suscribo?
        prueba
        mándame cada mañana lo nuevo de segmentación
        ando buscando cosas de conducción autónoma
        ¿Me puedes mandar lo último de modelos multimodales?
        Quisiera recibir cada día artículos sobre robots humanoides
        Trabajo con imágenes médicas
        quiero dejar de recibir artículos
        cambia la hora a las 8
        pausa hasta el lunes
        borra mis datos
        ¿hay algo hoy?
        """,
}
FIELDS = tuple(f"{code} · " for code in CATEGORIES)
FAMOUS = Path(__file__).parents[1] / "bot" / "playground" / "feeds" / "famous.json"
HELP = ("What I can do", "我能做什么", "Lo que sé hacer")
COMMAND = ("This is how:", "可以这样做：", "Se hace así:")
NOBODY = ("I know nobody", "没有找到这位作者", "No encuentro a nadie")
MEANT = ("Did you mean", "你是不是想找", "¿Querías decir")


def kind_of(answer: Message) -> str:
    """Return what a newcomer gets."""
    if answer.text.startswith(HELP):
        return "help"
    told = (
        ("the command that does it", answer.text.startswith(COMMAND)),
        ("a name as papers write it", any(one in answer.text for one in MEANT)),
        ("papers", "•" in answer.text),
        ("a paper's card", any("PDF" in one for one in answer.buttons)),
        ("other queries", any(" · " in one for one in answer.buttons)),
        ("a field that the sample has nothing of", answer.text.startswith(FIELDS)),
        ("that nobody of this name is in the sample", any(one in answer.text for one in NOBODY)),
    )
    return next((kind for kind, is_it in told if is_it), "nothing")


async def main() -> None:
    """Say them all, and print what came."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    with TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.db"
        database = Database(f"sqlite:///{empty}")
        await database.open()
        await database.close()
        telegram = FakeTelegram()
        await telegram.start()
        counts: Counter[str] = Counter()
        async with open_bot(telegram, folder=Path(folder), empty=empty) as app:
            app.arxiv.publish(json.loads(FAMOUS.read_text(encoding="utf-8"))["papers"])
            for language, sentences in SENTENCES.items():
                person = telegram.world.add_person(language, language)
                for words in map(str.strip, sentences.strip().split("\n")):
                    kind = kind_of(await app.say(person, words))
                    counts[kind] += 1
                    if kind == "nothing":
                        sys.stdout.write(f"nothing: {words}\n")
        await telegram.stop()
    told = ", ".join(f"{count} {kind}" for kind, count in counts.most_common())
    sys.stdout.write(f"{counts.total()} sentences: {told}\n")


if __name__ == "__main__":
    asyncio.run(main())
