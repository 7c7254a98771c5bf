"""What somebody wants who writes as to a person."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.query.categories import FIELDS
from bot.query.named_fields import named
from bot.query.parser import normalise, parse
from bot.query.plain_words import Kind, understand
from bot.query.presets import PRESETS

WANTED = {
    "RAG papers please": "RAG",
    "rag papers, please": "rag",
    "RLHF papers plz": "RLHF",
    "RAG papers, thanks in advance!": "RAG",
    "RAG papers today please": "RAG",
    "some RAG papers pretty please": "RAG",
    "any RAG papers please?": "RAG",
    "send RAG papers asap": "RAG",
    "could you send me RAG papers please?": "RAG",
    "papers RAG please": "RAG",
    "US papers please": "US",
    "artículos sobre RAG, por favor": "RAG",
    "RAG artículos porfa": "RAG",
    "RAG 论文 谢谢": "RAG",
    "RAG论文谢谢您": "RAG",
    "I want papers about large language model agents": "large language model agents",
    "I'd like to follow research on batteries": "batteries",
    "we study glaciers": "glaciers",
    "I am a PhD student working on protein folding": "protein folding",
    "please send me new stuff on topological insulators every morning": "topological insulators",
    "could you find papers on exoplanets?": "exoplanets",
    "what's new in computer vision?": "computer vision",
    "deep learning papers": "deep learning",
    "papers by Yann LeCun": 'au:"Yann LeCun"',
    "by Yann LeCun": 'au:"Yann LeCun"',
    "papers published by yann lecun": 'au:"yann lecun"',
    "Yann LeCun's latest papers": 'au:"Yann LeCun"',
    "papers on diffusion models by Yang Song": 'diffusion models au:"Yang Song"',
    "我想看关于扩散模型的论文": "扩散模型",
    "有没有关于图神经网络的最新论文？": "图神经网络",
    "我对量子计算感兴趣": "量子计算",
    "我是做计算机视觉的": "计算机视觉",
    "想了解一下黑洞": "黑洞",
    "Yann LeCun 的论文": 'au:"Yann LeCun"',
    "作者是 Kaiming He": 'au:"Kaiming He"',
    "quiero artículos sobre aprendizaje por refuerzo": "aprendizaje por refuerzo",
    "estudio la materia oscura": "materia oscura",
    "artículos de física": "física",
    "https://arxiv.org/list/cs.CV/recent": "cat:cs.CV",
    "look at arxiv.org/list/hep-th/new please": "cat:hep-th",
    "https://arxiv.org/a/lecun_y_1": "au:lecun_y",
    "artículos de Yann LeCun": 'au:"Yann LeCun"',
    "follow diffusion models": "diffusion models",
    "add cs.RO": "cs.RO",
    "can you add cs.RO?": "cs.RO",
    "please add diffusion models": "diffusion models",
    "¿puedes seguir robótica?": "robótica",
    "添加机器人": "机器人",
    "帮我加一个机器人的主题": "机器人",
    "no surveys please": "-surveys",
    "no cs.LG": "-cs.LG",
    "no language models, please": '-"language models"',
    "sin reseñas por favor": "-reseñas",
    "不要综述": "-综述",
    "no free lunch theorem": "no free lunch theorem",
    "additive manufacturing": "additive manufacturing",
    "加密货币": "加密货币",
    "sign me up for papers about causal inference": "causal inference",
    "notify me when there are papers on weather forecasting": "weather forecasting",
    "My PhD is about federated learning": "federated learning",
    "currently researching graph networks for drugs": "graph networks for drugs",
    "we're a robotics lab, we do grasping": "grasping",
    "Hi, I'm Bob. I work on robotic grasping": "robotic grasping",
    "I like cats, dogs and birds": "cats, dogs and birds",
    "anything on sparse autoencoders lately?": "sparse autoencoders",
    "can u send me stuff on LLM reasoning pls": "LLM reasoning",
    "latest in NLP": "NLP",
    "mostly interested in speech recognition": "speech recognition",
    "everything about black holes except reviews": "black holes -reviews",
    "papers on transformers but not time series": 'transformers -"time series"',
    "what has Yoshua Bengio published recently": 'au:"Yoshua Bengio"',
    "¿qué ha publicado Yann LeCun?": 'au:"Yann LeCun"',
    "Yann LeCun 最近发表了什么？": 'au:"Yann LeCun"',
    "我是研究暗物质的博士生": "暗物质",
    "求推荐自动驾驶相关论文": "自动驾驶",
    "有新的视频生成论文就告诉我": "视频生成",
    "只看语音识别": "语音识别",
    "关注目标检测，不要综述": "目标检测 -综述",
    "mi tema es la computación cuántica": "computación cuántica",
    "avísame cuando salgan artículos de robots": "robots",
    "lo último en fusión nuclear": "fusión nuclear",
    "suscríbeme a modelos de difusión": "modelos de difusión",
    "soy estudiante de doctorado en aprendizaje federado": "aprendizaje federado",
    "solo me interesa la generación de vídeo": "generación de vídeo",
    "ando buscando cosas de conducción autónoma": "conducción autónoma",
    "escritos por Yoshua Bengio": 'au:"Yoshua Bengio"',
}
AS_IT_IS = (
    "new physics",
    "work function",
    "to be or not to be",
    "follow the leader",
    "follow-up studies",
    "newest vertex bisection",
    "learning to rank",
    "information retrieval",
    "news recommendation",
    "in-context learning",
    "by design",
    "Newton's laws",
    "Attention is all you need",
    "gaussian splatting -survey",
    'I want "papers about"',
    "大语言模型",
    "机器学习",
)
TALK = (
    "papers please",
    "some papers, thanks",
    "please",
    "what are RAG papers?",
    *(
        "hello",
        "Hi there!",
        "thanks",
        "help me",
        "what can you do?",
        "how does this work",
        "who are you",
        "thank you so much!",
        "thanks for everything",
        "gracias por todo",
    ),
    *(
        "你好",
        "您好！",
        "你能做什么？",
        "怎么用",
        "谢谢",
        "hola",
        "buenos días",
        "¿qué puedes hacer?",
    ),
)


@pytest.mark.parametrize(("text", "query"), WANTED.items())
def test_what_asks_is_taken_away_from_what_is_looked_for(text: str, query: str) -> None:
    assert understand(text).query == query


@pytest.mark.parametrize("text", AS_IT_IS)
def test_words_that_only_look_like_asking_stay(text: str) -> None:
    wish = understand(text)
    assert wish.kind is not Kind.TALK
    assert wish.query == text


@pytest.mark.parametrize("text", TALK)
def test_a_greeting_or_a_question_looks_for_nothing(text: str) -> None:
    assert understand(text).kind is Kind.TALK


@given(st.text(max_size=400))
def test_whatever_is_written_is_understood_somehow(text: str) -> None:
    assert understand(text).kind in Kind


def test_a_long_text_takes_no_time() -> None:
    began = process_time()
    for sign in ("你们", "相关的", "最新的", "I want ", "的"):
        understand(sign * 100 + "!")
    assert process_time() - began < 1


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("computer vision", "cat.cs.CV"),
        ("Pattern Recognition", "cat.cs.CV"),
        ("robótica", "cat.cs.RO"),
        ("machine learning", "cat.cs.LG"),
        ("机器人", "cat.cs.RO"),
        ("inteligencia artificial", "cat.cs.AI"),
        ("large language model", "llm"),
        ("physics", "cat.physics"),
        ("NLP", "cat.cs.CL"),
        ("maths", "cat.math"),
        ("物理", "cat.physics"),
        ("biología", "cat.q-bio"),
        ("大模型", "llm"),
        ("高斯泼溅", "gaussians"),
    ],
)
def test_topics_and_fields_are_known_by_their_names(words: str, key: str) -> None:
    assert key in [topic.key for topic in named(words)]


@pytest.mark.parametrize(
    ("written", "query"),
    [
        ("SE(3)-equivariant networks", '"se 3 equivariant" networks'),
        ("C++", "c++"),
        ("C# compilers", "c# compilers"),
        ("O(n) algorithms", "algorithms n o"),
        ("rust -C++", "rust -c++"),
        ("cat:(cs.CV OR cs.CL)", "cat:cs.CL OR cat:cs.CV"),
        ("transformer -(survey)", "transformer -survey"),
    ],
)
def test_signs_within_a_word_are_no_operators(written: str, query: str) -> None:
    assert normalise(parse(written)) == query
    assert normalise(parse(query)) == query


def test_whatever_is_offered_by_a_name_can_be_followed() -> None:
    """Also physics, which is a group of archives: arXiv has no name for all of them."""
    for english in (*FIELDS.values(), *(preset.name for preset in PRESETS)):
        for topic in named(english):
            assert parse(topic.query)
