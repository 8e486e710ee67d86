"""Words that tell a report from what is like one: beside the report phrase, before it, without it. Data only.

They count only where ``archive.titles`` looks for them, never inside an issuer: 审计局 issues reports too.
"""

from __future__ import annotations

import re

# A report is a year's. In 2008 it was that of May to December, so months count only where nothing says 年度.
QUARTER = re.compile(r"(?:第[一二三四1-4]|[一二三四1-4])季度")
PART = re.compile(r"[上下]半年|(?<![\d至到~-])(?:1?\d|[一二三四五六七八九十]{1,2})月份?(?![\d日至到~-])")
ENGLISH_BESIDE = re.compile(
    r"notice|circular|guide|template|interpret|infographic|training|assessment|"
    r"corporat|environment|quality|universit",
    re.I,
)
#: What a thing beside the report phrase may be called; each is no report.
BESIDE = (
    "一图读懂|一图看懂|一图了解|图解|图说|速览|长图|漫画|动漫|视频|音频|H5|解读|读懂|编制|编写|编报|编辑|填报|报送|上报|"
    "通知|通报|格式|模板|模版|样式|样表|范本|范例|示例|培训|考核|考评|评估|测评|评议|评比|检查|抽查|审查|统计|指南|"
    "目录|说明|要求|规范|工作方案|实施方案|会议|座谈会|推进会|发布会|问答|意见|要点|点评|分析|对比|新闻|报道|审计"
)
HEAD = re.compile(
    r"^\(?(?:一图读懂|一图看懂|一图了解|图解|图说|数说|速览|长图|漫画|动漫|视频|音频|H5|政策解读|文字解读|"
    r"视频解读|解读|读懂|带你看|(?:通知|通报|模板|格式|范本)(?=[):：]))",
)
TAIL = re.compile(rf"^的?(?:[^()\-_—|]{{0,8}}?)(?P<word>{BESIDE})")
SEGMENT_TAIL = re.compile(
    r"^(?:一图读懂|图解|解读|编制说明|编制|格式|模板|范本|统计表|培训|考核|通知$|通报$|说明$)"
)
VERB = re.compile(
    r"(?:做好|开展|编制|编写|编报|编发|填报|报送|上报|报备|征集|征求|组织|召开|举办|部署|启动|推进|印发|转发|下发|规范|"
    r"加强|检查|抽查|审核|审查|考核|通报|评估|反馈|落实|撰写|提交|完善|督促|对|解读|图解|读懂)"
    r"(?:好|了|全市|全县|全区|全省|本市|我市|我县|我区)?(?:20\d\d(?:年度|年)?)?$"
)
ABOUT_BAD = re.compile(
    r"^(?:进一步|切实|认真|全面)?(?:做好|开展|编制|编写|编报|填报|报送|上报|报备|印发|转发|下发|征集|征求|组织|规范|加强|召开|"
    r"举办|启动|推进|落实|撰写|提交|完善|对|检查|抽查|审核|审查|考核|通报|评估|反馈|调整|提供|更正)"
)
ABOUT_GOOD = re.compile(r"^(?:向社会)?(?:公布|发布|公开|公示|发表|刊登)")
NOT_GOVERNMENT = re.compile(
    r"(?:企业|环境|上市公司|社会组织|基金会|慈善组织|慈善|财务|校务|医院|高校|信托|债券|产品|质量|食品|药品|预决算|预算|决算|"
    r"警务|检务|司法|审判|党务|村务|厂务|环境保护|企业环境)(?:20\d\d(?:年度|年)?)?$"
)
#: Other publications with like names; the first that fits gives the reason.
OTHERS = tuple(
    (re.compile(pattern), reason)
    for pattern, reason in (
        (r"(?:企业|工商|个体|市场主体|农民专业合作社).*(?:年报|年度报告)", "是企业年报"),
        (r"事业单位.*(?:法人)?.*年度报告|法人年度报告", "是事业单位法人年度报告"),
        (r"法治政府|依法行政|法治建设", "是法治政府建设报告"),
        (
            r"政府网站.*(?:年度|报表|年报)|网站工作年度|网站.*年度报表|网站工作年报",
            "是政府网站工作年度报表",
        ),
        (r"新媒体", "是新媒体年报"),
        (r"(?:决算|预算|三公).*(?:公开|说明|报告|表|草案)|(?:决算|预算)$", "是预算或决算"),
        (r"统计年鉴|年鉴(?:\d{4})?$|统计公报", "是统计年鉴"),
        (r"政务公开.*要点|信息公开.*要点", "是工作要点"),
        (r"工作总结|年度总结|总结$", "是工作总结"),
        (
            r"(?:社会组织|基金会|慈善|社会团体).*(?:年报|年度报告|年检|年度工作报告)",
            "是社会组织年报",
        ),
        (r"(?:上市公司|股份|集团|公司).*(?:年报|年度报告)", "是公司年报"),
        (r"政府工作报告", "是政府工作报告"),
        (r"述职|述廉|述法", "是述职报告"),
        (r"(?:绩效|评估|考核).*(?:报告|结果|情况|方案|通报)", "是考核评估"),
        (r"统计(?:表|报表|数据|情况|信息|分析)", "是统计资料"),
        (r"(?:指南|目录|制度|办法|条例)(?:\(.{0,12}\))?$", "是指南、目录或制度"),
        (r"报表", "是报表"),
        (r"(?:通知|通报|批复|方案|计划|纪要)(?:\(.{0,12}\))?$", "是通知或方案"),
    )
)
