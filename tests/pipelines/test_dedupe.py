"""Who carries the figures, and who copies: no order of arrival may matter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.candidates import Candidate, CellKey, CellState, Decision, Held
from archive.records import Finding
from archive.rows import candidate, reading
from pipelines.dedupe import arrange, classify, decide, set_aside
from tests.archive import made

RECEIVED = CellKey("requests", "received", "total")
CARRIED = CellKey("requests", "carried_in", "total")
GRANTED = CellKey("requests", "granted", "total")


def original(url: str, values: dict[CellKey, int | None] | None = None, **given: object) -> Candidate:
    values = {RECEIVED: 5, CARRIED: 1} if values is None else values
    figures = {c: CellState(v, "exact" if v is not None else "blank") for c, v in values.items()}
    base = Candidate(
        document=0,
        url=url,
        sha256=f"{url}|{sorted(values.items())}",
        role="page",
        page_url=None,
        home=False,
        published_on="2024-03-01",
        content_hash=f"{sorted(values.items(), key=repr)}",
        text_hash="t",
        parser="1",
        figures=figures,
        seen=("2024-01-01",),
    )
    made_ = replace(base, **given)  # type: ignore[arg-type]
    return replace(made_, document=abs(hash((made_.url, made_.sha256))))


def held_after(arrivals: list[Candidate]) -> list[Candidate]:
    """The originals held after these came one by one, as the store keeps them."""
    held: dict[tuple[str, str], Candidate] = {}
    for new in arrivals:
        decision = decide(list(held.values()), new)
        if decision.action == "unchanged":
            continue
        key = (new.url, new.sha256)
        before = held.get(key)
        seen = before.seen if before else ()
        if decision.action != "reread":
            seen = tuple(sorted({*seen, *new.seen}))
        held[key] = replace(new, seen=seen)
    return list(held.values())


def test_the_first_is_stored_and_the_same_again_changes_nothing() -> None:
    first = original("http://a/1")
    decision = decide([], first)
    assert (decision.action, decision.outcome) == ("stored", "current")
    later = replace(first, seen=("2024-05-01",))
    again = decide([first], later)
    assert again == Decision("unchanged", "current", document=first.document)


def test_other_bytes_with_the_same_content_are_no_change() -> None:
    first = original("http://a/1")
    counter = replace(first, sha256="page counter moved", document=77, seen=("2024-05-01",))
    assert decide([first], counter) == Decision("unchanged", "current", document=first.document)


def test_a_changed_figure_at_the_same_address_is_a_revision_cell_by_cell() -> None:
    first = original("http://a/1", {RECEIVED: 5, CARRIED: None})
    edited = original("http://a/1", {RECEIVED: 6, CARRIED: 0}, seen=("2024-05-01",), text_hash="u")
    decision = decide([first], edited)
    assert (decision.action, decision.outcome) == ("revised", "current")
    assert decision.arrangement is not None
    assert decision.arrangement.superseded == (first.document,)
    one, two = decision.arrangement.revisions
    assert (one.number, one.document, one.changes, one.text_changed) == (1, first.document, None, None)
    assert (two.number, two.document, two.text_changed) == (2, edited.document, True)
    assert {(c.cell, c.old.value, c.new.value) for c in two.changes or ()} == {
        (RECEIVED, 5, 6),
        (CARRIED, None, 0),
    }


def test_a_page_that_goes_back_to_its_first_text_is_a_third_state() -> None:
    first = original("http://a/1", {RECEIVED: 5})
    second = original("http://a/1", {RECEIVED: 6}, seen=("2024-02-01",))
    back = replace(first, seen=("2024-03-01",))
    decision = decide(held_after([first, second]), back)
    assert decision.action == "revised"
    assert decision.arrangement is not None
    assert [r.document for r in decision.arrangement.revisions] == [
        first.document,
        second.document,
        first.document,
    ]
    assert decision.arrangement.current == first.document


def test_two_parser_versions_are_never_taken_for_an_issuers_change() -> None:
    first = original("http://a/1", {RECEIVED: 5})
    edited = original("http://a/1", {RECEIVED: 6}, seen=("2024-05-01",), parser="2")
    arrangement = decide([first], edited).arrangement
    assert arrangement is not None
    assert (arrangement.revisions[1].changes, arrangement.revisions[1].text_changed) == (None, None)
    better = replace(first, content_hash="read better", parser="2")
    assert decide([first], better).action == "reread"
    assert len(arrange([better]).revisions) == 1


def test_an_attachment_with_the_tables_takes_the_page_s_place() -> None:
    page = original("http://a/1", {}, home=True)
    attachment = original("http://a/1.pdf", {RECEIVED: 5}, role="attachment", page_url="http://a/1")
    decision = decide([page], attachment)
    assert (decision.action, decision.outcome) == ("copied", "current")
    assert decision.arrangement is not None
    (copy,) = decision.arrangement.copies
    assert (copy.document, copy.reason, copy.likeness) == (page.document, "page", 0.0)
    # The other way round the page gives way as well.
    assert decide([attachment], page).arrangement == decision.arrangement


def test_copies_say_why_they_are_copies() -> None:
    page = original("http://a/1", {RECEIVED: 5, CARRIED: 1}, home=True)
    pdf = original("http://a/1.pdf", {RECEIVED: 5, CARRIED: 1}, role="attachment", page_url="http://a/1")
    mirror = original("http://b/9", {RECEIVED: 5, CARRIED: None}, text_hash="chrome", content_hash="x")
    wrong = original("http://c/9", {RECEIVED: 7, CARRIED: 1})
    prose = original("http://d/9", {}, content_hash="prose only")
    arrangement = arrange([page, pdf, mirror, wrong, prose])
    assert arrangement.current == page.document
    assert {c.url: (c.reason, c.likeness) for c in arrangement.copies} == {
        "http://a/1.pdf": ("attachment", 1.0),
        "http://b/9": ("mirror", 0.5),
        "http://c/9": ("differs", 0.5),
        "http://d/9": ("no_figures", 0.0),
    }
    assert [c.differing for c in arrangement.copies if c.reason == "differs"] == [(RECEIVED,)]


def test_likeness_of_two_without_any_figure_is_one() -> None:
    (copy,) = arrange([original("http://a/1", {}), original("http://b/1", {})]).copies
    assert (copy.reason, copy.likeness) == ("mirror", 1.0)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (
            {"url": "http://z/1", "values": {RECEIVED: 1, CARRIED: 2}},
            {"url": "http://a/1", "values": {RECEIVED: 1}},
        ),
        ({"url": "http://z/1"}, {"url": "http://a/1", "role": "attachment", "home": True}),
        ({"url": "http://z/1", "home": True}, {"url": "http://a/1", "published_on": "2020-01-01"}),
        ({"url": "http://z/1", "published_on": "2024-02-29"}, {"url": "http://a/1"}),
        ({"url": "http://z/1"}, {"url": "http://a/1", "published_on": None}),
        ({"url": "http://z/1"}, {"url": "http://a/1", "seen": ("2024-01-02",)}),
        (
            {"url": "http://a/1", "seen": ("2024-01-01T09",)},
            {"url": "http://z/1", "seen": ("2024-01-01T08",)},
        ),
        ({"url": "http://a/1"}, {"url": "http://z/1"}),
    ],
    ids=["figures", "role", "home", "earlier", "dated", "known", "same day", "address"],
)
def test_which_carries_the_figures(better: dict[str, object], worse: dict[str, object]) -> None:
    one, two = original(**better), original(**worse)  # type: ignore[arg-type]
    assert arrange([one, two]).current == arrange([two, one]).current == one.document


def test_a_portal_that_is_rebuilt_takes_no_report_s_history_away() -> None:
    first = original("http://z/1", {RECEIVED: 5})
    edited = original("http://z/1", {RECEIVED: 6}, seen=("2024-05-01",))
    elsewhere = original("http://a/1", {RECEIVED: 6}, seen=("2024-09-01",))
    arrangement = arrange([first, edited, elsewhere])
    assert arrangement.current == edited.document
    assert [revision.seen_at for revision in arrangement.revisions] == ["2024-01-01", "2024-05-01"]
    assert [copy.reason for copy in arrangement.copies] == ["mirror"]


@st.composite
def _originals(draw: st.DrawFn) -> list[Candidate]:
    """Up to four addresses with up to four states each, in the order of time within an address."""
    made_: list[Candidate] = []
    for host in draw(st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True)):
        url = f"http://{host}/1"
        role = draw(st.sampled_from(["page", "attachment"]))
        page_url = draw(st.sampled_from([None, "http://a/1"])) if role == "attachment" else None
        home, published = draw(st.booleans()), draw(st.sampled_from([None, "2024-01-05", "2024-01-06"]))
        begins = draw(st.integers(2, 3))
        for day in range(draw(st.integers(1, 4))):
            values = draw(
                st.dictionaries(st.sampled_from([RECEIVED, CARRIED, GRANTED]), st.sampled_from([None, 0, 1]))
            )
            made_.append(
                original(
                    url,
                    values,
                    sha256=draw(st.sampled_from(["x", "y"])) + repr(sorted(values.items())),
                    role=role,
                    page_url=page_url,
                    home=home,
                    published_on=published,
                    seen=(f"2024-0{begins}-0{day + 1}",),
                )
            )
    return made_


def _interleaved(draw: st.DataObject, originals: list[Candidate]) -> list[Candidate]:
    """Another order of arrival that keeps the states of each address in the order of time."""
    urls = draw.draw(st.permutations([c.url for c in originals]))
    queues = {url: [c for c in originals if c.url == url] for url in urls}
    return [queues[url].pop(0) for url in urls]


@settings(max_examples=300, deadline=None)
@given(_originals(), st.data())
def test_the_order_of_arrival_does_not_matter(originals: list[Candidate], data: st.DataObject) -> None:
    expected = held_after(originals)
    other = held_after(_interleaved(data, originals))
    assert arrange(other) == arrange(expected)
    assert sorted(other, key=repr) == sorted(expected, key=repr)


@settings(max_examples=200, deadline=None)
@given(_originals())
def test_what_came_last_changes_nothing_a_second_time(originals: list[Candidate]) -> None:
    held = held_after(originals)
    for url in {c.url for c in originals}:
        last = [c for c in originals if c.url == url][-1]
        assert decide(held, replace(last, seen=("2025-01-01",))).action == "unchanged"


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_states_with_different_content_may_come_in_any_order(data: st.DataObject) -> None:
    states = [original("http://a/1", {RECEIVED: n}, seen=(f"2024-02-0{n}",)) for n in range(1, 5)]
    assert arrange(held_after(data.draw(st.permutations(states)))) == arrange(states)


def test_the_first_of_its_report_is_decided_on_without_its_figures_and_prose() -> None:
    shot, report = (
        made.snapshot("http://a/1"),
        made.report({("requests", "received"): 7}, text="一句。又一句。"),
    )
    read = reading(shot, report)
    whole, bare = candidate(shot, read), candidate(shot, read, alone=True)
    assert whole.valued
    assert whole.sentences
    assert (bare.valued, bare.sentences) == (0, ())
    assert decide([], bare) == decide([], whole)
    assert decide([], whole).action == "stored"


def _classified(**said: Any) -> Decision | None:
    return classify(reading(made.snapshot("http://a/1"), made.report(**said)))


def test_classify_tells_what_carries_no_report() -> None:
    assert _classified() is None
    unreadable = _classified(error="no such font")
    assert unreadable == Decision("unreadable", "unreadable", "no such font")
    refused = _classified(is_report=False, findings=(Finding("not_a_report", "a notice"),))
    assert refused is not None
    assert (refused.outcome, "a notice" in (refused.reason or "")) == ("refused", True)
    findings = (Finding("issuer_unknown", "no signature"), Finding("reader", "a span was cut"))
    unassigned = _classified(agency=None, year=None, findings=findings)
    assert unassigned is not None
    assert unassigned.outcome == "unassigned"
    assert unassigned.reason == "未能确定发布机关和年度：no signature；a span was cut（共 2 条发现）"


def test_set_aside_never_makes_less_of_what_is_known() -> None:
    refused = Decision("refused", "refused", "why")
    assert set_aside([], "s", "h", refused) == refused
    current = Held(1, "s", "current", "h", 9)
    assert set_aside([current], "s", "h", refused) == Decision("unchanged", "current", document=1)
    unreadable = Held(2, "s", "unreadable", None, None)
    assert set_aside([unreadable], "s", "h", refused) == refused
    token_moved = Held(3, "other bytes", "refused", "h", None)
    assert set_aside([token_moved], "s", "h", refused) == Decision("unchanged", "refused", document=3)
    assert set_aside([token_moved], "s", "other content", refused) == refused


# -- a portal that moves ---------------------------------------------------------------------

OLD, NEW = "http://old/nb/1.html?a=2", "https://new/nb/1.html?a=2"
EDITED = {RECEIVED: 6, CARRIED: 1}


def moved(**given: object) -> list[Candidate]:
    """A page, the same at its portal's new address, and there altered."""
    common = {"portal": "shili"} | given
    return [
        original(OLD, portal="shili", seen=("2024-01-01",)),
        original(NEW, seen=("2024-04-01",), **common),
        original(NEW, EDITED, seen=("2024-08-01",), text_hash="u", **common),
    ]


