"""A second table of titles, written before the code was looked at again, and measured as it is.

The titles have the shapes of those in a stored real list (a zone's report column that mixes in
the city's reports and news), in excerpts of real reports and in the family notes; the adversarial ones put
a word of exclusion into an issuer's name, or a report's words into something else. What
each must be: ``report`` (with its year, ``None`` where nothing says it), ``list`` (a collection
of several issuers' or years' reports: walked), ``no``, or ``not_report`` (a menu's own name: a
list or nothing, but never fetched as a report).
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from archive import titles
from spiders.titles import judge


class Case(NamedTuple):
    title: str
    kind: str
    year: int | None = None
    column: str | None = None
    agency: str | None = None


COLUMN = "政府信息公开年报"

REPORTS = [
    # As lists have them.
    Case("平潭综合实验区2025年度政府信息公开工作年度报告", "report", 2025, COLUMN, "平潭综合实验区"),
    Case("鄂尔多斯市2019年政府信息公开工作年度报告", "report", 2019, "信息公开年报", "鄂尔多斯市"),
    Case("鄂尔多斯市人民政府办公室2019年政府信息公开工作年度报告", "report", 2019, "信息公开年报"),
    Case("鄂尔多斯市2018年政府信息公开年度报告", "report", 2018, "信息公开年报", "鄂尔多斯市"),
    Case("内蒙古自治区2018年政府信息公开工作年度报告", "report", 2018, None, "内蒙古自治区"),
    Case("国家能源局2011年政府信息公开工作年度报告", "report", 2011, None, "国家能源局"),
    Case("大庆市住房公积金管理中心2025年政府信息公开工作年度报告", "report", 2025),
    Case(
        "上海市黄浦区人民政府2022年政府信息公开工作年度报告（超链版）",
        "report",
        2022,
        None,
        "上海市黄浦区人民政府",
    ),
    Case("2014奋发镇政府信息公开工作年度报告", "report", 2014, None, "奋发镇"),
    Case("河北省沧州市气象局2021年政府信息公开工作年度报告", "report", 2021, None, "河北省沧州市气象局"),
    Case("长桥乡2019年政府信息公开年度工作报告", "report", 2019, None, "长桥乡"),
    Case("2022年政府信息公开工作年度报告", "report", 2022),
    Case("上海市劳动和社会保障局2005年政府信息公开年报", "report", 2005),
    # Issuers whose names hold a word of exclusion.
    Case("临河市审计局2021年政府信息公开工作年度报告", "report", 2021, None, "临河市审计局"),
    Case("区统计局2023年政府信息公开工作年度报告", "report", 2023, None, "区统计局"),
    Case("市城市管理行政执法局2020年政府信息公开工作年度报告", "report", 2020, None, "市城市管理行政执法局"),
    Case("县中小企业局2013年度政府信息公开工作年度报告", "report", 2013, None, "县中小企业局"),
    Case("市档案局2016年政府信息公开年度报告", "report", 2016, None, "市档案局"),
    Case("省信访局2018年政府信息公开工作年度报告", "report", 2018, None, "省信访局"),
    Case("区政务公开办2019年政府信息公开工作年度报告", "report", 2019, None, "区政务公开办"),
    Case("市年鉴社2015年政府信息公开工作年度报告", "report", 2015, None, "市年鉴社"),
    Case("县法制办2017年度政府信息公开年报", "report", 2017, None, "县法制办"),
    Case("中共临河县委机构编制委员会办公室2022年政府信息公开工作年度报告", "report", 2022),
    Case("市编制委员会办公室2012年政府信息公开年报", "report", 2012),
    Case("市绩效考核办公室2014年政府信息公开工作年度报告", "report", 2014, None, "市绩效考核办公室"),
    Case("县目标管理督查考核局2013年度政府信息公开工作年度报告", "report", 2013),
    Case("省地震安全性评估中心2019年政府信息公开工作年度报告", "report", 2019),
    Case("市公务员培训中心2018年政府信息公开年度报告", "report", 2018, None, "市公务员培训中心"),
    Case("市机关财务结算中心2016年政府信息公开年报", "report", 2016, None, "市机关财务结算中心"),
    Case("财政部驻某省财政监察专员办事处2014年政府信息公开年度报告", "report", 2014),
    Case("区企业服务局2021年政府信息公开工作年度报告", "report", 2021, None, "区企业服务局"),
    Case("省社会组织管理局2020年政府信息公开工作年度报告", "report", 2020, None, "省社会组织管理局"),
    Case("市政府网站管理中心2017年政府信息公开工作年度报告", "report", 2017, None, "市政府网站管理中心"),
    Case("市预算编审中心2016年政府信息公开年度报告", "report", 2016, None, "市预算编审中心"),
    Case("县融媒体中心（新媒体中心）2023年政府信息公开工作年度报告", "report", 2023),
    Case("市视频监控中心2018年度政府信息公开年度报告", "report", 2018),
    Case("国家统计局临河调查队2022年政府信息公开工作年度报告", "report", 2022, None, "国家统计局临河调查队"),
    Case("审计署驻沈阳特派员办事处2019年政府信息公开工作年度报告", "report", 2019),
    Case("临河市人民政府法治政府建设办公室2019年政府信息公开工作年度报告", "report", 2019),
    Case("县地方志（年鉴）编纂委员会办公室2020年政府信息公开工作年度报告", "report", 2020),
    # Word orders and word forms.
    Case("临河市2020年度政府信息公开工作报告", "report", 2020, None, "临河市"),
    Case("临河市人民政府关于2012年度政府信息公开工作情况的报告", "report", 2012),
    Case("关于2018年政府信息公开工作年度报告", "report", 2018),
    Case("县教育局政府信息公开工作2020年度报告", "report", 2020, None, "县教育局"),
    Case("县教育局政府信息公开2020年工作年度报告", "report", 2020),
    Case("2019年度临河区卫生健康局政府信息公开工作年度报告", "report", 2019, None, "临河区卫生健康局"),
    Case("2019年临河区信息公开工作年报", "report", 2019, None, "临河区"),
    Case("临河区信息公开年报（2015年）", "report", 2015, None, "临河区"),
    Case("临河区政府信息公开年度报告(2014年度)", "report", 2014),
    Case("市司法局 2021 年 政府信息公开 工作年度报告", "report", 2021, None, "市司法局"),
    Case("市司法局_2021年政府信息公开工作年度报告", "report", 2021),
    Case("【年报】市水务局2022年政府信息公开工作年度报告", "report", 2022),
    Case("·市水务局2022年政府信息公开工作年度报告", "report", 2022),
    Case("市水务局2022年政府信息公开工作年度报告.pdf", "report", 2022),
    Case("附件：市水务局2022年政府信息公开工作年度报告.docx", "report", 2022),
    Case("附件1.市水务局2022年政府信息公开工作年度报告.doc", "report", 2022),
    Case("市水务局2022年政府信息公开工作年度报告（全文）", "report", 2022),
    Case("市水务局2022年政府信息公开工作年度报告（PDF版）", "report", 2022),
    Case("市水务局2022年政务信息公开年度报告", "report", 2022),
    Case("市水务局2022年信息主动公开年度报告", "report", 2022),
    Case("市水务局二〇一九年政府信息公开年度报告", "report", 2019, None, "市水务局"),
    Case("市水务局二○一八年度政府信息公开工作年度报告", "report", 2018, None, "市水务局"),
    Case("市水务局二零一七年政府信息公开年报", "report", 2017, None, "市水务局"),
    Case("市水务局二Ｏ一六年政府信息公开年报", "report", 2016),
    Case("二0一五年政府信息公开工作年度报告", "report", 2015),
    Case("市水务局２０２０年政府信息公开工作年度报告", "report", 2020, None, "市水务局"),
    Case("市水务局2020年政府信息公开工作年度报告（更正版）", "report", 2020, None, "市水务局"),
    Case("市水务局2020年政府信息公开工作年度报告（修订）", "report", 2020),
    Case("市水务局2020年政府信息公开工作年度报告（修改稿）", "report", 2020),
    Case("（更正）市水务局2020年政府信息公开工作年度报告", "report", 2020),
    Case("市水务局2020年政府信息公开工作年度报告（重新发布）", "report", 2020),
    Case("《市水务局2020年政府信息公开工作年度报告》", "report", 2020),
    Case("“市水务局2020年政府信息公开工作年度报告”", "report", 2020),
    Case("中华人民共和国临河海关2020年政府信息公开工作年度报告", "report", 2020),
    Case(
        "国家税务总局临河市税务局2022年政府信息公开工作年度报告",
        "report",
        2022,
        None,
        "国家税务总局临河市税务局",
    ),
    Case("临河高新技术产业开发区管委会2021年度政府信息公开工作年度报告", "report", 2021),
    Case("市人民政府驻北京办事处2019年政府信息公开工作年度报告", "report", 2019),
    Case("县残疾人联合会2023年度信息公开年度报告", "report", 2023, None, "县残疾人联合会"),
    Case("城关街道办事处政府信息公开工作年度报告（2023年度）", "report", 2023, None, "城关街道办事处"),
    Case("2023年1月1日至12月31日城关镇政府信息公开工作年度报告", "report", 2023),
    Case("2024年公布的城关镇2023年政府信息公开工作年度报告", "report", 2023),
    Case("城关镇2023年政府信息公开工作年度报告 2024-01-25", "report", 2023, None, "城关镇"),
    Case("2024-01-25 城关镇2023年政府信息公开工作年度报告", "report", 2023),
    Case("临河市2012年度政府信息公開工作年度報告", "report", 2012),
    Case("2018年政府信息公开年度报告公示", "report", 2018),
    # The year stands elsewhere, or the words of the column are left out.
    Case("城关镇政府信息公开工作年度报告", "report", None),
    Case("城关镇人民政府政府信息公开年报", "report", None, COLUMN),
    Case("城关镇政府信息公开工作年度报告", "report", 2021, "2021年政府信息公开工作年度报告"),
    Case("市教育局", "report", 2023, "2023年度各部门政府信息公开年报汇总"),
    Case("市审计局", "report", 2023, "2023年度各部门政府信息公开年报汇总"),
    Case("市教育局2023年年度报告", "report", 2023, COLUMN),
    Case("2022年度报告", "report", 2022, COLUMN),
    Case("2021年报", "report", 2021, COLUMN),
    Case("2020年年报", "report", 2020, "信息公开年度报告"),
    Case("市审计局2019年年报", "report", 2019, COLUMN),
    Case("市统计局2018年度报告", "report", 2018, COLUMN),
    Case("年度报告（2016）", "report", 2016, COLUMN),
    Case("2017年度工作报告", "report", 2017, COLUMN),
    # Several years in one text are no year.
    Case("市水务局2008-2012年政府信息公开年度报告", "report", None),
    Case("市水务局2008年至2010年政府信息公开工作年度报告", "report", None),
    Case("市水务局2008—2009年度政府信息公开年报", "report", None),
    # English, as bilingual portals and file names have it.
    Case(
        "Linhe Municipal Government 2023 Annual Report on Government Information Disclosure", "report", 2023
    ),
    Case("2019 Annual Report on Open Government Information", "report", 2019),
    Case("Annual Report of Government Information Disclosure 2015.pdf", "report", 2015),
]

LISTS = [
    Case("2023年各县（市、区）政府信息公开工作年度报告汇总", "list"),
    Case("市政府各部门2022年政府信息公开年报", "list"),
    Case("各镇（街道）政府信息公开年报", "list"),
    Case("2021年度区属各单位信息公开年度报告", "list"),
    Case("2020年市直部门政府信息公开年度报告汇总", "list"),
    Case("区县政府信息公开年度报告", "list"),
    Case("各区2023年政府信息公开工作年度报告", "list"),
    Case("市直各单位2019年政府信息公开年报", "list"),
    Case("乡镇街道政府信息公开年报", "list"),
    Case("历年政府信息公开年报", "list"),
    Case("部门年报", "list", None, COLUMN),
    Case("各委办局年报", "list", None, COLUMN),
    Case("区县年报", "list", None, COLUMN),
]

OTHERS = [
    # A menu's own names.
    Case("政府信息公开年报", "not_report", None, COLUMN),
    Case("信息公开年报", "not_report", None, COLUMN),
    Case("政府信息公开年度报告", "not_report", None, COLUMN),
    Case("政府信息公开工作年度报告", "not_report"),
    Case("年报", "not_report", None, COLUMN),
    Case("更多>>", "no", None, COLUMN),
    Case("首页", "no", None, "2023年度各部门政府信息公开年报汇总"),
    Case("网站地图", "no", None, "2023年度各部门政府信息公开年报汇总"),
    Case("关于我们", "no", None, "2023年度各部门政府信息公开年报汇总"),
    Case("下一页", "no", None, COLUMN),
    # About reports.
    Case("关于做好2023年政府信息公开工作年度报告编制工作的通知", "no"),
    Case("关于印发《2022年政府信息公开工作年度报告编制要求》的通知", "no"),
    Case("关于报送2012年政府信息公开年度报告的函", "no"),
    Case("《临河市2022年政府信息公开工作年度报告》解读", "no"),
    Case("一图读懂临河市2022年政府信息公开工作年度报告", "no"),
    Case("图解：临河市2022年政府信息公开工作年度报告", "no"),
    Case("临河市2022年政府信息公开工作年度报告（图解）", "no"),
    Case("视频解读｜2022年政府信息公开工作年度报告", "no"),
    Case("我区召开政府信息公开年度报告编制培训会", "no"),
    Case("2022年政府信息公开年度报告考核评分表", "no"),
    Case("中华人民共和国政府信息公开工作年度报告格式", "no"),
    Case("政府信息公开工作年度报告制度", "no", None, COLUMN),
    Case("政府信息公开年度报告模板.doc", "no", None, COLUMN),
    Case("2021年政府信息公开年度报告第三方评估报告", "no"),
    Case("关于2020年政府信息公开年度报告发布情况的通报", "no"),
    Case("2022年度政府信息公开年报填报指南", "no"),
    Case("政府信息公开年度报告目录", "no"),
    # Beside reports.
    Case("政府信息公开指南", "no", None, COLUMN),
    Case("政府信息公开制度", "no", None, COLUMN),
    Case("政府信息公开目录", "no", None, COLUMN),
    Case("依申请公开", "no", None, COLUMN),
    Case("2023年政府信息公开工作要点", "no", None, COLUMN),
    Case("2023年政务公开工作总结", "no", None, COLUMN),
    Case("2023年第一季度政府信息公开工作报告", "no"),
    Case("2022年上半年政府信息公开工作情况报告", "no"),
    Case("2021年3月份政府信息公开工作报告", "no"),
    Case("2022年三季度信息公开年报统计", "no"),
    Case("2023年法治政府建设年度报告", "no", None, COLUMN),
    Case("市审计局2022年法治政府建设情况报告", "no", None, COLUMN),
    Case("2022年政府网站工作年度报表", "no", None, COLUMN),
    Case("市统计局政府网站工作年度报表（2021年度）", "no", None, COLUMN),
    Case("2022年度部门决算公开", "no", None, COLUMN),
    Case("2022年度部门预算执行审计报告", "no", None, COLUMN),
    Case("2021年度财务报告", "no", None, COLUMN),
    Case("2021年度绩效评价报告", "no", None, COLUMN),
    Case("2022年度审计工作报告", "no", None, COLUMN),
    Case("2023年政府工作报告", "no", None, COLUMN),
    Case("2023年统计年鉴", "no", None, COLUMN),
    Case("企业年报公示公告", "no", None, COLUMN),
    Case("2022年度企业年度报告公示", "no", None, COLUMN),
    Case("事业单位法人年度报告书（2022年度）", "no", None, COLUMN),
    Case("社会组织2022年度年报情况公告", "no", None, COLUMN),
    Case("2022年政务新媒体年度报告", "no", None, COLUMN),
    Case("2022年环境质量年报", "no", None, COLUMN),
    Case("2022—2023学年信息公开工作年度报告", "no"),
    Case("临河学院2022-2023学年度信息公开年度报告", "no"),
    Case("恩格贝生态示范区召开2020年度工作会暨党风廉政建设会议", "no", None, "信息公开年报"),
    Case("恩格贝生态示范区召开目标责任制考核表彰大会", "no", None, "信息公开年报"),
    Case("一图读懂示范区2017年重点工作", "no", None, "信息公开年报"),
    Case("2016，恩格贝，精彩继续！", "no", None, "信息公开年报"),
    Case("定西市政府信息公开情况统计报表", "no"),
    Case("2022年政府信息公开申请情况统计表", "no"),
    Case("2022年党务公开工作年度报告", "no"),
    Case("Annual Report on Environmental Quality 2020", "no"),
    Case("Report on the Work of the Government (2021)", "no"),
    Case("Government Information Disclosure Guide", "no"),
]

TABLE = [*REPORTS, *LISTS, *OTHERS]


def _kind(case: Case) -> str:
    found = judge(case.title, column=case.column)
    return "list" if found.is_collection else "report" if found.is_candidate else "no"


def _fits(case: Case) -> bool:
    got = _kind(case)
    return got != "report" if case.kind == "not_report" else got == case.kind


def measure(table: list[Case]) -> dict[str, float]:
    """Precision and recall of ``report``, share of right kinds, of right years and of right issuers."""
    got = {case: _kind(case) for case in table}
    right = [case for case in table if got[case] == "report" and case.kind == "report"]
    taken = sum(kind == "report" for kind in got.values())
    wanted = sum(case.kind == "report" for case in table)
    years = sum(judge(c.title, column=c.column).year == c.year for c in right)
    named = [case for case in right if case.agency]
    agencies = sum((t := titles.parse(c.title)) is not None and t.agency == c.agency for c in named)
    return {
        "titles": len(table),
        "precision": len(right) / taken,
        "recall": len(right) / wanted,
        "kinds": sum(_fits(case) for case in table) / len(table),
        "years": years / len(right),
        "agencies": agencies / len(named),
    }


def test_the_second_table_is_large_and_mixed() -> None:
    assert len({(case.title, case.column) for case in TABLE}) == len(TABLE) >= 120
    assert len(REPORTS) >= 60
    assert len(LISTS) + len(OTHERS) >= 60


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.title)
def test_a_title_is_what_it_is(case: Case) -> None:
    found = judge(case.title, column=case.column)
    assert _fits(case), f"{_kind(case)}: {found.reason}"
    if case.kind == "report":
        assert found.year == case.year


@pytest.mark.parametrize("case", [case for case in REPORTS if case.agency], ids=lambda case: case.title)
def test_an_issuer_is_whole_in_its_title(case: Case) -> None:
    title = titles.parse(case.title)
    assert title is not None
    assert title.agency == case.agency


def test_precision_and_recall(capsys: pytest.CaptureFixture[str]) -> None:
    found = measure(TABLE)
    with capsys.disabled():
        print("\nheld-out titles: " + ", ".join(f"{name} {value:.3f}" for name, value in found.items()))
    assert found["precision"] == 1.0
    assert found["recall"] == 1.0
