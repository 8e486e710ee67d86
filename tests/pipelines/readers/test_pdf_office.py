"""The tables as a word processor exports them: DOCX → PDF by LibreOffice, with rules and without."""

from __future__ import annotations

import io
import subprocess

import pytest

from benchmarks.figures import Sample, made, samples
from benchmarks.score import cells_of, score
from pipelines.readers import UnreadableError, ocr, office, read
from tests import layouts_files

needs_office = pytest.mark.skipif(office.program() is None, reason="LibreOffice is not installed")

#: A real report of each form, and made ones with blanks.
FIGURES = {
    "form of 2019": samples(0)[0],
    "form of 2021": samples(0)[1],
    "with blanks": made("2019", "with blanks", 0),
    "ruled": made("2021", "mostly zero", 0),
}


def _ruled(body: bytes) -> bytes:
    """Rules around each cell of a DOCX."""
    import docx

    document = docx.Document(io.BytesIO(body))
    for table in document.tables:
        table.style = document.styles["Table Grid"]
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    soffice = office.program()
    assert soffice is not None
    folder = tmp_path_factory.mktemp("office")
    sources = {}
    for number, (name, sample) in enumerate(FIGURES.items()):
        body = layouts_files.LAYOUTS["DOCX"](sample.figures, sample.form)
        sources[name] = folder / f"{number}.docx"
        sources[name].write_bytes(_ruled(body) if name == "ruled" else body)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder)]
    subprocess.run([*command, *map(str, sources.values())], check=True, capture_output=True, timeout=300)
    return {name: path.with_suffix(".pdf").read_bytes() for name, path in sources.items()}


@needs_office
@pytest.mark.parametrize(
    ("name", "unread"),
    [("form of 2019", 0), ("form of 2021", 7), ("with blanks", 0), ("ruled", 10)],
)
def test_every_figure_of_an_export(exported: dict[str, bytes], name: str, unread: int) -> None:
    # unread: a line of blanks that a page break cuts, a label cut where its group is; figures broken in two
    sample: Sample = FIGURES[name]
    found = score(cells_of(exported[name], name), sample.figures, name)
    assert found.faults == []
    assert found.null <= unread, found.reasons


@needs_office
def test_an_export_without_its_table_of_characters_is_refused(
    exported: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise UnreadableError(ocr.MISSING)

    monkeypatch.setattr(ocr, "_scan", missing)
    body = exported["form of 2019"]
    assert b"/ToUnicode" in body
    with pytest.raises(UnreadableError, match="文字层是乱码，未采用：需要文字识别"):
        read(body.replace(b"/ToUnicode", b"/XoUnicode"))