def test_an_edit_at_the_new_address_of_a_portal_is_a_revision() -> None:
    old, same, edited = moved()
    assert decide([old], same).outcome == "copy"  # a mirror, until something changes
    decision = decide([old, same], edited)
    assert (decision.action, decision.outcome) == ("revised", "current")
    found = decision.arrangement
    assert found is not None
    assert (found.current, found.copies, found.moved) == (edited.document, (), (old.document,))
    assert found.superseded == (same.document,)
    one, two = found.revisions
    assert (one.document, one.seen_at, two.document, two.seen_at) == (
        old.document, "2024-01-01", edited.document, "2024-08-01"
    )  # fmt: skip
    assert two.changes is not None
    assert [(c.cell, c.old.value, c.new.value) for c in two.changes] == [(RECEIVED, 5, 6)]
    # The old address as it was, come late (a reparse reads in any order): the outcome is the same.
    assert arrange([edited, same, old]) == found


@pytest.mark.parametrize("given", [{"portal": "another"}, {"portal": None}, {"url": "https://new/nb/2.html"}])
def test_another_portal_or_page_stays_a_contradiction(given: dict[str, object]) -> None:
    old, same, edited = (replace(one, **given) if n else one for n, one in enumerate(moved()))  # type: ignore[arg-type]
    found = arrange([old, same, edited])
    assert (found.current, found.moved) == (old.document, ())
    assert [copy.reason for copy in found.copies] == ["differs"]


