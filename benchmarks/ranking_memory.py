"""What a personal order costs in memory and on disk: idle, learned, and the installed packages.

    .venv/bin/python benchmarks/ranking_memory.py

What counts are the packages that the extra `ranking` brings.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

from real_papers import read, real_papers

import bot.runtime.application
import bot.runtime.serve  # noqa: F401 - what a running bot has imported
from bot.ranking.model import is_available, learn

PACKAGES = ("numpy", "scipy", "sklearn", "joblib", "narwhals", "threadpoolctl", "cloudpickle")
LIBRARIES = ("numpy.libs", "scipy.libs", "scikit_learn.libs")


def resident() -> float:
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def on_disk(path: Path) -> tuple[int, int]:
    """Return how many bytes a file or folder takes, and how many of them are tests."""
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    tests = [one for one in files if "tests" in one.parts]
    return sum(one.stat().st_size for one in files), sum(one.stat().st_size for one in tests)


def main() -> None:
    papers = list(read(real_papers()))[:800]
    idle = resident()
    print(f"scikit-learn is found: {is_available()}; imported: {'sklearn' in sys.modules}")
    ranker = learn(liked=papers[:40], disliked=papers[40:60], passed_over=papers[60:460])
    assert ranker is not None
    ranker.judge(papers[500:])
    print(f"idle {idle:.0f} MB; once a chat's order is learned {resident() - idle:.0f} MB more")
    sizes = []
    for name in PACKAGES:
        spec = find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        place = Path(spec.origin)
        sizes.append(on_disk(place.parent if place.name == "__init__.py" else place))
        site = place.parents[1]
    sizes += [on_disk(site / name) for name in LIBRARIES if (site / name).exists()]
    whole, tests = (sum(one[at] for one in sizes) / 2**20 for at in (0, 1))
    print(f"on disk {whole:.0f} MB, of which their own tests {tests:.0f} MB")


if __name__ == "__main__":
    main()
