"""The trace of one record as a picture (SVG): source fields left, rules in the middle, resources right.

A rule stands once beside each resource it helped to make, so that lines stay short where one rule makes many.

Self-contained; text is monospaced and cut to the width of its column, so that nothing overlaps whatever font the
reader has, and each cut text is whole in its tooltip. Colours follow the reader's light or dark setting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median_low
from unicodedata import east_asian_width

from interop.location import SourcePointer
from interop.workbench.explain import Explanation, Line, shown

_CHAR = 6.75  # width of a monospaced character at 11 px, the widest of the usual fonts
_ROW = 18
_HEAD = 22
_GAP = 12
_MARGIN = 20
_TOP = 74
_AIR = 96  # between two columns, for the lines
_COLUMNS = {"source": 46, "rule": 40, "target": 62}  # characters

_STYLE = """
.page{fill:#f7f8fa}.card{fill:#fff;stroke:#c9d0d9}.head{fill:#e8ecf1}.text{fill:#1c232b}.dim{fill:#5b6773}
.flow path{fill:none;stroke:#3b76b8;stroke-opacity:.42;stroke-width:1.3}
.flow:hover path{stroke:#c4501b;stroke-opacity:1;stroke-width:2}
text{font:11px ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,"Liberation Mono",monospace}
.title{font-size:15px;font-weight:600}.label{font-weight:600}
@media (prefers-color-scheme:dark){
.page{fill:#14181d}.card{fill:#1d232a;stroke:#3a444f}.head{fill:#28313a}.text{fill:#e4e9ee}.dim{fill:#9aa7b4}
.flow path{stroke:#7fb2ea}.flow:hover path{stroke:#ff9a5c}}
""".strip().replace("\n", "")


@dataclass(slots=True)
class _Node:
    """A line of text in one of the columns."""

    text: tuple[tuple[str, str], ...]  # (class, text), side by side
    full: str
    box: str  # the card it stands in
    y: float = 0.0
    wanted: list[float] = field(default_factory=list)

    @property
    def aim(self) -> float:
        return sum(self.wanted) / len(self.wanted) if self.wanted else 0.0


def svg(explanation: Explanation, *, values: bool = True) -> str:
    """The picture of one record's sourced values."""
    lines = explanation.sourced
    targets = [_target(line, values=values) for line in lines]
    bottom = _stack(targets, _TOP + _HEAD)
    rules: dict[tuple[str, str, int], _Node] = {}
    cells: dict[str, _Node] = {}
    for line, target in zip(lines, targets, strict=True):
        rules.setdefault(line.firing, _rule(line)).wanted.append(target.y)
    ordered = sorted(rules.values(), key=lambda node: node.aim)
    bottom = max(bottom, _settle(ordered, boxed=False))
    for line in lines:
        for pointer, raw in line.cells:
            cells.setdefault(str(pointer), _cell(pointer, raw, values=values)).wanted.append(rules[line.firing].y)
    left = _clustered(list(cells.values()))
    bottom = max(bottom, _settle(left, boxed=True))
    title = f"{explanation.mapping}: record {explanation.key if values else ''}".rstrip()
    drawing = _Drawing(explanation, title, bottom + _MARGIN)
    drawing.column("source", left)
    drawing.column("rule", ordered, boxed=False)
    drawing.column("target", targets)
    for rule, node in rules.items():
        mine = [(line, target) for line, target in zip(lines, targets, strict=True) if line.firing == rule]
        sources = [cells[str(pointer)].y for line, _ in mine for pointer, _ in line.cells]
        drawing.flow(node, sources, [target.y for _, target in mine])
    return drawing.written()


def _target(line: Line, *, values: bool) -> _Node:
    type_name, _, path = line.target.partition(".")
    value = shown(line.value, values=values)
    return _Node((("dim", path), ("text", value)), f"{line.target} = {value}", f"{line.resource + 1}. {type_name}")


def _rule(line: Line) -> _Node:
    file = line.rule.rpartition("/")[2]
    steps = " → ".join(line.steps)
    return _Node(
        (("dim", file), ("text", steps or "as it is")), f"{line.rule} ({line.group}): {steps or 'as it is'}", ""
    )


def _cell(pointer: SourcePointer, value: str, *, values: bool) -> _Node:
    raw = shown(value, values=values)
    box, label = _place(pointer)
    return _Node((("dim", label), ("text", raw)), f"{pointer}: {raw}", box)


def _place(pointer: SourcePointer) -> tuple[str, str]:
    """What heads the card, and what names the cell in it."""
    file = pointer.file if pointer.sheet is None else f"{pointer.file} {pointer.sheet}"
    if pointer.row is not None:
        return f"{file} row {pointer.row}", pointer.column or ""
    return file, (pointer.path or "").removeprefix("$.")


def _clustered(nodes: list[_Node]) -> list[_Node]:
    """Cells in the order of what they lead to; those of one row stay together."""
    aims: dict[str, list[float]] = {}
    for node in nodes:
        aims.setdefault(node.box, []).append(node.aim)
    nodes.sort(key=lambda node: (median_low(aims[node.box]), node.box, node.aim))
    return nodes


def _stack(nodes: Sequence[_Node], top: float) -> float:
    """One below the other, cards apart; gives the bottom."""
    y, box = top - _HEAD, None
    for node in nodes:
        if node.box != box:
            y += (_GAP if box is not None else 0) + _HEAD
            box = node.box
        node.y = y
        y += _ROW
    return y


def _settle(nodes: Sequence[_Node], *, boxed: bool) -> float:
    """Each beside what it leads to, as far as those above leave room; gives the bottom."""
    y, box = float(_TOP), None
    for number, node in enumerate(nodes):
        if boxed and node.box != box:
            y += (_GAP if box is not None else 0) + _HEAD
            box = node.box
            span = [other.aim for other in nodes[number:] if other.box == box]
            y = max(y, median_low(span) - len(span) * _ROW / 2)
        elif not boxed:
            y = max(y, node.aim)
        node.y = y
        y += _ROW
    return y


class _Drawing:
    """The SVG while it is written."""

    def __init__(self, explanation: Explanation, title: str, height: float):
        self.explanation = explanation
        self.title = title
        self.height = height
        self.left: dict[str, float] = {}
        x = float(_MARGIN)
        for name, characters in _COLUMNS.items():
            self.left[name] = x
            x += _width(characters) + _AIR
        self.width = x - _AIR + _MARGIN
        self.flows: list[str] = []
        self.cards: list[str] = []

    def column(self, name: str, nodes: Sequence[_Node], *, boxed: bool = True) -> None:
        x, width = self.left[name], _width(_COLUMNS[name])
        self.cards.append(
            _text(x, _TOP - 12, "dim label", {"source": "source", "rule": "rules", "target": "resources"}[name])
        )
        for box in _runs(nodes, lambda node: node.box if boxed else str(id(node))):
            first, last = box[0], box[-1]
            head = _HEAD if boxed else 0
            height = last.y - first.y + _ROW + head
            self.cards.append(
                f'<rect class="card" x="{x:g}" y="{first.y - head:g}" width="{width:g}" height="{height:g}" rx="4"/>'
            )
            if boxed:
                bar = f"M{x + 0.5:g} {first.y - head + 0.5:g}h{width - 1:g}v{head - 3}h-{width - 1:g}z"
                self.cards.append(f'<path class="head" d="{bar}"/>')
                self.cards.append(_text(x + 8, first.y - 8, "text label", _cut(first.box, _COLUMNS[name] - 1)))
            self.cards += [self._node(node, x, _COLUMNS[name]) for node in box]

    def _node(self, node: _Node, x: float, characters: int) -> str:
        """Two texts side by side: the first keeps its end, the second its beginning."""
        (kind, label), (other, value) = node.text
        room = characters - 2
        most = max(room // 2, room - _columns(value) - 2)
        label = _cut_front(label, most)
        value = _cut(value, room - _columns(label) - 2)
        spans = f'<tspan class="{kind}">{_escape(label)}</tspan>'
        at = x + 8 + (_columns(label) + 2) * _CHAR
        spans += f'<tspan class="{other}" x="{at:g}">{_escape(value)}</tspan>'
        return f'<text x="{x + 8:g}" y="{node.y + 13:g}">{spans}<title>{_escape(node.full)}</title></text>'

    def flow(self, rule: _Node, sources: Iterable[float], targets: Iterable[float]) -> None:
        begin = self.left["source"] + _width(_COLUMNS["source"])
        enter, leave = self.left["rule"], self.left["rule"] + _width(_COLUMNS["rule"])
        end = self.left["target"]
        paths = [_curve(begin, y, enter, rule.y) for y in dict.fromkeys(sources)]
        paths += [_curve(leave, rule.y, end, y) for y in dict.fromkeys(targets)]
        self.flows.append(f'<g class="flow">{"".join(paths)}</g>')

    def written(self) -> str:
        told, title = self.explanation, self.title
        constants = len(told.lines) - len(told.sourced)
        note = (
            f"{len(told.sourced)} values from the record in {len(told.resources)} resources; "
            f"{constants} constants and references are not drawn"
        )
        size = f'width="{self.width:g}" height="{self.height:g}"'
        view = f'viewBox="0 0 {self.width:g} {self.height:g}"'
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" {view} {size} role="img">',
                f"<title>{_escape(title)}</title><desc>{_escape(note)}</desc><style>{_STYLE}</style>",
                f'<rect class="page" {size}/>',
                f'<text class="text title" x="{_MARGIN}" y="28">{_escape(title)}</text>',
                f'<text class="dim" x="{_MARGIN}" y="46">{_escape(note)}</text>',
                *self.flows,
                *self.cards,
                "</svg>\n",
            ]
        )


def _runs(nodes: Sequence[_Node], key: Callable[[_Node], str]) -> list[list[_Node]]:
    found: list[list[_Node]] = []
    for node in nodes:
        if found and key(found[-1][0]) == key(node):
            found[-1].append(node)
        else:
            found.append([node])
    return found


def _width(characters: int) -> float:
    return characters * _CHAR + 16


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    middle = (x + to_x) / 2
    y, to_y = y + _ROW / 2, to_y + _ROW / 2
    return f'<path d="M{x:g} {y:g}C{middle:g} {y:g} {middle:g} {to_y:g} {to_x:g} {to_y:g}"/>'


def _text(x: float, y: float, kind: str, text: str) -> str:
    return f'<text class="{kind}" x="{x:g}" y="{y:g}">{_escape(text)}</text>'


def _columns(text: str) -> int:
    """How many monospaced columns a text takes; East Asian wide characters take two."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def _cut(text: str, room: int) -> str:
    if _columns(text) <= room:
        return text
    kept = ""
    for char in text:
        if _columns(kept) + _columns(char) >= room:
            break
        kept += char
    return kept + "…"


def _cut_front(text: str, room: int) -> str:
    return text if _columns(text) <= room else "…" + _cut(text[::-1], room)[:-1][::-1]


def _escape(text: str) -> str:
    plain = "".join(char if char >= " " and not 0xFFFE <= ord(char) <= 0xFFFF else " " for char in text)
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
