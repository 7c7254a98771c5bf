"""Picture of a week: bars of papers a week by topic, drawn by Matplotlib, as PNG.

It has a ground of its own, so that it reads the same on dark and light screens; topics are numbers,
which the text below the picture names, so that no font has to know a label's letters. Matplotlib is
imported when the first picture is drawn: an idle bot does without its 30 MB.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WEEKS = 9
"""Bars a topic."""

_WIDTH = 3.9
"""Inches: at 100 dots an inch the width of a phone, of which the picture has twice as many."""
_DOTS = 200
_ROW, _MARGIN = 0.5, 0.12
_GROUND, _INK, _FAINT, _BEFORE, _NOW = "#fffdf8", "#13161a", "#655f54", "#b9cbe0", "#1866b0"
_BARS = (0.12, 0.86)
"""Where in the width the bars begin and end."""

_DRAWING = Lock()  # Matplotlib is not thread-safe: https://matplotlib.org/stable/users/faq.html


@dataclass(frozen=True, slots=True)
class TopicWeeks:
    """How many papers a topic had a week, the oldest week first, the one that is told last."""

    label: str
    papers: tuple[int, ...]


def draw(topics: Sequence[TopicWeeks]) -> bytes:
    """Return the picture of at least one topic; takes hundredths of a second of CPU.

    What is drawn are shapes of the figure's own: to make axes takes longer than to draw all of it.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - 30 MB
    from matplotlib.figure import Figure  # noqa: PLC0415

    height = _ROW * len(topics) + 2 * _MARGIN
    with _DRAWING:
        figure = Figure(figsize=(_WIDTH, height), dpi=_DOTS, facecolor=_GROUND)
        FigureCanvasAgg(figure)
        for place, topic in enumerate(topics):
            bottom = height - _MARGIN - _ROW * (place + 1) + 0.08
            _row(figure, place + 1, topic, bottom, height)
        target = io.BytesIO()
        figure.savefig(target, format="png")
    return target.getvalue()


def _row(figure: "Figure", number: int, topic: TopicWeeks, bottom: float, height: float) -> None:
    """Draw a topic: its number, a bar a week on a line, and the newest bar's number."""
    from matplotlib.patches import Rectangle  # noqa: PLC0415

    room, most = _ROW - 0.16, max(*topic.papers, 1)
    start, end = _BARS
    step = (end - start) / len(topic.papers)
    ground = 0.6 / 72
    shapes = [((start, bottom - ground / 2), end - start, ground, _BEFORE)]
    for week, count in enumerate(topic.papers):
        colour = _NOW if week == len(topic.papers) - 1 else _BEFORE
        left = start + step * (week + 0.15)
        shapes.append(((left, bottom), step * 0.7, room * count / most, colour))
    for (x, y), width, tall, colour in shapes:
        shape = Rectangle((x, y / height), width, tall / height, color=colour, linewidth=0)
        shape.set_transform(figure.transFigure)
        figure.add_artist(shape)
    middle, newest = (bottom + room / 2) / height, str(topic.papers[-1])
    figure.text(start / 2, middle, str(number), color=_FAINT, ha="center", va="center", fontsize=11)
    figure.text(end + 0.02, middle, newest, color=_INK, weight="bold", va="center", fontsize=11)
