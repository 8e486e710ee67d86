"""Files made to do harm, or broken: each small enough to make at once, and none kept in the repository."""

from __future__ import annotations

import random
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from io import BytesIO

from PIL import Image

from demo import real
from tests import layouts_files
from tests.archive import kept

SEED = 20240201
MEGABYTE = 1 << 20
#: What an entity that reads a file of this machine would bring in.
SECRET = "root:x:0:0"
_TITLE = "样本县2023年政府信息公开工作年度报告"
_LAUGHS = '<!ENTITY l0 "哈哈哈哈哈哈哈哈哈哈">' + "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12)
)
_DOCTYPES = {
    "xxe": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    "xxe-parameter": '<!DOCTYPE x [<!ENTITY % e SYSTEM "file:///etc/passwd"> %e;]>',
    "laughs": f"<!DOCTYPE x [{_LAUGHS}]>",
}
_CALLED = {"xxe": "&e;", "xxe-parameter": "", "laughs": "&l11;"}


def report() -> bytes:
    """A report that is as it should be."""
    return kept.page(2023)


def packed(members: Iterable[tuple[str | zipfile.ZipInfo, bytes]]) -> bytes:
    """A ZIP of these."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members:
            archive.writestr(name, body)
    return out.getvalue()


def _edited(package: bytes, part: str, edit: Callable[[bytes], bytes]) -> bytes:
    """A package with one part altered."""
    with zipfile.ZipFile(BytesIO(package)) as archive:
        return packed(
            (name, edit(archive.read(name)) if name == part else archive.read(name))
            for name in archive.namelist()
        )


def _figures() -> tuple[dict[str, dict[str, dict[str, object]]], str]:
    one = real.load_all()[0]
    return {t: {row: dict(line) for row, line in rows.items()} for t, rows in one.cells.items()}, one.form


def sound() -> dict[str, bytes]:
    """A whole file of each type, by its ending."""
    figures, form = _figures()
    picture = BytesIO()
    Image.new("L", (200, 80), 255).save(picture, "PNG")
    photo = BytesIO()
    Image.new("L", (200, 80), 255).save(photo, "JPEG")
    return {
        "html": report(),
        "docx": layouts_files.docx()(figures, form),  # type: ignore[arg-type]
        "xlsx": layouts_files.xlsx()(figures, form),  # type: ignore[arg-type]
        "pdf": layouts_files.pdf()(figures, form),  # type: ignore[arg-type]
        "ofd": ofd("<x/>"),
        "zip": packed([("年度报告.html", report())]),
        "txt": (_TITLE + "\n" + "本机关收到申请1件。\n" * 50).encode(),
        "png": picture.getvalue(),
        "jpg": photo.getvalue(),
    }


def damaged() -> dict[str, bytes]:
    """Each type cut short, and with bytes turned; the same ones each time."""
    found = {}
    for ending, body in sound().items():
        chance = random.Random(f"{SEED} {ending}")
        found[f"cut.{ending}"] = body[: chance.randrange(len(body) // 4, len(body) * 3 // 4)]
        for number, turned in enumerate((1, 20, 400)):
            other = bytearray(body)
            for _ in range(turned):
                other[chance.randrange(len(other))] ^= 1 << chance.randrange(8)
            found[f"turned-{number}.{ending}"] = bytes(other)
    return found


def lying() -> dict[str, bytes]:
    """Files that are something else than their names say."""
    whole = sound()
    turns = {"docx": "pdf", "pdf": "html", "png": "html", "html": "xlsx", "xlsx": "txt", "zip": "docx"}
    found = {f"is-{real_one}.{name}": whole[real_one] for real_one, name in turns.items()}
    chance = random.Random(SEED)
    found["noise.pdf"] = b"%PDF-1.7\n" + chance.randbytes(100_000)
    found["noise.docx"] = b"PK\x03\x04" + chance.randbytes(100_000)
    found["noise.doc"] = bytes.fromhex("d0cf11e0a1b11ae1") + chance.randbytes(100_000)
    found["noise.html"] = chance.randbytes(200_000)
    found["program.pdf"] = b"\x7fELF" + chance.randbytes(10_000)
    found["empty.pdf"] = b""
    found["rar.zip"] = b"Rar!\x1a\x07\x00" + chance.randbytes(10_000)
    return found


# -- markup --------------------------------------------------------------------------------


def markup() -> dict[str, bytes]:
    """Pages without measure."""
    head, foot = f"<html><body><h1>{_TITLE}</h1>".encode(), b"</body></html>"
    row = "<tr><td rowspan='{0}' colspan='{0}'>一、本年新收</td><td>1</td></tr>"
    spans = "".join(row.format(10**9) for _ in range(20)).encode()
    deep = 100_000
    return {
        "spans.html": head + b"<table>" + spans + b"</table>" + foot,
        "spans-minus.html": head + b"<table>" + row.format(-(10**9)).encode() + b"</table>" + foot,
        "one-line-cells.html": head
        + b"<table><tr>"
        + b"<td>1</td>" * (50 * MEGABYTE // 10)
        + b"</tr></table>",
        "one-line-text.html": head + "<p>正文</p>".encode() * (50 * MEGABYTE // 13) + foot,
        "one-line-word.html": head + b"7" * (50 * MEGABYTE) + foot,
        "deep.html": head + b"<div>" * deep + b"x" + b"</div>" * deep + foot,
        "deep-tables.html": head + b"<table><tr><td>" * 20_000 + b"1" + foot,
        "attributes.html": head + b"<p " + b"".join(b"a%d=1 " % n for n in range(300_000)) + b">x</p>" + foot,
        "comments.html": head + b"<!--" * 500_000 + foot,
        "entities.html": head + b"&amp;" * 2_000_000 + foot,
    }


# -- packages ------------------------------------------------------------------------------


def ofd(content: str) -> bytes:
    """The least that calls itself an OFD, with ``content`` before its root."""
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>{0}<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" '
        'Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>'
        "</ofd:DocBody></ofd:OFD>"
    )
    root = (
        '<?xml version="1.0" encoding="UTF-8"?><ofd:Document xmlns:ofd="http://www.ofdspec.org/2016">'
        "<ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>"
        '</ofd:CommonData><ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages>'
        "</ofd:Document>"
    )
    page = (
        '<?xml version="1.0" encoding="UTF-8"?><ofd:Page xmlns:ofd="http://www.ofdspec.org/2016">'
        '<ofd:Content><ofd:Layer ID="2"/></ofd:Content></ofd:Page>'
    )
    doctype = content if content.startswith("<!") else ""
    return packed(
        [
            ("OFD.xml", body.format(doctype).encode()),
            ("Doc_0/Document.xml", root.encode()),
            ("Doc_0/Pages/Page_0/Content.xml", page.encode()),
        ]
    )


def _with_doctype(doctype: str, called: str) -> Callable[[bytes], bytes]:
    def edit(part: bytes) -> bytes:
        text = part.decode()
        begin = text.index("?>") + 2 if text.startswith("<?xml") else 0
        end = text.rindex("</")
        for mark in ("<w:t>", '<w:t xml:space="preserve">', "<t>"):
            if mark in text:
                end = text.index(mark) + len(mark)
                break
        return (text[:begin] + doctype + text[begin:end] + called + text[end:]).encode()

    return edit


def packages() -> dict[str, bytes]:
    """Bombs, nests, and documents that call for what is outside of them."""
    whole = sound()
    found = {}
    for name, doctype in _DOCTYPES.items():
        edit = _with_doctype(doctype, _CALLED[name])
        found[f"{name}.docx"] = _edited(whole["docx"], "word/document.xml", edit)
        found[f"{name}.xlsx"] = _edited(whole["xlsx"], "xl/worksheets/sheet1.xml", edit)
        found[f"{name}-strings.xlsx"] = _edited(whole["xlsx"], "xl/workbook.xml", edit)
        found[f"{name}.ofd"] = ofd(doctype)
        found[f"{name}.xml.html"] = (
            f'<?xml version="1.0"?>{doctype}<html><body>{_CALLED[name]}</body></html>'.encode()
        )
    found["bomb.zip"] = packed([("年度报告.html", b"\0" * (300 * MEGABYTE))])
    found["bomb.docx"] = packed(
        [("[Content_Types].xml", b"<x/>"), ("word/document.xml", b" " * (200 * MEGABYTE))]
    )
    found["many.zip"] = packed((f"{n}.html", b"x") for n in range(20_000))
    found["lying-size.zip"] = _lying_size(packed([("年度报告.html", b"\0" * (80 * MEGABYTE))]))
    nested = packed([("年度报告.html", report())])
    for depth in range(50):
        nested = packed([(f"{depth}.zip", nested)])
    found["nested.zip"] = nested
    wide = packed([("年度报告.html", b"<p>x</p>" * (4 * MEGABYTE // 8))])
    for _ in range(3):
        wide = packed((f"{n}.zip", wide) for n in range(10))
    found["nested-wide.zip"] = wide
    link = zipfile.ZipInfo("年度报告.html")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    found["link.zip"] = packed([(link, b"/etc/passwd")])
    found["outside.zip"] = packed(
        [
            ("../../../../tmp/gongkai-was-here.html", report()),
            ("/tmp/gongkai-was-here.html", report()),
            ("C:\\gongkai-was-here.html", report()),
            ("..\\gongkai-was-here.html", report()),
        ]
    )
    return found


def _lying_size(body: bytes) -> bytes:
    """The same ZIP, whose directory says that its member has ten bytes."""
    at = body.rindex(b"PK\x01\x02")
    return body[: at + 24] + struct.pack("<I", 10) + body[at + 28 :]


# -- PDF -----------------------------------------------------------------------------------


def _pdf(objects: dict[int, bytes], *, more: bytes = b"") -> bytes:
    """A file of these objects, the first of which is its catalogue."""
    out = bytearray(b"%PDF-1.7\n")
    places = {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    size = max(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        out += b"%010d 00000 n \n" % places.get(number, 0)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        more.replace(b"HERE", b"%d" % start),
        start,
    )
    return bytes(out)


def _stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), entries, content)


def pdfs() -> dict[str, bytes]:
    """Documents without end or measure."""
    catalogue = b"<< /Type /Catalog /Pages 2 0 R >>"
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    text = _stream(b"BT /F 12 Tf 50 700 Td (2023 1 2 3) Tj ET")
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << %s >> >>"
    plain = page % b"/Font << /F 5 0 R >>"
    one = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    number = 100_000
    kids = b" ".join(b"%d 0 R" % (n + 10) for n in range(number))
    many = {1: catalogue, 2: b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, number), 4: text, 5: font}
    many |= {n + 10: plain for n in range(number)}
    image = b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8"
    drawn = _stream(b"q 600 0 0 800 0 0 cm /I Do Q")
    flate = b" /Filter /FlateDecode"
    shown = page % b"/XObject << /I 6 0 R >>"

    def pictured(width: int, height: int, content: bytes) -> bytes:
        size = image % (width, height)
        return _pdf({1: catalogue, 2: one, 3: shown, 4: drawn, 6: _stream(content, size + flate)})

    zeros = zlib.compress(b"\0" * (200 * MEGABYTE), 9)
    return {
        "pages.pdf": _pdf(many),
        "tree-loops.pdf": _pdf(
            {1: catalogue, 2: b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 9 /Parent 2 0 R >>"}
        ),
        "page-is-tree.pdf": _pdf({1: catalogue, 2: b"<< /Type /Pages /Kids [1 0 R 2 0 R 1 0 R] /Count 1 >>"}),
        "xref-loops.pdf": _pdf({1: catalogue, 2: one, 3: plain, 4: text, 5: font}, more=b"/Prev HERE"),
        "reference-loops.pdf": _pdf({1: catalogue, 2: one, 3: plain, 4: b"4 0 R", 5: b"5 0 R"}),
        "form-draws-itself.pdf": _pdf(
            {
                1: catalogue,
                2: one,
                3: shown,
                4: drawn,
                6: _stream(
                    b"/I Do /I Do",
                    b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /I 6 0 R >> >>",
                ),
            }
        ),
        "large-page.pdf": _pdf(
            {1: catalogue, 2: one, 3: plain.replace(b"600 800", b"9999999 9999999"), 4: text, 5: font}
        ),
        "large-picture.pdf": pictured(1_000_000, 1_000_000, zlib.compress(b"\0" * 1000)),
        "large-picture-bomb.pdf": pictured(30_000, 30_000, zeros),
        "stream-bomb.pdf": _pdf(
            {1: catalogue, 2: one, 3: plain, 4: _stream(zeros, b"/Filter /FlateDecode"), 5: font}
        ),
    }


# -- pictures ------------------------------------------------------------------------------


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def pictures() -> dict[str, bytes]:
    """Pictures of a few kilobytes that unpack to gigabytes."""
    side = 60_000
    packer = zlib.compressobj(9)
    row = b"\0" * (side // 8 + 1)
    data = b"".join(packer.compress(row * 1000) for _ in range(side // 1000)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")
    photo = BytesIO()
    Image.new("L", (64, 64), 255).save(photo, "JPEG")
    jpeg = bytearray(photo.getvalue())
    at = jpeg.index(b"\xff\xc0") + 5
    jpeg[at : at + 4] = struct.pack(">HH", 65_500, 65_500)
    return {
        "bomb.png": png,
        "bomb.jpg": bytes(jpeg),
        "bomb-pictures.zip": packed([("1.png", png), ("2.jpg", bytes(jpeg))]),
    }


def everything() -> dict[str, bytes]:
    """All of them, by name."""
    return markup() | packages() | pdfs() | pictures() | damaged() | lying()
