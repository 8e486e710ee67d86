"""Text of the six sections, in sentences of our own, agreeing with the tables."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from demo import indicators
from demo.figures import generator
from demo.publication import Publication

_HEADINGS = (
    "一、总体情况",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "六、其他需要报告的事项",
)
#: Headings that issuers write instead, by number.
_OTHER_HEADINGS = {1: "一、概述", 5: "五、存在的主要问题及改进措施"}


@dataclass(frozen=True, slots=True)
class Text:
    """A report's prose: what stands before the first heading, the sections, the signature."""

    preface: tuple[str, ...]
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    signature: tuple[str, ...]


def write(publication: Publication, seed: int) -> Text:
    """The prose of one report; the same for the same seed."""
    rng = generator(seed, "prose", publication.agency, publication.year)
    day = publication.published_on
    signature = publication.agency, f"{day.year}年{day.month}月{day.day}日"
    if publication.listed is not None:
        return Text((_preface(publication),), _before_2019(publication, rng), signature)
    if publication.real:
        sections = _real_sections(publication)
        headings: Sequence[str] = _HEADINGS
    else:
        sections = _sections(publication, rng)
        headings = [
            _OTHER_HEADINGS.get(n, heading) if rng.random() < 0.15 else heading
            for n, heading in enumerate(_HEADINGS, start=1)
        ]
    return Text(
        preface=(_preface(publication),),
        sections=tuple(zip(headings, sections, strict=True)),
        signature=signature,
    )


def _before_2019(publication: Publication, rng: random.Random) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Headings as reports had them when no form prescribed any."""
    place = rng.choice(("门户网站", "政务大厅的查阅点", "档案馆和图书馆的查阅点"))
    received = indicators.total(publication.cells, "applications")
    told = f"全年收到政府信息公开申请{received}件。" if received is not None else "申请的办理情况见附表。"
    problem = rng.choice(("部分栏目更新较慢。", "依申请公开的答复格式还不统一。", "查阅点的设备有待更新。"))
    return (
        ("一、概述", ("本年度调整了公开目录，明确了各科室的公开职责。",)),
        ("二、主动公开政府信息情况", (f"主动公开的信息都可以在{place}查到，各渠道的数量见附表。",)),
        ("三、依申请公开政府信息情况", (told,)),
        ("四、政府信息公开的收费及减免情况", ("收费情况见附表。",)),
        ("五、因政府信息公开申请行政复议、提起行政诉讼的情况", ("复议和诉讼的件数见附表。",)),
        ("六、存在的主要问题及改进措施", (f"{problem}下一年将逐项改进。",)),
    )


def _preface(publication: Publication) -> str:
    year = publication.year
    who = publication.agency if publication.real else "本机关"
    opening = f"{year}年，{who}依照《中华人民共和国政府信息公开条例》办理政府信息公开事务，现公布本年度报告。"
    return opening + f"所列数据的统计期限自{year}年1月1日起，至{year}年12月31日止。"


def applications(publication: Publication) -> str:
    """What the narrative says of Table 3."""

    def total(row: str) -> str:
        return str(publication.figure("requests", row, "total"))

    return (
        f"本年度新收政府信息公开申请{total('received')}件，上年结转{total('carried_in')}件；"
        f"办结{total('concluded')}件，结转下年度继续办理{total('carried_out')}件。"
    )


def _shares(publication: Publication) -> str:
    received = publication.figure("requests", "received", "total")
    persons = publication.figure("requests", "received", "natural_person")
    if not received:
        return ""
    return f"新收申请中，自然人提出的占{100 * persons / received:.1f}%。"


def _reviews(publication: Publication) -> str:
    totals = [
        publication.figure("reviews", row, "total")
        for row in ("reconsideration", "litigation_direct", "litigation_after_reconsideration")
    ]
    if not any(totals):
        return "本年度没有因政府信息公开引起的行政复议和行政诉讼。"
    return (
        f"本年度因政府信息公开引起的行政复议{totals[0]}件，"
        f"未经复议直接起诉{totals[1]}件，复议后起诉{totals[2]}件。"
    )


def _sections(publication: Publication, rng: random.Random) -> tuple[tuple[str, ...], ...]:
    items = rng.randint(40, 2600)
    channel = rng.choice(("门户网站", "政府信息公开平台", "网站专栏和办事大厅公告栏"))
    management = rng.choice(
        (
            "（三）政府信息管理。信息发布前由承办科室初审、分管负责人复审，过期内容按季度清理。",
            "（三）政府信息管理。对公开目录逐条核对，属性变动的信息重新标注后再发布。",
            "（三）政府信息管理。文件起草时同步注明公开属性，不公开的写明依据。",
        )
    )
    platform = rng.choice(
        (
            "（四）平台建设。专栏增设了检索入口，栏目按公开事项重新归并。",
            "（四）平台建设。网页适配了手机屏幕，附件统一换成可以检索的格式。",
            "（四）平台建设。查阅点增加了两台自助终端，并公布了开放时间。",
        )
    )
    duty = rng.choice(
        (
            "（五）监督保障。年内组织业务学习两次，对答复文书作了抽查。",
            "（五）监督保障。设立了意见箱，收到的建议逐条登记并回复。",
            "（五）监督保障。把公开工作列入科室年度任务，年底逐项对账。",
        )
    )
    problem, remedy = rng.choice(
        (
            (
                "个别栏目更新不够及时，目录与内容偶有脱节。",
                "下一年将按月核对栏目清单，逾期未更新的及时提醒。",
            ),
            (
                "答复文书的说理还不够充分，格式也不尽统一。",
                "下一年将修订答复样式，并请法律顾问参与疑难件会商。",
            ),
            ("解读材料以文字为主，群众阅读仍有不便。", "下一年将更多采用图表和问答，方便群众查阅。"),
        )
    )
    last = rng.choice(
        (
            "本年度没有收取信息处理费，也没有其他需要报告的事项。",
            "依照《政府信息公开信息处理费管理办法》，本年度未发出收费通知。",
            "无其他需要报告的事项。",
        )
    )
    return (
        (
            f"（一）主动公开。全年通过{channel}公开各类信息{items}条，其中动态类占多数。",
            f"（二）依申请公开。{applications(publication)}{_shares(publication)}",
            management,
            platform,
            duty,
        ),
        (),
        (),
        (_reviews(publication),) if rng.random() < 0.5 else (),
        (f"（一）存在的问题。{problem}", f"（二）改进措施。{remedy}"),
        (last,),
    )


def _real_sections(publication: Publication) -> tuple[tuple[str, ...], ...]:
    """For figures a real office published: nothing is told that the tables do not say."""
    return (
        (
            "本页为演示样例：表中数字取自该机关公开发布的年度报告，文字由演示站点另行撰写。",
            applications(publication),
        ),
        (),
        (),
        (_reviews(publication),),
        ("原报告这一部分为文字叙述，演示样例不予转载。",),
        ("演示样例没有其他需要报告的事项。",),
    )
