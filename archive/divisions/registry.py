"""The divisions as an immutable registry: look up by code, find by name, read off the start of a text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Literal, NamedTuple

Form = Literal["full", "short", "former", "bare"]
"""How a name may stand for a division: its name or a full alias; its stem (郑州); a name it no longer
has (通州市); a name understood only within its city (高新区)."""

#: Longer stems first, so that 延边朝鲜族自治州 gives 延边 and not 延边朝鲜族自治.
_SUFFIXES = ("特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "地区", "省", "市", "盟")
#: A name followed by one of these is part of a longer one: 大同镇, 湖南路街道, 城区街道.
_LONGER = ("镇", "乡", "街道", "路", "村", "社区", "大道", "苏木")
#: Agencies run from above sign with the bare name of their seat: 南京海关, 宁波海事局.
_FROM_ABOVE = (
    "海关", "气象局", "税务局", "海事局", "地震局", "证监局", "银保监局", "监管局", "监管分局", "邮政管理局",
    "通信管理局", "边检", "出入境边防", "铁路", "调查队", "调查总队", "专员办", "煤矿安全监察局",
)  # fmt: skip
_PEOPLES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|高山|拉祜|水|东乡|纳西|"
    "景颇|柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|鄂温克|德昂|"
    "保安|裕固|京|塔塔尔|独龙|鄂伦春|赫哲|门巴|珞巴|基诺|各"
)
#: 延边朝鲜族自治州 → 延边, 州.
_AUTONOMOUS = re.compile(rf"^(?P<stem>..+?)(?:(?:{_PEOPLES})族?)+(?P<kind>自治[州县旗])$")
#: Names that came to an end before the first reports (2008) do not make a live name ambiguous.
_FIRST_REPORTS = 2008


@dataclass(frozen=True, slots=True)
class Division:
    """An administrative division, or a development zone that publishes reports of its own."""

    code: str
    """Six digits (GB/T 2260); for zones six digits and a number from 901."""
    name: str
    level: str
    """province, prefecture, county or zone."""
    parent: str | None = None
    aliases: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()
    committee: str | None = None
    """Zones: the authority that signs for it."""


@dataclass(frozen=True, slots=True)
class Match:
    """A chain of division names read off the start of a text."""

    division: Division
    length: int
    """Characters read."""
    name: str
    """The last name as the text has it; differs from ``division.name`` for aliases and former names."""
    form: Form


class _Entry(NamedTuple):
    codes: tuple[str, ...]
    form: Form
    until: int | None = None


class _Hit(NamedTuple):
    end: int
    code: str
    name: str
    form: Form
    recent: bool


@dataclass(frozen=True)
class Divisions:
    """All divisions known; never changed, ``with_extra`` makes a larger one."""

    _by_code: Mapping[str, Division]
    _former: Mapping[str, tuple[str, ...]]
    _names: Mapping[str, tuple[_Entry, ...]] = field(repr=False)
    _longest: int

    @classmethod
    def load(cls, extra: Iterable[Mapping[str, object]] = ()) -> Divisions:
        """The packaged divisions, zones and former names, and ``extra`` rows (see :meth:`with_extra`)."""
        divisions = [
            Division(r["code"], r["name"], r["level"], r["parent"] or None) for r in _table("divisions.csv")
        ]
        divisions += [
            Division(
                r["code"],
                r["name"],
                "zone",
                r["parent"],
                _split(r["aliases"]),
                _split(r["bare"]),
                r["committee"],
            )
            for r in _table("zones.csv")
        ]
        former = [
            (r["code"], r["name"], tuple(r["successors"].split()), int(r["until"]) if r["until"] else None)
            for r in _table("history.csv")
        ]
        registry = cls._build(divisions, former)
        rows = tuple(extra)
        return registry.with_extra(rows) if rows else registry

    @classmethod
    def _build(
        cls,
        divisions: Sequence[Division],
        former: Sequence[tuple[str, str, tuple[str, ...], int | None]],
    ) -> Divisions:
        by_code = {d.code: d for d in divisions}
        names: dict[str, list[_Entry]] = {}
        for division in divisions:
            for form, spelled in _spellings(division):
                names.setdefault(spelled, []).append(_Entry((division.code,), form))
        moved: dict[str, tuple[str, ...]] = {}
        for code, name, successors, until in former:
            if code not in by_code:
                moved.setdefault(code, successors)
            if name and all(by_code[c].name != name for c in successors):
                names.setdefault(name, []).append(_Entry(successors, "former", until))
        packed = {name: tuple(dict.fromkeys(entries)) for name, entries in names.items()}
        return cls(by_code, moved, packed, max(map(len, packed), default=0))

    def with_extra(self, rows: Iterable[Mapping[str, object] | Division]) -> Divisions:
        """A registry that also knows these: mappings with code, name, level, parent (and, for zones,
        committee, aliases, bare). Raises ``ValueError`` on a code that is taken, malformed or an orphan."""
        by_code = dict(self._by_code)
        names = dict(self._names)
        added = [r if isinstance(r, Division) else _division(r) for r in rows]
        for division in added:
            if division.code in by_code or division.code in self._former:
                raise ValueError(f"division {division.code} ({division.name}): code already taken")
            if not (division.code.isdigit() and len(division.code) in (6, 9)):
                raise ValueError(f"division {division.code!r} ({division.name}): code has not 6 or 9 digits")
            by_code[division.code] = division
        for division in added:
            if division.parent is not None and division.parent not in by_code:
                raise ValueError(f"division {division.code} ({division.name}): no parent {division.parent}")
            for form, spelled in _spellings(division):
                names[spelled] = (*names.get(spelled, ()), _Entry((division.code,), form))
        return Divisions(by_code, self._former, names, max(map(len, names), default=0))

    def __len__(self) -> int:
        return len(self._by_code)

    def rows(self) -> tuple[dict[str, str | None], ...]:
        """Rows of the archive's ``divisions`` table, parents before children."""
        ordered = sorted(self._by_code.values(), key=lambda d: (len(self.chain(d.code)), d.code))
        return tuple(
            {
                "code": d.code,
                "name": d.name,
                "full_name": self.full_name(d.code),
                "level": d.level,
                "parent": d.parent,
                "province": self.province(d.code),
            }
            for d in ordered
        )

    def get(self, code: str | None) -> Division | None:
        """The division of this code. A former code gives today's; one split up gives the smallest
        division that holds all of it; a township's nine digits give its county."""
        if not code:
            return None
        if code in self._by_code:
            return self._by_code[code]
        if code in self._former:
            return self._common(self._former[code])
        return self.get(code[:6]) if len(code) == 9 else None

    def chain(self, code: str | None) -> tuple[Division, ...]:
        """From the province down to the division itself; empty if unknown."""
        found: list[Division] = []
        here = self.get(code)
        while here is not None:
            found.append(here)
            here = self._by_code.get(here.parent) if here.parent else None
        return tuple(reversed(found))

    def province(self, code: str | None) -> str | None:
        """Name of its province."""
        chain = self.chain(code)
        return chain[0].name if chain else None

    def full_name(self, code: str | None) -> str | None:
        """Name with its province and prefecture, e.g. 河南省郑州市二七区."""
        return "".join(d.name for d in self.chain(code)) or None

    def within(self, code: str, ancestor: str) -> bool:
        """Whether ``code`` is ``ancestor`` or lies in it."""
        return any(d.code == ancestor for d in self.chain(code))

    def _common(self, codes: Sequence[str]) -> Division | None:
        chains = [self.chain(c) for c in codes]
        shared: Division | None = None
        for step in zip(*chains, strict=False):
            if len({d.code for d in step}) > 1:
                break
            shared = step[0]
        return shared

    def find(self, name: str, within: str | None = None) -> tuple[Division, ...]:
        """Divisions of today with this name, alias or former name; ``within``: only those in a division."""
        found: dict[str, Division] = {}
        for entry in self._names.get(name, ()):
            division = self.get(entry.codes[0]) if len(entry.codes) == 1 else self._common(entry.codes)
            if division and (within is None or self.within(division.code, within)):
                found.setdefault(division.code, division)
        return tuple(found[c] for c in sorted(found))

    def resolve(self, text: str, hint: str | None = None) -> Division | None:
        """The division an agency's name begins with; ``None`` if there is none or it could be several."""
        match = self.match(text, hint)
        return match.division if match else None

    def match(self, text: str, hint: str | None = None) -> Match | None:
        """The longest chain of names at the start of ``text`` (省市区, steps may be left out).

        ``hint`` is a division the text is near to (the portal's): of several bearers of one
        name, the one nearest to it is meant. ``None`` where more than one remains.
        """
        hits = self._hits(text, 0, None, hint)
        if not hits:
            return None
        end = max(h.end for h in hits)
        longest = [h for h in hits if h.end == end]
        chosen = self._choose(longest, hint)
        return Match(self._by_code[chosen.code], end, chosen.name, chosen.form) if chosen else None

    def names_at(self, text: str) -> tuple[str, ...]:
        """Division names ``text`` begins with, whether or not it can be told whose, longest first."""
        return tuple(
            text[:end]
            for end in range(min(len(text), self._longest), 1, -1)
            if any(e.form in ("full", "former") for e in self._names.get(text[:end], ()))
            and not text.startswith(_LONGER, end)
        )

    def _choose(self, hits: Sequence[_Hit], hint: str | None) -> _Hit | None:
        by_code: dict[str, _Hit] = {}
        for hit in hits:
            known = by_code.get(hit.code)
            if known is None or (known.form == "former" and (hit.form != "former" or hit.recent)):
                by_code[hit.code] = hit
        if len(by_code) > 1:
            for ancestor in reversed(self.chain(hint)):
                near = [h for h in by_code.values() if self.within(h.code, ancestor.code)]
                live = [h for h in near if h.form != "former"]
                if len(near) == 1 or len(live) == 1:
                    return live[0] if live else near[0]
                if near:
                    return None
            by_code = {c: h for c, h in by_code.items() if h.form != "former" or h.recent} or by_code
        return next(iter(by_code.values())) if len(by_code) == 1 else None

    def _hits(self, text: str, start: int, scope: str | None, hint: str | None) -> list[_Hit]:
        """Every way to read names from ``start`` on, each as far as it goes."""
        found: list[_Hit] = []
        for end in range(min(len(text), start + self._longest), start + 1, -1):
            name = text[start:end]
            for entry in self._names.get(name, ()):
                division = self.get(entry.codes[0]) if len(entry.codes) == 1 else self._common(entry.codes)
                if division is None or not self._allowed(division, entry.form, scope, hint):
                    continue
                deeper = self._hits(text, end, division.code, hint)
                if deeper:  # 江苏省 goes on with 镇江市: no town
                    found.extend(deeper)
                elif entry.form != "bare" and text.startswith(_LONGER, end):
                    continue
                elif entry.form != "short" or self._stands_alone(text, end, division, scope):
                    recent = entry.until is not None and entry.until >= _FIRST_REPORTS
                    found.append(_Hit(end, division.code, name, entry.form, recent))
        return found

    def _allowed(self, division: Division, form: Form, scope: str | None, hint: str | None) -> bool:
        if form == "bare":  # 高新区: every city has one, and not all are listed
            city = scope or hint
            return city is not None and division.parent in {d.code for d in self.chain(city)[1:]}
        if scope is None:
            return not (form == "short" and division.level == "county")
        if division.code == scope or form == "former":
            return self.within(division.code, scope)
        around = self._by_code[scope]
        if around.level == "zone" and around.parent:  # 雄安新区容城县: a zone may span divisions
            return division.level == "county" and self.within(division.code, around.parent)
        return self.within(division.code, scope)

    def _stands_alone(self, text: str, end: int, division: Division, scope: str | None) -> bool:
        if division.level == "county":  # 威海市文登人民政府: only right before the government's name
            return scope is not None and text.startswith(("人民政府", "政府"), end)
        return text.startswith(_FROM_ABOVE, end)


