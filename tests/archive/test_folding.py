import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.folding import _COMMON, dense, nfkc

# what NFKC changes, what it puts together, and what may stand beside either
_TRICKY = st.text(
    st.sampled_from(
        "，：；（）！？％．～…\u3000\xa0１ａＡ①ｶﾞ\u3099\u0301e\u0338<>=\u1161\u1100가县,. \n\u200bﬁ㎡"
    )
)


@given(st.one_of(st.text(), _TRICKY))
def test_nfkc_is_unicodes(text: str) -> None:
    assert nfkc(text) == unicodedata.normalize("NFKC", text)


def test_the_common_marks_are_those_that_nfkc_changes() -> None:
    assert all(unicodedata.normalize("NFKC", mark) == plain != mark for mark, plain in _COMMON)


@pytest.mark.parametrize("text", ["（一）主动公开，12件。", "ａ＜\u0338ｂ", "１２，３４５", ""])
def test_nfkc_of_what_pages_have(text: str) -> None:
    assert nfkc(text) == unicodedata.normalize("NFKC", text)


@given(st.text(st.sampled_from("甲 \t\n\r\x0b\x0c\x1c\x1f\x85\xa0\u2003\u2028\u3000\u200b乙")))
def test_dense_drops_what_regular_expressions_call_white(text: str) -> None:
    assert dense(text) == re.sub(r"\s+", "", text)
