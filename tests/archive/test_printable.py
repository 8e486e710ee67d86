from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from archive import printable


def test_what_a_terminal_would_obey_is_shown() -> None:
    assert (
        printable.line("甲\x1b[2J\r\n乙\x00\u202e丙\ud800  丁") == "甲\ufffd[2J  乙\ufffd\ufffd丙\ufffd  丁"
    )
    assert printable.line("示例县（a）：失灵 https://a/?b=c") == "示例县（a）：失灵 https://a/?b=c"


@given(st.text(st.characters()))
def test_it_is_one_line_of_utf_8(text: str) -> None:
    shown = printable.line(text)
    assert len(shown.splitlines()) <= 1
    assert not {character for character in shown if character < " "}
    shown.encode()
