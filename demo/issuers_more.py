"""Who publishes on the portals of the rarer systems, and how their reports are to be reached.

Every issuer here is invented and lies in a division that does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping

from demo.figures import COUNTY, DEPARTMENT, TOWNSHIP
from demo.issuers import Issuer
from demo.publication import Carrier, Style
from demo.site import Way

_WORD = Style(tables="word", blank="&nbsp;")
_TH = Style(tables="th")

_LIANXI, _YANGZHANG, _MOBEN, _FANGZHEN = "990321", "990322", "990323", "990324"
_JIAOYANG, _CUNZHAO, _SHICE, _LIUYANG = "990325", "990326", "990327", "990328"
_TENGQING, _DIGAO, _BEIFEN = "990329", "990330", "990331"

ISSUERS: tuple[Issuer, ...] = (
    Issuer("练习县人民政府", _LIANXI, COUNTY, range(2022, 2025), "lianxi", style=_WORD),
    Issuer("练习县统计局", _LIANXI, DEPARTMENT, range(2022, 2024), "lianxi", column=1),
    Issuer("样张县人民政府", _YANGZHANG, COUNTY, range(2023, 2025), "yangzhang"),
    Issuer("样张县财政局", _YANGZHANG, DEPARTMENT, range(2023, 2025), "yangzhang", column=1, style=_TH),
    Issuer("样张县柳溪镇人民政府", _YANGZHANG, TOWNSHIP, range(2023, 2024), "yangzhang", column=2),
    Issuer("摹本县人民政府", _MOBEN, COUNTY, range(2022, 2025), "moben", style=_WORD),
    Issuer("摹本县教育局", _MOBEN, DEPARTMENT, range(2023, 2025), "moben", column=1),
    Issuer("仿真县人民政府", _FANGZHEN, COUNTY, range(2021, 2025), "fangzhen"),
    Issuer("仿真县水利局", _FANGZHEN, DEPARTMENT, range(2023, 2025), "fangzhen", column=1, style=_TH),
    Issuer("校样县人民政府", _JIAOYANG, COUNTY, range(2022, 2025), "jiaoyang", style=_TH),
    Issuer("存照县人民政府", _CUNZHAO, COUNTY, range(2022, 2025), "cunzhao"),
    Issuer("实测县人民政府", _SHICE, COUNTY, range(2021, 2025), "shice", style=_WORD),
    Issuer("实测县财政局", _SHICE, DEPARTMENT, range(2023, 2024), "shice"),
    Issuer("实测县统计局", _SHICE, DEPARTMENT, range(2023, 2025), "shice", column=1),
    Issuer("实测县民政局", _SHICE, DEPARTMENT, range(2022, 2025), "shice", column=2, style=_TH),
    Issuer("留样县人民政府", _LIUYANG, COUNTY, range(2021, 2025), "liuyang"),
    Issuer("留样县财政局", _LIUYANG, DEPARTMENT, range(2023, 2025), "liuyang", column=1),
    Issuer("留样县统计局", _LIUYANG, DEPARTMENT, range(2023, 2025), "liuyang", column=2),
    Issuer("留样县教育局", _LIUYANG, DEPARTMENT, range(2023, 2025), "liuyang", column=3),
    Issuer("留样县水利局", _LIUYANG, DEPARTMENT, range(2024, 2025), "liuyang", column=4),
    Issuer("留样县民政局", _LIUYANG, DEPARTMENT, range(2023, 2025), "liuyang", column=5, style=_WORD),
    Issuer("誊清县人民政府", _TENGQING, COUNTY, range(2022, 2025), "tengqing", style=_WORD),
    Issuer("底稿县人民政府", _DIGAO, COUNTY, range(2023, 2025), "digao"),
    Issuer("底稿县财政局", _DIGAO, DEPARTMENT, range(2022, 2025), "digao", column=1),
    Issuer("底稿县统计局", _DIGAO, DEPARTMENT, range(2023, 2025), "digao", column=2),
    Issuer("备份县人民政府", _BEIFEN, COUNTY, range(2022, 2025), "beifen", style=_TH),
    Issuer("备份县财政局", _BEIFEN, DEPARTMENT, range(2024, 2025), "beifen", column=1),
)

#: How single reports are reached and what carries them, where that is not a page of HTML.
WAYS: Mapping[tuple[str, int], tuple[Way, Carrier]] = {
    ("练习县人民政府", 2023): ("m00", "docx"),
    ("样张县财政局", 2024): ("straight", "pdf"),
    ("摹本县人民政府", 2023): ("downfile", "pdf"),
    ("实测县人民政府", 2021): ("refresh", "html"),
    ("实测县人民政府", 2022): ("frame", "html"),
    ("实测县人民政府", 2023): ("viewer", "pdf"),
    ("实测县财政局", 2023): ("gateway", "html"),
    ("校样县人民政府", 2023): ("straight", "pdf"),
}
