"""arXiv's categories: https://arxiv.org/category_taxonomy, and how papers name other classes."""

import re
from collections.abc import Mapping
from difflib import SequenceMatcher, get_close_matches
from typing import TypeAlias

from bot.query.spanish import FIELD_NAMES

_NAMES = {
    "astro-ph.CO": ("Cosmology and Nongalactic Astrophysics", "宇宙学与河外天体物理"),
    "astro-ph.EP": ("Earth and Planetary Astrophysics", "地球与行星天体物理"),
    "astro-ph.GA": ("Astrophysics of Galaxies", "星系天体物理"),
    "astro-ph.HE": ("High Energy Astrophysical Phenomena", "高能天体物理现象"),
    "astro-ph.IM": ("Instrumentation and Methods for Astrophysics", "天体物理仪器与方法"),
    "astro-ph.SR": ("Solar and Stellar Astrophysics", "太阳与恒星天体物理"),
    "cond-mat.dis-nn": ("Disordered Systems and Neural Networks", "无序系统与神经网络"),
    "cond-mat.mes-hall": ("Mesoscale and Nanoscale Physics", "介观与纳米尺度物理"),
    "cond-mat.mtrl-sci": ("Materials Science", "材料科学"),
    "cond-mat.other": ("Other Condensed Matter", "其他凝聚态物理"),
    "cond-mat.quant-gas": ("Quantum Gases", "量子气体"),
    "cond-mat.soft": ("Soft Condensed Matter", "软凝聚态物质"),
    "cond-mat.stat-mech": ("Statistical Mechanics", "统计力学"),
    "cond-mat.str-el": ("Strongly Correlated Electrons", "强关联电子"),
    "cond-mat.supr-con": ("Superconductivity", "超导"),
    "cs.AI": ("Artificial Intelligence", "人工智能"),
    "cs.AR": ("Hardware Architecture", "硬件体系结构"),
    "cs.CC": ("Computational Complexity", "计算复杂性"),
    "cs.CE": ("Computational Engineering, Finance, and Science", "计算工程、金融与科学"),
    "cs.CG": ("Computational Geometry", "计算几何"),
    "cs.CL": ("Computation and Language", "计算与语言"),
    "cs.CR": ("Cryptography and Security", "密码学与安全"),
    "cs.CV": ("Computer Vision and Pattern Recognition", "计算机视觉与模式识别"),
    "cs.CY": ("Computers and Society", "计算机与社会"),
    "cs.DB": ("Databases", "数据库"),
    "cs.DC": ("Distributed, Parallel, and Cluster Computing", "分布式、并行与集群计算"),
    "cs.DL": ("Digital Libraries", "数字图书馆"),
    "cs.DM": ("Discrete Mathematics", "离散数学"),
    "cs.DS": ("Data Structures and Algorithms", "数据结构与算法"),
    "cs.ET": ("Emerging Technologies", "新兴技术"),
    "cs.FL": ("Formal Languages and Automata Theory", "形式语言与自动机理论"),
    "cs.GL": ("General Literature", "综合文献"),
    "cs.GR": ("Graphics", "图形学"),
    "cs.GT": ("Computer Science and Game Theory", "计算机科学与博弈论"),
    "cs.HC": ("Human-Computer Interaction", "人机交互"),
    "cs.IR": ("Information Retrieval", "信息检索"),
    "cs.IT": ("Information Theory", "信息论"),
    "cs.LG": ("Machine Learning", "机器学习"),
    "cs.LO": ("Logic in Computer Science", "计算机科学中的逻辑"),
    "cs.MA": ("Multiagent Systems", "多智能体系统"),
    "cs.MM": ("Multimedia", "多媒体"),
    "cs.MS": ("Mathematical Software", "数学软件"),
    "cs.NA": ("Numerical Analysis", "数值分析"),
    "cs.NE": ("Neural and Evolutionary Computing", "神经与进化计算"),
    "cs.NI": ("Networking and Internet Architecture", "网络与互联网体系结构"),
    "cs.OH": ("Other Computer Science", "其他计算机科学"),
    "cs.OS": ("Operating Systems", "操作系统"),
    "cs.PF": ("Performance", "性能"),
    "cs.PL": ("Programming Languages", "编程语言"),
    "cs.RO": ("Robotics", "机器人学"),
    "cs.SC": ("Symbolic Computation", "符号计算"),
    "cs.SD": ("Sound", "声音"),
    "cs.SE": ("Software Engineering", "软件工程"),
    "cs.SI": ("Social and Information Networks", "社会与信息网络"),
    "cs.SY": ("Systems and Control", "系统与控制"),
    "econ.EM": ("Econometrics", "计量经济学"),
    "econ.GN": ("General Economics", "一般经济学"),
    "econ.TH": ("Theoretical Economics", "理论经济学"),
    "eess.AS": ("Audio and Speech Processing", "音频与语音处理"),
    "eess.IV": ("Image and Video Processing", "图像与视频处理"),
    "eess.SP": ("Signal Processing", "信号处理"),
    "eess.SY": ("Systems and Control", "系统与控制"),
    "gr-qc": ("General Relativity and Quantum Cosmology", "广义相对论与量子宇宙学"),
    "hep-ex": ("High Energy Physics - Experiment", "高能物理：实验"),
    "hep-lat": ("High Energy Physics - Lattice", "高能物理：格点"),
    "hep-ph": ("High Energy Physics - Phenomenology", "高能物理：唯象学"),
    "hep-th": ("High Energy Physics - Theory", "高能物理：理论"),
    "math-ph": ("Mathematical Physics", "数学物理"),
    "math.AC": ("Commutative Algebra", "交换代数"),
    "math.AG": ("Algebraic Geometry", "代数几何"),
    "math.AP": ("Analysis of PDEs", "偏微分方程分析"),
    "math.AT": ("Algebraic Topology", "代数拓扑"),
    "math.CA": ("Classical Analysis and ODEs", "经典分析与常微分方程"),
    "math.CO": ("Combinatorics", "组合数学"),
    "math.CT": ("Category Theory", "范畴论"),
    "math.CV": ("Complex Variables", "复变函数"),
    "math.DG": ("Differential Geometry", "微分几何"),
    "math.DS": ("Dynamical Systems", "动力系统"),
    "math.FA": ("Functional Analysis", "泛函分析"),
    "math.GM": ("General Mathematics", "综合数学"),
    "math.GN": ("General Topology", "一般拓扑"),
    "math.GR": ("Group Theory", "群论"),
    "math.GT": ("Geometric Topology", "几何拓扑"),
    "math.HO": ("History and Overview", "历史与综述"),
    "math.IT": ("Information Theory", "信息论"),
    "math.KT": ("K-Theory and Homology", "K 理论与同调"),
    "math.LO": ("Logic", "逻辑"),
    "math.MG": ("Metric Geometry", "度量几何"),
    "math.MP": ("Mathematical Physics", "数学物理"),
    "math.NA": ("Numerical Analysis", "数值分析"),
    "math.NT": ("Number Theory", "数论"),
    "math.OA": ("Operator Algebras", "算子代数"),
    "math.OC": ("Optimization and Control", "优化与控制"),
    "math.PR": ("Probability", "概率论"),
    "math.QA": ("Quantum Algebra", "量子代数"),
    "math.RA": ("Rings and Algebras", "环与代数"),
    "math.RT": ("Representation Theory", "表示论"),
    "math.SG": ("Symplectic Geometry", "辛几何"),
    "math.SP": ("Spectral Theory", "谱理论"),
    "math.ST": ("Statistics Theory", "统计理论"),
    "nlin.AO": ("Adaptation and Self-Organizing Systems", "适应与自组织系统"),
    "nlin.CD": ("Chaotic Dynamics", "混沌动力学"),
    "nlin.CG": ("Cellular Automata and Lattice Gases", "元胞自动机与格子气"),
    "nlin.PS": ("Pattern Formation and Solitons", "斑图形成与孤子"),
    "nlin.SI": ("Exactly Solvable and Integrable Systems", "精确可解与可积系统"),
    "nucl-ex": ("Nuclear Experiment", "核物理：实验"),
    "nucl-th": ("Nuclear Theory", "核物理：理论"),
    "physics.acc-ph": ("Accelerator Physics", "加速器物理"),
    "physics.ao-ph": ("Atmospheric and Oceanic Physics", "大气与海洋物理"),
    "physics.app-ph": ("Applied Physics", "应用物理"),
    "physics.atm-clus": ("Atomic and Molecular Clusters", "原子与分子团簇"),
    "physics.atom-ph": ("Atomic Physics", "原子物理"),
    "physics.bio-ph": ("Biological Physics", "生物物理"),
    "physics.chem-ph": ("Chemical Physics", "化学物理"),
    "physics.class-ph": ("Classical Physics", "经典物理"),
    "physics.comp-ph": ("Computational Physics", "计算物理"),
    "physics.data-an": ("Data Analysis, Statistics and Probability", "数据分析、统计与概率"),
    "physics.ed-ph": ("Physics Education", "物理教育"),
    "physics.flu-dyn": ("Fluid Dynamics", "流体动力学"),
    "physics.gen-ph": ("General Physics", "综合物理"),
    "physics.geo-ph": ("Geophysics", "地球物理"),
    "physics.hist-ph": ("History and Philosophy of Physics", "物理学史与物理学哲学"),
    "physics.ins-det": ("Instrumentation and Detectors", "仪器与探测器"),
    "physics.med-ph": ("Medical Physics", "医学物理"),
    "physics.optics": ("Optics", "光学"),
    "physics.plasm-ph": ("Plasma Physics", "等离子体物理"),
    "physics.pop-ph": ("Popular Physics", "大众物理"),
    "physics.soc-ph": ("Physics and Society", "物理与社会"),
    "physics.space-ph": ("Space Physics", "空间物理"),
    "q-bio.BM": ("Biomolecules", "生物分子"),
    "q-bio.CB": ("Cell Behavior", "细胞行为"),
    "q-bio.GN": ("Genomics", "基因组学"),
    "q-bio.MN": ("Molecular Networks", "分子网络"),
    "q-bio.NC": ("Neurons and Cognition", "神经元与认知"),
    "q-bio.OT": ("Other Quantitative Biology", "其他定量生物学"),
    "q-bio.PE": ("Populations and Evolution", "种群与进化"),
    "q-bio.QM": ("Quantitative Methods", "定量方法"),
    "q-bio.SC": ("Subcellular Processes", "亚细胞过程"),
    "q-bio.TO": ("Tissues and Organs", "组织与器官"),
    "q-fin.CP": ("Computational Finance", "计算金融"),
    "q-fin.EC": ("Economics", "经济学"),
    "q-fin.GN": ("General Finance", "一般金融"),
    "q-fin.MF": ("Mathematical Finance", "数学金融"),
    "q-fin.PM": ("Portfolio Management", "投资组合管理"),
    "q-fin.PR": ("Pricing of Securities", "证券定价"),
    "q-fin.RM": ("Risk Management", "风险管理"),
    "q-fin.ST": ("Statistical Finance", "统计金融"),
    "q-fin.TR": ("Trading and Market Microstructure", "交易与市场微观结构"),
    "quant-ph": ("Quantum Physics", "量子物理"),
    "stat.AP": ("Applications", "统计应用"),
    "stat.CO": ("Computation", "统计计算"),
    "stat.ME": ("Methodology", "统计方法论"),
    "stat.ML": ("Machine Learning", "机器学习"),
    "stat.OT": ("Other Statistics", "其他统计学"),
    "stat.TH": ("Statistics Theory", "统计理论"),
}
_ARCHIVE_NAMES = {
    "cs": ("Computer Science", "计算机科学"),
    "math": ("Mathematics", "数学"),
    "stat": ("Statistics", "统计学"),
    "eess": ("Electrical Engineering and Systems Science", "电气工程与系统科学"),
    "q-bio": ("Quantitative Biology", "定量生物学"),
    "q-fin": ("Quantitative Finance", "定量金融"),
    "econ": ("Economics", "经济学"),
    "astro-ph": ("Astrophysics", "天体物理学"),
    "cond-mat": ("Condensed Matter", "凝聚态物理"),
    "nlin": ("Nonlinear Sciences", "非线性科学"),
    "physics": ("Physics (other fields)", "物理学（其他领域）"),
}

