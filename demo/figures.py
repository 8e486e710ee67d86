"""Figures that satisfy the form's arithmetic, the same for the same seed.

One issuer's series is made year by year, so that what is carried out of one
year is carried into the next (Y1), what is in force follows from what was
issued and repealed (Y2), and the items of a year follow from those of the year
before (Y3). Every year is made on the lines of form 2021, which are finer;
``on_form`` then prints it on the form a report stands on.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from archive import forms

Value = int | Decimal | None
#: ``{table: {row: {column: value}}}``, keys as in ``archive.forms``.
Cells = dict[str, dict[str, dict[str, Value]]]
Place = tuple[str, str, str]

APPLICANTS = tuple(column.key for column in forms.columns("requests") if column.key != "total")
#: How often a kind of applicant turns up among a hundred applications.
_APPLICANT_WEIGHTS = (84, 9, 1, 2, 2, 2)
#: How often an answer is given, among a hundred; lines not named here do not occur.
_OUTCOME_WEIGHTS = {
    "granted": 34,
    "granted_in_part": 8,
    "refused_by_law": 2,
    "refused_public_safety": 1,
    "refused_third_party": 4,
    "refused_internal_affairs": 2,
    "refused_deliberative": 3,
    "refused_enforcement_file": 3,
    "refused_administrative_query": 3,
    "unavailable_not_held": 21,
    "unavailable_needs_creation": 5,
    "unavailable_unclear": 2,
    "unprocessed_petition": 4,
    "unprocessed_repeat": 3,
    "unprocessed_publication": 1,
    "unprocessed_confirmation": 1,
    "other_uncorrected": 2,
    "other_other": 1,
}
_ITEM_ROWS = ("licences", "other_services", "penalties", "coercive_measures", "fees")


@dataclass(frozen=True, slots=True)
class Profile:
    """The order of magnitude of an issuer's figures."""

    applications: int
    """Applications a year, about."""
    reviews: int
    """Reconsiderations and law suits a year, at most, per procedure."""
    decisions: int
    """Licences granted a year, about."""
    documents: int
    """Normative documents in force, about."""
    rules: bool = False
    """Whether the issuer may make rules (规章); of these, only a prefecture may."""


PREFECTURE = Profile(applications=140, reviews=9, decisions=42000, documents=120, rules=True)
COUNTY = Profile(applications=60, reviews=5, decisions=9000, documents=46)
OFFICE = Profile(applications=24, reviews=2, decisions=0, documents=8)
DEPARTMENT = Profile(applications=9, reviews=1, decisions=700, documents=5)
TOWNSHIP = Profile(applications=3, reviews=1, decisions=40, documents=2)


def generator(*parts: str | int) -> random.Random:
    """A generator that depends on nothing but ``parts``."""
    # Repeatable figures are the point here, secrecy is none.
    return random.Random("/".join(str(part) for part in parts))  # noqa: S311


