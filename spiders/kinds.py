"""Every kind of trouble that is recorded (``run_issues.kind``), and what it means. Data only.

``docs/nuisances.md`` says what causes each; a kind that is not here cannot be recorded.
"""

from __future__ import annotations

from collections.abc import Mapping

#: Challenges, as ``blocked:<kind>``.
BLOCKS: Mapping[str, str] = {
    "blocked:rs": "瑞数: status 412, or its script ($_ts) in place of a page",
    "blocked:jsl": "加速乐: status 521, or its script",
    "blocked:waf": "status 468, or a page called 访问异常, 安全验证 …",
    "blocked:cookie": "a redirect to itself that sets a cookie, or a script that sets one and loads again",
    "blocked:redirect": "every address leads to itself, without a cookie to see",
    "blocked:script": "status 202 with a script and nothing else",
    "blocked:token": "a search that wants a token of the page's script",
}

#: Expectations that a visit did not meet (``crawler.expectations``): what is said of it is of the whole
#: visit, and no page's.
EXPECTATIONS: Mapping[str, str] = {
    "all_refused": "every page or every report was refused (401, 403, 429, 451), and was not before",
    "fewer_figures": "reports with fewer figures than the entry's expect.figures",
    "fewer_of_year": "fewer reports of the last year than expect.reports_a_year, or than the year before",
    "fewer_than_before": "fewer report links than in the last good run, beyond the tolerance",
    "fewer_than_expected": "fewer report links than the entry's expect.reports_min",
    "fields_missing": "title, issuer, year, date or tables are no longer read where they were",
    "identities_worse": "reports fail identities twice as often as before",
    "none_found": "not one report link, where there were some",
    "system_changed": "the lists no longer show the CMS that they showed",
}

KINDS: Mapping[str, str] = {
    **BLOCKS,
    **EXPECTATIONS,
    "archive": "an original could not be kept; the crawl ends",
    "attachment": "an attachment of this page did not come; it is asked for again next time",
    "budget": "the host has had its requests of the day",
    "crawl_delay": "robots.txt asks for more time between requests than a crawl has",
    "dns": "the name could not be resolved",
    "dropped": "a document was left by the pipeline",
    "encoding": "Content-Encoding and body do not agree",
    "error": "a fault of our own",
    "foreign_host": "leads to a host that is not the portal's, robots.txt included; not asked",
    "gone": "404, 410, a page that says 页面不存在, or one moved to the home page",
    "http": "any other status that is no page",
    "ignored": "the request was dropped by Scrapy",
    "long_address": "an address longer than any server takes; not asked",
    "network": "the connection broke",
    "night": "outside of the hours in which portals are asked",
    "partial": "a list that is not whole: it states more rows, or did not end; an article of too many parts",
    "private_address": "leads into a private network; not asked",
    "redirects": "redirects or refreshes that lead back or go on",
    "refused_connection": "the server takes no connection",
    "resting": "the host or its group answered with a challenge less than a day ago; not asked",
    "retry_after": "the server asks for a longer pause than a crawl has",
    "robots": "robots.txt forbids it; not asked",
    "scheme": "no http(s) address; not asked",
    "scheme_switched": "http was left for https, or the other way round; once",
    "site_id_code": "the page's SiteIDCode is of another division",
    "timeout": "no answer in time",
    "too_large": "more bytes than are taken",
    "unassigned": "a report whose issuer or year cannot be told",
    "unreachable": "no robots.txt to be had, or a host that answers no more; asked again next time",
    "unreadable": "a document that cannot be read",
    "unreadable_list": "the answer is no list of its family",
}