Names: TypeAlias = Mapping[str, str]
"""What something is called, by catalogue (see `bot.i18n`)."""


def _named(names: Mapping[str, tuple[str, str]]) -> dict[str, Names]:
    return {
        code: {"en": english, "zh_CN": chinese, "es": FIELD_NAMES[code]}
        for code, (english, chinese) in names.items()
    }


CATEGORIES = _named(_NAMES)
"""Every category that takes papers today, by its code; the English names are arXiv's."""

ARCHIVES = _named(_ARCHIVE_NAMES)
"""The part before the dot of those that have one: `cs`, `math`, `physics` ..."""

_PHYSICS = "phys"
"""The one group of archives; every other archive stands for itself."""

FIELDS = {**CATEGORIES, **ARCHIVES, **_named({_PHYSICS: ("Physics", "物理学")})}
"""Everything that has a place in the tree, and its names."""

TREE: Mapping[str, tuple[str, ...]] = {
    "": ("cs", "math", _PHYSICS, "stat", "eess", "q-bio", "q-fin", "econ"),
    _PHYSICS: (
        *("astro-ph", "cond-mat", "gr-qc", "hep-ex", "hep-lat", "hep-ph", "hep-th"),
        *("math-ph", "nlin", "nucl-ex", "nucl-th", "physics", "quant-ph"),
    ),
    **{
        archive: tuple(code for code in CATEGORIES if code.startswith(f"{archive}."))
        for archive in ARCHIVES
    },
}
"""What stands under what, as arXiv groups it; "" is the top."""