def series(issuer: str, years: Sequence[int], profile: Profile, seed: int) -> dict[int, Cells]:
    """One issuer's figures for consecutive years, each on the lines of both forms (see ``on_form``)."""
    rng = generator(seed, "figures", issuer)
    carried = _vector(rng, rng.randint(0, profile.applications // 20))
    in_force = {
        "rules": rng.randint(4, 9) if profile.rules else 0,
        "normative_documents": profile.documents + rng.randint(0, 4),
    }
    items = {row: _items(row, profile, rng) for row in _ITEM_ROWS}
    made: dict[int, Cells] = {}
    for year in years:
        requests, carried = _requests(profile, carried, rng)
        made[year] = {
            "disclosure": _disclosure(profile, in_force, items, rng),
            "requests": requests,
            "reviews": _reviews(profile, rng),
        }
    return made


def on_form(cells: Cells, form_of: Mapping[str, str]) -> Cells:
    """The same year's figures with the lines and columns of the given form of each table."""
    fine = {row: dict(columns) for row, columns in cells["requests"].items()}
    fine["other"] = {
        column: sum(
            _whole(fine[row][column]) for row in ("other_uncorrected", "other_unpaid_fee", "other_other")
        )
        for column in fine["concluded"]
    }
    source = {**cells, "requests": fine}
    printed: Cells = {}
    for key in forms.TABLES:
        lines: dict[str, dict[str, Value]] = {}
        for row, column in forms.form(form_of[key]).tables[key].cells():
            name = "fee_amount" if (row.key, column.key) == ("fees", "amount") else column.key
            lines.setdefault(row.key, {})[column.key] = source[key][row.key][name]
        printed[key] = lines
    return printed


def patched(cells: Cells, patch: Mapping[Place, Value]) -> Cells:
    """A copy with some cells replaced; raises ``KeyError`` for a cell that is not there."""
    copy: Cells = {
        table: {row: dict(columns) for row, columns in rows.items()} for table, rows in cells.items()
    }
    for (table, row, column), value in patch.items():
        if column not in copy[table][row]:
            raise KeyError(f"no cell {table}.{row}.{column}")
        copy[table][row][column] = value
    return copy


def _whole(value: Value) -> int:
    if not isinstance(value, int):
        raise TypeError(f"a count was expected, not {value!r}")
    return value


def _vector(rng: random.Random, number: int) -> dict[str, int]:
    """``number`` applications spread over the kinds of applicant."""
    drawn = Counter(rng.choices(APPLICANTS, weights=_APPLICANT_WEIGHTS, k=number))
    return {applicant: drawn[applicant] for applicant in APPLICANTS}


def _line(vector: Mapping[str, int]) -> dict[str, Value]:
    return {**vector, "total": sum(vector.values())}


def _requests(
    profile: Profile, carried_in: Mapping[str, int], rng: random.Random
) -> tuple[dict[str, dict[str, Value]], dict[str, int]]:
    outcomes = forms.form("2021").tables["requests"].outcome_rows
    spread = max(1, profile.applications // 3)
    received = _vector(rng, max(0, profile.applications + rng.randint(-spread, spread)))
    carried_out: dict[str, int] = {}
    answers: dict[str, dict[str, int]] = {row: {} for row in outcomes}
    for applicant in APPLICANTS:
        open_cases = received[applicant] + carried_in[applicant]
        carried_out[applicant] = rng.randint(0, open_cases // 8)
        drawn = Counter(
            rng.choices(
                tuple(_OUTCOME_WEIGHTS),
                weights=tuple(_OUTCOME_WEIGHTS.values()),
                k=open_cases - carried_out[applicant],
            )
        )
        for row in outcomes:
            answers[row][applicant] = drawn[row]
    concluded = {a: sum(answers[row][a] for row in outcomes) for a in APPLICANTS}
    lines = {
        "received": _line(received),
        "carried_in": _line(carried_in),
        **{row: _line(answers[row]) for row in outcomes},
        "concluded": _line(concluded),
        "carried_out": _line(carried_out),
    }
    return lines, carried_out


def _reviews(profile: Profile, rng: random.Random) -> dict[str, dict[str, Value]]:
    lines: dict[str, dict[str, Value]] = {}
    for row in forms.form("2021").tables["reviews"].rows:
        parts = {
            "upheld": rng.randint(0, profile.reviews),
            "corrected": rng.randint(0, profile.reviews // 2),
            "other": rng.randint(0, profile.reviews // 3),
            "pending": rng.randint(0, profile.reviews // 2),
        }
        lines[row.key] = {**parts, "total": sum(parts.values())}
    return lines


def _items(row: str, profile: Profile, rng: random.Random) -> int:
    """Items on the books before the first year."""
    if profile.decisions == 0 or row == "fees":
        return rng.randint(0, 6) if profile.decisions else 0
    return rng.randint(20, 90) + profile.decisions // 200


def _disclosure(
    profile: Profile, in_force: dict[str, int], items: dict[str, int], rng: random.Random
) -> dict[str, dict[str, Value]]:
    """One year of Table 2, on both forms; moves ``in_force`` and ``items`` on to the year's end."""
    lines: dict[str, dict[str, Value]] = {}
    for row in ("rules", "normative_documents"):
        most = max(1, in_force[row] // 6) if in_force[row] else 0
        issued = rng.randint(0, most)
        repealed = rng.randint(0, min(most, in_force[row]))
        in_force[row] += issued - repealed
        lines[row] = {
            "issued": issued,
            "repealed": repealed,
            "in_force": in_force[row],
            "made": issued,
            "disclosed": issued,
            "disclosed_total": in_force[row],
        }
    scale = {"licences": 1.0, "other_services": 0.4, "penalties": 0.1, "coercive_measures": 0.02}
    for row in _ITEM_ROWS:
        change = rng.randint(-items[row] // 6, items[row] // 5)
        lines[row] = {"previous_items": items[row], "change": change}
        items[row] += change
        if row in scale:
            about = int(profile.decisions * scale[row])
            lines[row]["decisions"] = rng.randint(about // 2, about + about // 2)
    lines["fees"]["fee_amount"] = _amount(rng, profile.decisions)
    lines["procurement"] = {
        "items": rng.randint(0, 12 + profile.decisions // 200),
        "amount": _amount(rng, profile.decisions * 3),
    }
    return lines


def _amount(rng: random.Random, about: int) -> Decimal | int:
    """万元, to the hundred yuan."""
    if about == 0:
        return 0
    return Decimal(rng.randint(about * 20, about * 140)) / 100
