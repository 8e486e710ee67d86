"""What readers tell people of a file: one plain Chinese sentence each, all in this place.

Notes and refusals reach the archive as messages of the findings ``reader`` and
``unreadable``. What a library said of a damaged file is quoted in brackets as it
came: it serves those who look after the archive.

The module is long because it is a list: sentences side by side stay alike.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

#: Page numbers written out before 等 stands for the rest.
_LISTED = 12
#: Characters of a library's own words.
_QUOTED = 160
#: ``<_io.BytesIO object at 0x7f0b…>``: where an object lay in memory says nothing, and is new each time.
_ADDRESS = re.compile(r"<[\w.]*?(\w+) object at 0x[0-9A-Fa-f]+>")


def size(count: int) -> str:
    """Bytes as people write them."""
    return f"{count / 1024 / 1024:.1f} MB"


def pages(numbers: Sequence[int]) -> str:
    """第 3、4、9 页."""
    listed = "、".join(map(str, numbers[:_LISTED]))
    return f"第 {listed} 页" + (f"等 {len(numbers)} 页" if len(numbers) > _LISTED else "")


def because(message: str, reason: object) -> str:
    return f"{message}：{reason}"


def quoted(error: object) -> str:
    """A library's own words, short and on one line; the same each time that the same file is read."""
    said = " ".join(_ADDRESS.sub(r"\1", str(error)).split())[:_QUOTED]
    name = type(error).__name__ if isinstance(error, BaseException) else ""
    return f"（{name}{': ' if name and said else ''}{said}）" if name or said else ""


# --- any file ------------------------------------------------------------------


def encrypted(what: str) -> str:
    return f"{what} 文件设有打开密码，无法读取"


def damaged(what: str, error: object) -> str:
    return f"{what} 文件已损坏，无法读取{quoted(error)}"


OUT_OF_MEMORY = "读取所需内存超出上限，已中止"


# --- PDF -----------------------------------------------------------------------


def pages_cut(limit: int, count: int) -> str:
    return f"文件共 {count} 页，只读取了前 {limit} 页"


def page_too_heavy(number: int, weight: int) -> str:
    return f"第 {number} 页的绘图指令有 {size(weight)}，超出上限，未读取"


def page_too_long(number: int, characters: int) -> str:
    return f"第 {number} 页有 {characters} 个字符，超出上限，未读取"


def page_damaged(number: int, error: object) -> str:
    return f"第 {number} 页已损坏，未读取{quoted(error)}"


def too_many_rules(number: int, rules: int) -> str:
    return f"第 {number} 页画有 {rules} 条线，超出上限，未在其中查找表格"


def pages_not_drawn(numbers: Sequence[int]) -> str:
    return f"{pages(numbers)}无法绘出，不能确认文字是否可见，其中的数字未采用"


def hidden_text(numbers: Sequence[int]) -> str:
    return f"{pages(numbers)}含有看不见的文字，未采用"


def garbled(numbers: Sequence[int]) -> str:
    return f"{pages(numbers)}的字体没有字符对照表，文字层是乱码，未采用"


ONLY_PICTURES = "PDF 没有文字层，只有页面图片"


def pictures_unread(numbers: Sequence[int], error: object) -> str:
    return f"{pages(numbers)}只能按图片识别而未能读取：{error}"


def no_page_readable(reason: str) -> str:
    return f"PDF 没有一页可以读取：{reason}"


def no_text_layer(count: int) -> str:
    return f"PDF 既没有文字层，也没有扫描图片，共 {count} 页" if count else "PDF 没有任何页面"


CUT_SHORT = "PDF 文件没有结束标记，可能下载不完整"
REFERENCE_RING = "PDF 里有对象循环引用，拒绝读取"


def unpacks_beyond(limit: int) -> str:
    return f"PDF 解压后超过 {size(limit)}，拒绝读取"


# --- Word ----------------------------------------------------------------------


TABLES_ELSEWHERE = "页眉、页脚或脚注里有表格，未读取"
EMBEDDED_PART = "文件里嵌有另一份文档，未读取"


# --- workbooks -----------------------------------------------------------------


def sheets_cut(limit: int, count: int) -> str:
    return f"工作簿共 {count} 张工作表，只读取了前 {limit} 张"


