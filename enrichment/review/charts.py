"""Small bar charts as numbers that a template draws as SVG (templates/review/chart.html)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 360, 150
TOP, BOTTOM = 16, 18  # room for the numbers above the bars and the words below them
BASE = HEIGHT - BOTTOM
THINNEST = 2  # of something that is not nothing


@dataclass(frozen=True, slots=True)
class Column:
    """What stands at one place: `parts` are (number, tone) from the bottom up, the tone a class of app.css."""

    label: str
    parts: Sequence[tuple[int, str]]
    words: str

    @property
    def total(self) -> int:
        return sum(number for number, _ in self.parts)


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle; `words` say what it stands for when it is pointed at."""

    x: float
    y: float
    width: float
    height: float
    tone: str
    words: str


@dataclass(frozen=True, slots=True)
class Text:
    """A word, its middle at `x`."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart ready to be drawn. `width` and `height` are those of the drawing, `base` is the axis."""

    bars: list[Bar]
    numbers: list[Text]
    labels: list[Text]
    width: int = WIDTH
    height: int = HEIGHT
    base: int = BASE


def chart(columns: Sequence[Column]) -> Chart:
    """Return the chart of these columns, the highest as high as there is room."""
    pitch = WIDTH / max(1, len(columns))
    most = max((column.total for column in columns), default=0) or 1
    bars: list[Bar] = []
    numbers: list[Text] = []
    labels: list[Text] = []
    for place, column in enumerate(columns):
        stack = list(_stacked(column, place * pitch, pitch, (BASE - TOP) / most))
        bars += stack
        middle = round((place + 0.5) * pitch, 1)
        labels.append(Text(middle, HEIGHT - 5, column.label))
        if stack:
            numbers.append(Text(middle, round(stack[-1].y - 4, 1), short(column.total)))
    return Chart(bars, numbers, labels)


def _stacked(column: Column, left: float, pitch: float, scale: float) -> Iterable[Bar]:
    top = float(BASE)
    for number, tone in column.parts:
        if number:
            height = max(THINNEST, number * scale)
            top -= height
            width = round(pitch * 0.7, 1)
            yield Bar(round(left + pitch * 0.15, 1), round(top, 1), width, round(height, 1), tone, column.words)


def short(number: int) -> str:
    """Return a number in at most four characters, such as 950, 1.2k, 34k or 5M."""
    for unit, letter in ((1_000_000, "M"), (1_000, "k")):
        if number >= unit:
            text = f"{number / unit:.1f}" if number < 10 * unit else str(number // unit)
            return text.removesuffix(".0") + letter
    return str(number)
