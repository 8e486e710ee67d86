from __future__ import annotations

from pathlib import Path

import pytest

from spiders.fingerprints import FALLBACK, fingerprint

SAMPLES = (Path(__file__).resolve().parents[2] / "../shared/portal-samples").resolve()
UUID = "8aef2fa0-cc14-409e-9f68-fbdba00a0c72"


@pytest.mark.parametrize(
    ("url", "html", "family", "system"),
    [
        ("http://www.a.gov.cn/zqrsj/gkmlpt/index", "", "gkmlpt", "gkmlpt"),
        (
            "http://www.a.gov.cn/gk/",
            "<script>window._CONFIG = {a: 1, SID: '755031', TREE: []}</script>",
            "gkmlpt",
            "gkmlpt",
        ),
        (
            "http://www.a.gov.cn/col/col1/index.html",
            "<div url='/api-gateway/jpaas-publish-server/front' querydata=\"{'webId':'2'}\"></div>",
            "hanweb",
            "jpaas",
        ),
        ("http://www.a.gov.cn/x.html", "<a href='/tree.jsp?area=11370101'>目录</a>", "hanweb", "hanweb-xxgk"),
        ("http://www.a.gov.cn/col/col33718/index.html", "", "hanweb", "hanweb"),
        ("http://www.a.gov.cn/lm.html", "<script>$('#1').jpage({perPage:15});</script>", "hanweb", "hanweb"),
        ("http://www.a.gov.cn/public/column/1681?type=3&action=list", "", "lonsun", "lonsun"),
        ("http://www.a.gov.cn/zwgk/", "<script>Ls.pagination({pageCount:3})</script>", "lonsun", "lonsun"),
        ("http://www.a.gov.cn/OpennessContent/showList/1/2/page_1.html", "", "openness", "openness"),
        ("http://www.a.gov.cn/XxgkContent/showList/790/0/page_1.html", "", "openness", "openness"),
        ("http://www.a.gov.cn/opennessAnnualReport/?branch_id=0", "", "openness", "openness"),
        ("http://www.a.gov.cn/g/", "<script src='/js/webBuilderCommon.js'></script>", "epoint", "epoint"),
        ("http://www.a.gov.cn/dynamic/zwgk/govInfoPub.html?categorynum=003006", "", "epoint", "epoint"),
        (
            "http://www.a.gov.cn/rgs/zfxxgknb/zfxxgknb.html",
            "<script>u='/truecms/messageController/getMessage.do'</script>",
            "truecms",
            "truecms",
        ),
        (f"http://www.a.gov.cn/zfxxgk/columns/{UUID}/index.html", "", "hebei", "hebei-uuid"),
        ("http://www.a.gov.cn/x/", "<a href='/x/c100122/202401/c04_163476.shtml'>1</a>", "ucap", "ucap"),
        ("http://www.a.gov.cn/x/", "createPageHTML('page_div',10,1,'list','shtml',189)", "ucap", "ucap"),
        ("http://www.a.gov.cn/bfx/c100120/zfxxgk_list.shtml", "", "ucap", "ucap"),
        ("http://www.a.gov.cn/x/", "$.get('/common/getChannelList?channelCode=c1')", "ucap", "ucap"),
        (
            "http://www.a.gov.cn/x.html",
            "<datastore></datastore><script>u='/truecms/messageController/getMessage.do'</script>",
            "truecms",
            "truecms",
        ),
        ("http://www.a.gov.cn/x/", "<span class='p_pages'><span class='p_next p_fun'>", "vsb", "vsb"),
        ("http://www.a.gov.cn/x/", "<a href='../info/1053/6730.htm'>1</a>", "vsb", "vsb"),
        ("http://www.a.gov.cn/x/", "<a href='./202401/t20240129_19267.shtml'>1</a>", "trs", "trs"),
        ("http://www.a.gov.cn/x/", 'createPageHTML(3, 0, "index", "shtml")', "trs", "trs"),
        ("http://www.a.gov.cn/nb/1.html", "<a href='1906985018193408001.html'>1</a>", "numeric", "numeric"),
        ("http://www.a.gov.cn/info/iList.jsp?node_id=1", "", FALLBACK, "iList"),
        (
            "http://www.a.gov.cn/x.html",
            "<a href='/channels/6822.html'>a</a><a href='/contents/6822/238168.html'>b</a>",
            FALLBACK,
            "siteserver",
        ),
        ("http://www.a.gov.cn/x.html", "<a href='/zwgk/1.html'>年报</a>", FALLBACK, "unknown"),
        ("http://www.a.gov.cn/", "", FALLBACK, "unknown"),
    ],
)
def test_each_family_is_known_by_its_signs(url: str, html: str, family: str, system: str) -> None:
    found = fingerprint(url, html)
    assert (found.family, found.system) == (family, system)
    assert found.sign


def test_newer_systems_are_tried_before_the_older_ones_whose_markup_they_keep() -> None:
    trs = "<div class='TRS_Editor'></div><a href='./202401/t20240129_1.html'>1</a>"
    assert fingerprint("http://www.a.gov.cn/nb/", trs).family == "trs"
    assert fingerprint("http://www.a.gov.cn/col/col1/index.html", trs).family == "hanweb"
    assert fingerprint("http://www.a.gov.cn/nb/", trs + "<UCAPTITLE>").family == "ucap"


def test_rows_that_a_script_will_write_count_as_links() -> None:
    html = "<script>var rows = '<a href=\\'/info/1053/6730.htm\\'>';</script>"
    assert fingerprint("http://www.a.gov.cn/x/", html).family == "vsb"


@pytest.mark.parametrize(
    ("sample", "address", "family"),
    [
        ("gkmlpt_index.html", "/zzrsj/gkmlpt/index", "gkmlpt"),
        ("hanweb_col.html", "/col/col33718/index.html", "hanweb"),
        ("hanweb_jpaas_col.html", "/col/col1229615062/index.html", "hanweb"),
        ("hanweb_xxgk.html", "/module/xxgk/search.jsp", "hanweb"),
        ("lonsun_list.html", "/public/column/6598771?type=3&action=list", "lonsun"),
        ("trs_list.html", "/zfxxgk/zfxxgknb/", "trs"),
        ("trs_article.html", "/zfxxgk/zfxxgknb/202401/t20240129_1.shtml", "trs"),
        ("ucap_list.html", "/mx/c100122/zfxxgk_gknbz.shtml", "ucap"),
        ("vsb_list.html", "/zfxxgk/zfxxgknb.htm", "vsb"),
    ],
)
def test_sample_pages(sample: str, address: str, family: str) -> None:
    path = SAMPLES / sample
    if not path.exists():
        pytest.skip("the sample pages are not here")
    html = path.read_text(encoding="utf-8", errors="replace")
    assert fingerprint(f"http://www.shilixian.gov.cn{address}", html).family == family
