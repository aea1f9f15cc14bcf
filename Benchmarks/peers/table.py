"""What was measured, beside what was measured: one table, rows that we lose included."""

from dataclasses import dataclass

OURS = "signed, durable, encrypted"


@dataclass(frozen=True)
class Kind:
    """What becomes of a message: whether it is signed, on disk before it counts, and sealed."""

    signed: str
    durable: str
    encrypted: str

    def beside(self, other):
        return [f"{mine} / {theirs}" for mine, theirs in (
            (self.signed, other.signed), (self.durable, other.durable),
            (self.encrypted, other.encrypted))]


OWN = Kind("yes", "synced", "end to end")
NOTHING = Kind("–", "–", "–")


@dataclass
class Row:
    what: str
    ours: float | None
    theirs: float | None = None
    unit: str = ""
    other: str = ""
    kind: Kind = NOTHING
    own: Kind = OWN
    # The ratio, or ours where nothing is beside it, must not be above (below, if `is_more_better`).
    bar: float | None = None
    is_more_better: bool = False
    note: str = ""

    @property
    def ratio(self):
        return self.ours / self.theirs if self.ours is not None and self.theirs else None

    @property
    def judged(self):
        return self.ratio if self.theirs is not None else self.ours

    @property
    def holds(self):
        """Whether the bar holds; None without one."""
        if self.bar is None:
            return None
        if self.judged is None:
            return False
        return self.judged >= self.bar if self.is_more_better else self.judged <= self.bar

    @property
    def loses(self):
        """Whether the other one is better, bar or not."""
        if self.ratio is None:
            return False
        return self.ratio < 1 if self.is_more_better else self.ratio > 1

    def cells(self):
        theirs = "–" if self.theirs is None else f"{number(self.theirs)} {self.unit}".strip()
        told = f"{self.other}: {theirs}" if self.other else theirs
        ratio = "–" if self.ratio is None else f"{self.ratio:.2f}"
        ours = "–" if self.ours is None else f"{number(self.ours)} {self.unit}".strip()
        return [self.what, ours, told, ratio, self.verdict, *self.own.beside(self.kind)]

    @property
    def verdict(self):
        if self.holds is None:
            return "we lose" if self.loses else ""
        told = f"{'≥' if self.is_more_better else '≤'} {self.bar:g}"
        if self.theirs is not None:
            told += " ×"
        return told if self.holds else f"{told} **missed**"


def number(value):
    if value >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


HEADS = ["what", "ours", "theirs", "ratio", "bar", "signed (ours / theirs)",
         "durable (ours / theirs)", "encrypted (ours / theirs)"]


def text(rows):
    """The whole table in Markdown, then the notes by number."""
    notes, lines = [], []
    for row in rows:
        cells = row.cells()
        if row.note:
            if row.note not in notes:
                notes.append(row.note)
            cells[0] += f" [{notes.index(row.note) + 1}]"
        lines.append("| " + " | ".join(cells) + " |")
    head = ["| " + " | ".join(HEADS) + " |", "|--" * len(HEADS) + "|"]
    told = [f"[{index + 1}] {note}" for index, note in enumerate(notes)]
    return "\n".join([*head, *lines, "", *told])
