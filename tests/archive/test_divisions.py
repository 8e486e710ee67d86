"""The registry of divisions: codes, names, former names, zones, and names read off a text."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import divisions
from archive.divisions import DEFAULT, build

SOURCE = Path(__file__).resolve().parents[2] / "../shared/divisions"
FOLDER = Path(divisions.__file__).parent


def test_the_rows_are_whole() -> None:
    rows = divisions.rows()
    codes = [row["code"] for row in rows]
    assert len(rows) > 3200
    assert len(set(codes)) == len(codes)
    assert all(code and code.isdigit() and len(code) in (6, 9) for code in codes)
    assert {row["level"] for row in rows} == {"province", "prefecture", "county", "zone"}
    seen: set[str | None] = {None}
    for row in rows:
        assert row["parent"] in seen, row
        assert row["full_name"]
        assert row["province"]
        seen.add(row["code"])
    assert sum(row["level"] == "province" for row in rows) == 31


@pytest.mark.parametrize(
    ("code", "full"),
    [
        ("410103", "河南省郑州市二七区"),
        ("110105", "北京市朝阳区"),
        ("429004", "湖北省仙桃市"),
        ("441900", "广东省东莞市"),
        ("430100901", "湖南省长沙市长沙高新技术产业开发区"),
    ],
)
def test_full_names(code: str, full: str) -> None:
    assert divisions.full_name(code) == full


def test_chain_and_province() -> None:
    assert [d.code for d in divisions.chain("430902")] == ["430000", "430900", "430902"]
    assert divisions.province("350128901") == "福建省"
    assert divisions.get("999999") is None
    assert divisions.get(None) is None
    assert divisions.chain("") == ()


def test_a_former_code_leads_to_todays() -> None:
    today = {code: d.code for code in ("320683", "110221", "110103") if (d := divisions.get(code))}
    assert today == {"320683": "320612", "110221": "110114", "110103": "110101"}
    split = divisions.get("330104")  # 江干区 went to two districts
    assert split is not None
    assert split.code == "330100"
    township = divisions.get("330803101")
    assert township is not None
    assert township.code == "330803"


def test_a_bare_name_has_several_bearers() -> None:
    assert [d.code for d in divisions.find("鼓楼区")] == ["320106", "320302", "350102", "410204"]
    assert [d.code for d in divisions.find("鼓楼区", within="350100")] == ["350102"]
    assert [d.code for d in divisions.find("长沙高新区")] == ["430100901"]
    assert divisions.find("没有这个县") == ()


@pytest.mark.parametrize(
    ("text", "hint", "code"),
    [
        ("郑州市二七区人民政府", None, "410103"),
        ("益阳市资阳区人民政府", None, "430902"),
        ("湖南益阳资阳区人民政府", None, "430902"),
        ("通化市二道江区东通化街道办事处", None, "220503"),
        ("二道江区东通化街道办事处", None, "220503"),
        ("长沙高新技术产业开发区管理委员会", None, "430100901"),
        ("河北省沧州市气象局", None, "130900"),
        ("河北省雄县人民政府", None, "130638"),
        ("雄安新区容城县人民政府", None, "130629"),
        ("威海市文登人民政府办公室", None, "371003"),
        ("吉林省吉林市审计局", None, "220200"),
        ("海南州共和县", None, "632521"),
        ("恩施州利川市人民政府", None, "422802"),
        ("南京海关", None, "320100"),
        ("鼓楼区教育局", None, None),
        ("鼓楼区教育局", "320100", "320106"),
        ("鼓楼区教育局", "320104", "320106"),
        ("鼓楼区教育局", "320000", None),
        ("鼓楼区教育局", "350102", "350102"),
        ("朝阳区", "220100", "220104"),
        ("高新区管委会", None, None),
        ("高新区管委会", "430100", "430100901"),
        ("高新区管委会", "430200", None),
        ("长沙市高新区", None, "430100901"),
        ("通州市教育局", None, "320612"),
        ("昌平县人民政府", None, "110114"),
        ("北京市崇文区人民政府", None, "110101"),
        ("襄樊市人民政府", None, "420600"),
        ("杭州市江干区人民政府", None, "330100"),
        ("江北区审计局", None, None),
        ("江北区审计局", "330200", "330205"),
        ("衢江区湖南镇", "330303", "330803"),
        ("大同镇人民政府", None, None),
        ("湖南镇", None, None),
        ("城区街道办事处", "140300", None),
        ("审计局", "140300", None),
        ("", None, None),
    ],
)
def test_resolve(text: str, hint: str | None, code: str | None) -> None:
    found = divisions.resolve(text, hint)
    assert (found.code if found else None) == code


def test_extra_divisions_leave_the_default_alone() -> None:
    rows: list[dict[str, object]] = [
        {"code": "990000", "name": "示例省", "level": "province", "parent": None},
        {"code": "990100", "name": "样本市", "level": "prefecture", "parent": "990000"},
        {"code": "990102", "name": "例证区", "level": "county", "parent": "990100"},
        {"code": "990100901", "name": "样本高新技术产业开发区", "level": "zone", "parent": "990100",
         "aliases": "样本高新区", "bare": ["高新区"]},
    ]  # fmt: skip
    extended = divisions.with_extra(rows)
    found = extended.resolve("样本市例证区审计局")
    assert found is not None
    assert found.code == "990102"
    assert extended.province("990102") == "示例省"
    zone = extended.resolve("高新区管委会", "990102")
    assert zone is not None
    assert zone.code == "990100901"
    assert len(extended) == len(DEFAULT) + 4
    assert divisions.get("990102") is None
    assert divisions.resolve("样本市例证区审计局") is None


@pytest.mark.parametrize(
    "row",
    [
        {"code": "410103", "name": "别处", "level": "county", "parent": "410100"},
        {"code": "99", "name": "别处", "level": "county", "parent": None},
        {"code": "990001", "name": "别处", "level": "county", "parent": "980000"},
        {"code": "990001", "name": "", "level": "county", "parent": None},
    ],
)
def test_a_bad_extra_row_is_refused(row: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="division"):
        divisions.with_extra([row])


def test_zone_codes_follow_their_scheme() -> None:
    with (FOLDER / "zones.csv").open(encoding="utf-8", newline="") as handle:
        zones = list(csv.DictReader(handle))
    assert len(zones) > 40
    for zone in zones:
        parent = divisions.get(zone["parent"])
        assert parent is not None, zone
        assert parent.level != "zone"
        assert zone["code"] == "133100" or (zone["code"][:6] == zone["parent"] and zone["code"][6:] > "900")
        assert zone["committee"]
        for alias in [zone["name"], *filter(None, zone["aliases"].split("|"))]:
            found = divisions.resolve(alias + "管委会")
            assert found is not None, alias
            assert found.code == zone["code"], alias


def test_the_files_are_what_build_makes_of_the_source(tmp_path: Path) -> None:
    if not SOURCE.exists():
        pytest.skip("no source folder here")
    build.main(SOURCE, tmp_path)
    for name in ("divisions.csv", "history.csv"):
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes()


def test_every_division_is_found_by_its_full_name() -> None:
    missed = [
        row["code"]
        for row in divisions.rows()
        if (found := divisions.resolve(f"{row['full_name']}人民政府")) is None or found.code != row["code"]
    ]
    assert missed == []


@given(st.text(max_size=60), st.sampled_from([None, "410103", "430100901", "000000", "x"]))
def test_no_text_makes_it_raise(text: str, hint: str | None) -> None:
    divisions.resolve(text, hint)
    divisions.find(text)