def merged_too_wide(count: int, limit: int) -> str:
    return f"XLSX 文件里合并的单元格有 {count} 个，超过上限 {limit} 个"


def empty_workbook(what: str) -> str:
    return f"{what} 工作簿里没有任何文字"


def hidden_rows(sheet: str) -> str:
    return f"工作表“{sheet}”有隐藏的行或列，未读取"


def hidden_sheets(count: int) -> str:
    return f"{count} 张工作表是隐藏的，未读取"


# --- what the bytes are --------------------------------------------------------


def no_reader(what: str) -> str:
    return f"这是{what}，没有能读取它的程序"


EMPTY_FILE = "文件是空的"
ONLY_BLANKS = "文件里只有空白"


def too_large(what: str, count: int, limit: int) -> str:
    return f"{what}有 {size(count)}，超过上限 {size(limit)}"


UNKNOWN_BYTES = "内容是无法辨认的二进制数据"


def other_office_file(named: str) -> str:
    return f"这是 OLE 文件，但不是 DOC、WPS 或 XLS（含有 {named}），没有能读取它的程序"


def contradiction(source: str, said: str, kind: str) -> str:
    return f"{source}说是 {said}，内容其实是 {kind}"


def decoded_otherwise(declared: Sequence[str], codec: str) -> str:
    return f"网页声明的编码是 {'、'.join(declared)}，实际按 {codec} 解码"


def undecodable(count: int, codec: str) -> str:
    return f"有 {count} 处不是 {codec} 编码，已用替代符号代替"


def too_many_attributes(count: int, limit: int, together: int) -> str:
    return f"网页元素带 {count} 个属性，太多（一个元素上限 {limit} 个，属性多的元素合计上限 {together} 个）"


# --- packages ------------------------------------------------------------------


def damaged_package(what: str, error: object) -> str:
    return f"{what}已损坏，无法读取{quoted(error)}"


def document_type(what: str, name: str) -> str:
    return f"{what}里的 {name} 声明了文档类型，拒绝读取"


def too_many_files(what: str, count: int, limit: int) -> str:
    return f"{what}里有 {count} 个文件，超过上限 {limit} 个"


def too_large_unpacked(what: str, count: int, limit: int) -> str:
    return f"{what}解压后有 {size(count)}，超过上限 {size(limit)}"


def too_much_xml(what: str, limit: int) -> str:
    return f"{what}里的 XML 超过 {size(limit)}"


def locked(what: str) -> str:
    return f"{what}设有密码，无法读取"


def part_too_large(what: str, name: str, count: int, limit: int) -> str:
    return f"{what}里的 {name} 有 {size(count)}，超过上限 {size(limit)}"


def bomb(what: str, name: str, count: int) -> str:
    return f"{what}里的 {name} 解压后有 {size(count)}，是压缩炸弹，拒绝读取"


def member_unreadable(name: str, error: object) -> str:
    return f"压缩包里的“{name}”无法读取：{error}"


def nothing_in_archive(reasons: Sequence[str]) -> str:
    return "压缩包里没有可以读取的文档" + (f"：{'；'.join(reasons)}"[:300] if reasons else "")


def read_from(name: str) -> str:
    return f"内容取自压缩包里的“{name}”"


def others_in_archive(names: Sequence[str]) -> str:
    return f"压缩包里还有其他文档：{'、'.join(names)[:300]}"


ARCHIVE_TOO_DEEP = "压缩包套了三层以上，不再打开"


def names_outside(count: int) -> str:
    return f"压缩包里有 {count} 个文件的名称指向包外，未读取"


def members_cut(limit: int, count: int) -> str:
    return f"压缩包里有 {count} 份文档，只读取了 {limit} 份"


def pictures_named(count: int) -> str:
    return f"{count} 张图片"


def archive_pictures_unreadable(count: int, error: object) -> str:
    return f"压缩包里的 {count} 张图片无法读取：{error}"


# --- LibreOffice ---------------------------------------------------------------


def needs_libreoffice(name: str) -> str:
    return f"读取 {name} 文件需要安装 LibreOffice（soffice）"


def converted(what: str) -> str:
    return f"{what}由 LibreOffice 转换后读取"