def _spellings(division: Division) -> Iterable[tuple[Form, str]]:
    yield "full", division.name
    for alias in division.aliases:
        yield "full", alias
    for bare in division.bare:
        yield "bare", bare
    autonomous = _AUTONOMOUS.match(division.name)
    if autonomous:
        yield "full", autonomous["stem"] + autonomous["kind"][-1]
    stem = autonomous["stem"] if autonomous else _stem(division)
    if stem:
        yield "short", stem


def _stem(division: Division) -> str | None:
    """郑州 for 郑州市; ``None`` where nothing of two characters or more is left."""
    if division.level == "zone":
        return None
    suffixes = ("县", "区", "市", "旗") if division.level == "county" else _SUFFIXES
    for suffix in suffixes:
        if division.name.endswith(suffix) and len(division.name) - len(suffix) >= 2:
            return division.name[: -len(suffix)]
    return None


def _table(name: str) -> Iterable[dict[str, str]]:
    text = files("archive.divisions").joinpath(name).read_text(encoding="utf-8")
    return csv.DictReader(io.StringIO(text))


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("|") if part)


def _division(row: Mapping[str, object]) -> Division:
    def text(key: str) -> str | None:
        value = row.get(key)
        return None if value in (None, "") else str(value)

    def several(key: str) -> tuple[str, ...]:
        value = row.get(key) or ()
        return _split(value) if isinstance(value, str) else tuple(str(v) for v in _iterable(value))

    code, name, level = text("code"), text("name"), text("level")
    if not (code and name and level):
        raise ValueError(f"division {dict(row)!r}: code, name and level are needed")
    return Division(code, name, level, text("parent"), several("aliases"), several("bare"), text("committee"))


def _iterable(value: object) -> Iterable[object]:
    if isinstance(value, Iterable):
        return value
    raise ValueError(f"{value!r} is no list")