_WELL_KNOWN = {"cs.ai", "cs.cl", "cs.cv", "cs.lg", "cs.ro", "stat.ml"}
_NAMING = 4
_NAMING_CHINESE = 2
"""A word of at least this length may stand for a category's name."""

_BY_LOWER = {code.lower(): code for code in (*CATEGORIES, *ARCHIVES)}

_OTHER_CLASS = re.compile(
    r"\d\d(?:[A-Z]\d\d|-\d\d|[A-Z]xx|-XX)"  # MSC, as in 68T50
    r"|[A-K]\.(?:\d{1,2}|m)(?:\.(?:\d{1,2}|m))?",  # ACM, as in I.2.10
    re.IGNORECASE,
)


def above(field: str) -> str:
    """Return what a field stands under in the tree."""
    return next(upper for upper, fields in TREE.items() if field in fields)


def is_other_class(text: str) -> bool:
    """Tell whether a text has the form of an MSC or ACM class, which authors add as categories."""
    return _OTHER_CLASS.fullmatch(text) is not None


def known_pattern(text: str) -> str | None:
    """Return the pattern that a text in any case means, or None where no category is like it.

    A pattern is a category (`cs.CV`, `hep-th`) or the start of some with a star. An archive alone
    means all of it: `cs` and `cs*` are `cs.*`.
    """
    wanted = text.lower()
    stem = wanted.removesuffix("*").removesuffix(".")
    if (code := _BY_LOWER.get(stem)) is not None:
        if code in ARCHIVES:
            return f"{code}.*"
        return code if wanted in {stem, f"{stem}*"} else None
    if not wanted.endswith("*") or not stem:
        return None
    start = wanted.removesuffix("*")
    for code in CATEGORIES:
        if code.lower().startswith(start):
            return f"{code[: len(start)]}*"
    return None


def nearest_pattern(text: str) -> str | None:
    """Return the pattern most like a text that is none, or None: `cs.CW` gives `cs.CV`.

    The names count as well: `vision` gives `cs.CV`, `机器人` `cs.RO`. Of a known archive at least
    all is meant.
    """
    wanted = text.lower()
    near = get_close_matches(wanted, _BY_LOWER, n=20, cutoff=0.7)
    if near:
        return known_pattern(max(near, key=lambda code: _likeness(wanted, code)))
    named = wanted.rstrip("*")
    if len(named) >= (_NAMING if named.isascii() else _NAMING_CHINESE):
        for code, names in CATEGORIES.items():
            if any(named in name.lower() for name in names.values()):
                return code
    return known_pattern(wanted.partition(".")[0])


def _likeness(wanted: str, code: str) -> tuple[float, int, bool]:
    """Judge by the letters in common, then by how many of them come first, then by fame."""
    alike = sum(1 for end in range(1, len(code) + 1) if wanted.startswith(code[:end]))
    return SequenceMatcher(None, code, wanted).ratio(), alike, code in _WELL_KNOWN