def not_converted(what: str, said: str) -> str:
    return f"LibreOffice 无法读取{what}" + (f"（{said}）" if said else "")


def conversion_too_long(what: str, seconds: int) -> str:
    return f"LibreOffice 在 {seconds} 秒内没有转换完{what}"


# --- pictures ------------------------------------------------------------------


NEEDS_OCR = "需要文字识别（OCR）：pip install gongkai[ocr]"


def no_ocr_model(part: str) -> str:
    return f"需要文字识别（OCR）：安装的 rapidocr 缺少 {part} 模型"


def too_many_pixels(what: str, width: int, height: int) -> str:
    return f"{what}有 {width} × {height} 个像素，过大"


def picture_bomb(what: str, error: object) -> str:
    return f"{what}过大{quoted(error)}"


def damaged_picture(what: str, error: object) -> str:
    return f"{what}已损坏{quoted(error)}"


def empty_picture(what: str) -> str:
    return f"{what}是空的"


def pictures_cut(limit: int) -> str:
    return f"只识别了前 {limit} 张图片"


def scans_cut(limit: int, count: int) -> str:
    return f"共有 {count} 页扫描图片，只识别了前 {limit} 页"


def no_text_found(formats: str) -> str:
    return f"{formats}里没有识别出文字"


def recognised_from(formats: str) -> str:
    return f"文字由{formats}识别得到"


def recognised_pages(numbers: Sequence[int]) -> str:
    return f"{pages(numbers)}的文字由图片识别得到"


def page_not_drawn(error: object) -> str:
    return f"PDF 页面无法绘出{quoted(error)}"


FIRST_FRAME = "动图只读取了第一帧"


# --- pages of text -------------------------------------------------------------


def html_too_large(count: int, limit: int) -> str:
    return f"网页有 {size(count)}，超过上限 {size(limit)}"


def text_too_large(count: int, limit: int) -> str:
    return f"文本有 {size(count)}，超过上限 {size(limit)}"


def no_html(error: object) -> str:
    return f"网页没有内容{quoted(error)}"


def html_beyond_parser(stopped: object) -> str:
    return f"网页超出解析上限，其后的内容会丢失{quoted(stopped)}"


def own_lines(elements: int, depth: int) -> str:
    return f"网页结构过大（{elements} 个元素，嵌套 {depth} 层），正文按网页原有的行读取"


def own_lines_kept(kept: int, whole: int) -> str:
    return f"正文提取只留下 {whole} 字中的 {kept} 字，改按网页原有的行读取"


# --- OFD -----------------------------------------------------------------------


def ofd_part(name: str, error: object) -> str:
    return f"OFD 文件里的 {name} 不是 XML{quoted(error)}"


def ofd_missing(name: str) -> str:
    return f"OFD 文件缺少 {name}"


def ofd_outside(place: str) -> str:
    return f"OFD 文件指向包外的“{place}”，拒绝读取"


OFD_NO_DOCUMENT = "OFD 文件没有指明文档"


def ofd_documents_cut(count: int) -> str:
    return f"OFD 文件里有 {count} 份文档，只读取了第一份"


def ofd_no_text(count: int, reason: str) -> str:
    return f"OFD 文件共 {count} 页，没有文字" + (f"：{reason}" if reason else "")


def page_unreadable(number: int, error: object) -> str:
    return f"第 {number} 页无法读取：{error}"


def page_template_missing(number: int) -> str:
    return f"第 {number} 页引用的模板不在文件里"


def page_picture_missing(number: int) -> str:
    return f"第 {number} 页是图片，但图片不在文件里"


def page_picture(number: int) -> str:
    return f"第 {number} 页的图片"


def page_left_out(number: int, count: int, what: str) -> str:
    return f"第 {number} 页有 {count} 个{what}"


#: What of an OFD page is not read.
OBJECTS_BEYOND = "图元超出上限，未读取"
COMPOSITE_OBJECTS = "复合图元，未读取"
OBJECTS_WITHOUT_PLACE = "图元没有位置，未读取"
TEXTS_WITHOUT_SIZE = "文字图元没有字号，未读取"
TEXTS_NOT_SHOWN = "文字图元不显示，未读取"
TEXTS_BEYOND = "文字图元超出上限，未读取"
PATHS_BEYOND = "路径超出上限，未读取"