def test_a_page_that_never_said_the_same_at_its_new_address_stays_a_contradiction() -> None:
    old, _, edited = moved()
    found = arrange([old, edited])
    assert [copy.reason for copy in found.copies] == ["differs"]


def test_an_old_address_that_shows_the_edit_too_was_not_left() -> None:
    old, same, edited = moved()
    again = original(OLD, EDITED, portal="shili", seen=("2024-09-01",), text_hash="u")
    found = arrange([old, same, edited, again])
    assert (found.current, found.moved) == (again.document, ())
    assert [copy.reason for copy in found.copies] == ["mirror"]
    assert [revision.seen_at for revision in found.revisions] == ["2024-01-01", "2024-09-01"]


def test_a_portal_may_move_twice() -> None:
    old, same, edited = moved()
    third = "https://third/nb/1.html?a=2"
    there = replace(edited, url=third, document=7, sha256="7", seen=("2024-09-01",))
    twice = original(third, {RECEIVED: 7, CARRIED: 1}, seen=("2024-10-01",), portal="shili", text_hash="v")
    found = arrange([old, same, edited, there, twice])
    assert (found.current, found.copies) == (twice.document, ())
    assert found.moved == tuple(sorted((old.document, edited.document)))
    assert [revision.seen_at for revision in found.revisions] == ["2024-01-01", "2024-08-01", "2024-10-01"]
    assert [len(revision.changes or ()) for revision in found.revisions] == [0, 1, 1]


@given(st.permutations(range(3)))
def test_a_moved_report_does_not_depend_on_the_order(order: list[int]) -> None:
    all_of_it = moved()
    assert arrange([all_of_it[n] for n in order]) == arrange(all_of_it)
