"""Reports as text: tables flattened in several ways at once, damaged before and after.

``draw(seed, number)`` is one report. The same seed and number give the same bytes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from archive import forms
from benchmarks.figures import STYLES, Sample, made, published
from tests.fuzz.made import Made, trace
from tests.fuzz.tables import LOOKS, damaged, stray
from tests.layouts import _AFTER, _BEFORE, _PROSE, _TITLES, Figures, Table, Value, official, table_html
from tests.layouts_text import SHAPES as PLAIN
from tests.layouts_text import Lots

Lines = list[str]
Retell = Callable[[Lines, Lots], Lines]

SHAPES: dict[str, Callable[[Table], str]] = {
    **PLAIN,
    "two blanks between": lambda t: "\n".join("  ".join(box.text for box in row) for row in t),
    "labels and figures apart": lambda t: "\n".join(
        "".join(b.text for b in row if not b.figure) + "\n" + "  ".join(b.text for b in row if b.figure)
        for row in t
    ),
    "a line break for a blank": lambda t: "\n".join(
        "".join((f" {b.text} " if b.figure else b.text) if b.text else "\n" for b in row) for row in t
    ),
    "glued whole": lambda t: "".join(box.text for row in t for box in row),
    "Markdown": lambda t: "\n".join(
        "| " + " | ".join(b.text for b in row) + " |" + ("\n|---|---|" if i == 0 else "")
        for i, row in enumerate(t)
    ),
}
#: Shapes in which an empty line may be a cell.
LINED = frozenset(
    {
        "a cell a line",
        "a cell and a pipe a line",
        "a cell a line, blank lines between",
        "labels and figures apart",
        "a line break for a blank",
    }
)


# --- what happens to lines of text -------------------------------------------


def _some(lines: Lines, rng: Lots) -> set[int]:
    share = rng.choice((0.02, 0.1))
    return {i for i in range(len(lines)) if rng.random() < share} or (
        {rng.randrange(len(lines))} if lines else set()
    )


def _between(text: Callable[[Lots], str]) -> Retell:
    def change(lines: Lines, rng: Lots) -> Lines:
        met = _some(lines, rng)
        return [each for i, line in enumerate(lines) for each in ([line, text(rng)] if i in met else [line])]

    return change


def _within(edit: Callable[[str, Lots], str]) -> Retell:
    def change(lines: Lines, rng: Lots) -> Lines:
        met = _some(lines, rng)
        return [edit(line, rng) if i in met else line for i, line in enumerate(lines)]

    return change


def _joined(mark: str) -> Retell:
    def change(lines: Lines, rng: Lots) -> Lines:
        met = _some(lines, rng)
        return (
            "".join(line + (mark if i in met else "\n") for i, line in enumerate(lines))
            .removesuffix("\n")
            .split("\n")
        )

    return change


def _without(lines: Lines, rng: Lots) -> Lines:
    met = _some(lines, rng)
    return [line for i, line in enumerate(lines) if i not in met]


def _cut(line: str, rng: Lots) -> str:
    return line[: rng.randint(0, len(line))]


def _broken(line: str, rng: Lots) -> str:
    at = rng.randint(0, len(line))
    return line[:at] + "\n" + line[at:]


def _sentence(rng: Lots) -> str:
    return rng.choice(
        (
            f"全年新收政府信息公开申请{rng.randint(1, 99)}件，上年结转{rng.randint(0, 9)}件。",
            f"行政许可{rng.randint(1, 999)}件，行政处罚{rng.randint(1, 999)}件。",
            f"规章{rng.randint(0, 9)}件，规范性文件{rng.randint(0, 99)}件，增加{rng.randint(1, 9)}件。",
            "样本县人民政府2022年政府信息公开工作年度报告",
        )
    )


RETELLINGS: dict[str, Retell] = {
    "page numbers between lines": _between(
        lambda rng: rng.choice(("{}", "— {} —", "第{}页", "{}/9", "- {} -")).format(rng.randint(1, 9))
    ),
    "stray numbers between lines": _between(stray),
    "sentences between lines": _between(_sentence),
    "numbers stuck to lines": _within(
        lambda line, rng: line + stray(rng) if rng.random() < 0.7 else stray(rng) + line
    ),
    "lines joined": _joined(""),
    "lines joined by a blank": _joined(" "),
    "lines lost": _without,
    "lines cut": _within(_cut),
    "lines broken": _within(_broken),
    "lines twice": _within(lambda line, rng: f"{line}\n{line}"),
    "empty lines more": _between(lambda rng: ""),
    "equal lines dropped": lambda lines, rng: [
        line for i, line in enumerate(lines) if i == 0 or line != lines[i - 1]
    ],
    "lines seen before dropped": lambda lines, rng: list(dict.fromkeys(lines)),
    "marks lost": _within(lambda line, rng: line.replace("|", "", 1).replace("\t", "", 1)),
    "marks more": _within(lambda line, rng: line + rng.choice(("|", " |", "\t", ","))),
}
#: Changes of form that take nothing from a table and add nothing: they have met undamaged texts too.
FORMS: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "full-width marks": lambda text: text.replace("|", "｜").replace(",", "，"),
    "blanks for marks": lambda text: text.replace("|", " ").replace("\t", " "),
    "white space folded": lambda text: "\n".join(" ".join(line.split()) for line in text.split("\n")),
    "empty lines gone": lambda text: "\n".join(line for line in text.split("\n") if line.strip()),
}


# --- reports ------------------------------------------------------------------


def sample(rng: Lots) -> Sample:
    """Figures of a real report or of a style, at times with blanks for some or all zeros."""
    if rng.random() < 0.25:
        drawn = rng.choice(list(published()))
    else:
        drawn = made(rng.choice(("2019", "2021")), rng.choice(STYLES), rng.randint(0, 40))
    share = rng.choice((0, 0, 0, 0, 0.3, 1))
    if not share:
        return drawn

    def blanked(value: Value) -> Value:
        return None if value == 0 and rng.random() < share else value

    figures: Figures = {
        table: {row: {key: blanked(v) for key, v in line.items()} for row, line in rows.items()}
        for table, rows in drawn.figures.items()
    }
    return Sample(f"{drawn.name}, zeros blank {share}", drawn.form, figures)


def _flattened(table: Table, shapes: Sequence[str], rng: Lots) -> str:
    """One shape after the other, each for some rows."""
    cuts = sorted(rng.randint(0, len(table)) for _ in shapes[1:])
    edges = [0, *cuts, len(table)]
    parts = [
        SHAPES[shape](table[start:end]) for shape, start, end in zip(shapes, edges, edges[1:], strict=False)
    ]
    return "\n".join(parts)


def draw(seed: int, number: int) -> Made:
    """One damaged report as text, or as a page with some of its tables in text."""
    rng = random.Random(f"{seed} text {number}")
    one = sample(rng)
    whole = official(one.figures, one.form)
    usual = rng.choice(list(SHAPES))
    mixed = rng.random() < 0.4
    retold = FORMS[rng.choice([*["as it is"] * 6, *FORMS])]
    looks = [name for name in LOOKS if rng.random() < 0.15]
    met: dict[str, list[str]] = {}
    parts: dict[str, str] = {}
    clean: dict[str, str] = {}
    used: set[str] = set()
    for key in forms.TABLES:
        shapes = [rng.choice(list(SHAPES)) if mixed else usual]
        if mixed and rng.random() < 0.3:
            shapes.append(rng.choice(list(SHAPES)))
        used.update(shapes)
        for name in looks:
            whole[key] = LOOKS[name](whole[key], rng)
        table, done = damaged(whole[key], rng, (0, 0, 1, 1, 2, 3))
        state = rng.getstate()
        clean[key] = retold(_flattened(whole[key], shapes, rng))
        rng.setstate(state)
        lines = _flattened(table, shapes, rng).split("\n")
        for name in rng.sample(list(RETELLINGS), rng.choice((0, 0, 0, 1, 1, 2))):
            after = RETELLINGS[name](lines, rng)
            if after != lines:
                done.append(name)
            lines = after
        parts[key] = retold("\n".join(lines))
        met[key] = done
    carrier = rng.choice(("text", "text", "text", "pre", "p", "br", "grid"))
    if carrier == "grid":
        as_grid = rng.choice(forms.TABLES)
        del parts[as_grid], met[as_grid]
    body = _composed(parts, whole, carrier)
    # Of a page's empty lines nothing is left.
    lined = carrier in ("text", "pre") and not used.isdisjoint(LINED)
    left = trace(list(parts.values()), [clean[key] for key in parts], lined=lined)
    names = tuple(name for own in met.values() for name in own) or ("none",)
    return Made(f"text {seed}/{number} ({one.name}; {carrier})", body, one, names, left)


def _composed(parts: dict[str, str], whole: dict[str, Table], carrier: str) -> bytes:
    """The report; a table that is not among the ``parts`` is one of the page."""
    title = "样本县人民政府2022年政府信息公开工作年度报告"
    if carrier == "text":
        lines = [title, _BEFORE, _PROSE]
        for key in forms.TABLES:
            lines += [_TITLES[key], parts[key]]
        lines += [part for heading in _AFTER for part in (heading, _PROSE)]
        return "\n".join(lines).encode()
    import html

    def told(text: str) -> str:
        if carrier == "pre":
            return f"<pre>{html.escape(text)}</pre>"
        if carrier == "br":
            return "<p>" + "<br>".join(map(html.escape, text.split("\n"))) + "</p>"
        return "".join(f"<p>{html.escape(line)}</p>" for line in text.split("\n"))

    pieces = [f"<h1>{title}</h1><p>{_BEFORE}</p><p>{_PROSE}</p>"]
    for key in forms.TABLES:
        own = told(parts[key]) if key in parts else table_html(whole[key])
        pieces.append(f"<p>{_TITLES[key]}</p>{own}")
    pieces += [f"<p>{heading}</p><p>{_PROSE}</p>" for heading in _AFTER]
    return (
        f'<html><head><meta charset="utf-8"><title>{title}</title></head>'
        f'<body><div class="TRS_Editor">{"".join(pieces)}</div></body></html>'
    ).encode()
