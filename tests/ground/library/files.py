"""Files made for the tests: whole ones of every kind, and such as must end in a state."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import docx
import openpyxl
from PIL import Image, ImageDraw, ImageFont

FONT = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def pdf(pages: list[list[tuple[float, float, float, str]]], *, encrypted: bool = False) -> bytes:
    """A PDF of pages of (x, y from below, size, ASCII text), written by hand."""
    objects: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%b] /Count %d >>"
        % (b" ".join(b"%d 0 R" % (4 + 2 * n) for n in range(len(pages))), len(pages)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, lines in enumerate(pages):
        stream = b"BT " + b" ".join(
            b"/F1 %.1f Tf 1 0 0 1 %.1f %.1f Tm (%b) Tj" % (size, x, y, text.encode())
            for x, y, size, text in lines
        )
        stream += b" ET"
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> >> >>" % (5 + 2 * number)
        )
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream))
    trailer = b"/Encrypt 99 0 R /ID [(a)(a)]" if encrypted else b""
    if encrypted:
        secret = b"(" + b"\x01" * 32 + b")"
        objects += [b"null"] * (98 - len(objects))
        objects.append(b"<< /Filter /Standard /V 1 /R 2 /O %b /U %b /P -4 >>" % (secret, secret))
    return assembled(objects, trailer)


def assembled(objects: list[bytes], trailer: bytes = b"") -> bytes:
    """Objects, numbered from 1, with their table."""
    out = bytearray(b"%PDF-1.4\n")
    places: list[int] = []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R %b >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        trailer,
        table,
    )
    return bytes(out)


def guideline(pages: int = 4) -> bytes:
    return pdf(
        [
            [
                (50, 810, 9, f"Running header {number}"),
                (50, 738, 18, "Treatment of hyperkalaemia"),
                (50, 720, 11, f"This is the body of page {number} and it says what to do"),
                (50, 706, 11, "when potassium is 6.5 mmol/L or higher."),
                (50, 660, 11, "Drug"),
                (250, 660, 11, "Dose"),
                (50, 646, 11, "Calcium"),
                (250, 646, 11, "10 mL"),
            ]
            for number in range(1, pages + 1)
        ]
    )


def scanned(text: str = "血钾 6.5 mmol/L 时立即处理") -> bytes:
    """A page that is nothing but a picture of text."""
    picture = Image.new("RGB", (1240, 1754), "white")
    font = ImageFont.truetype(FONT, 44, index=2)
    ImageDraw.Draw(picture).text((120, 200), text, font=font, fill="black")
    written = io.BytesIO()
    picture.save(written, "PDF", resolution=150)
    return written.getvalue()


def bomb_image() -> bytes:
    """A page whose picture claims 60,000 pixels each way."""
    picture = (
        b"<< /Type /XObject /Subtype /Image /Width 60000 /Height 60000 /BitsPerComponent 8"
        b" /ColorSpace /DeviceRGB /Length 4 >>\nstream\nabcd\nendstream"
    )
    content = b"q 595 0 0 842 0 0 cm /I Do Q"
    return assembled(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /XObject << /I 5 0 R >> >> >>",
            b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
            picture,
        ]
    )


def word(*paragraphs: str) -> bytes:
    document = docx.Document()
    for one in paragraphs:
        document.add_paragraph(one)
    return _saved(document)


def sheet() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["metformin", 500])  # type: ignore[union-attr]
    return _saved(book)


def _saved(thing: Any) -> bytes:
    written = io.BytesIO()
    thing.save(written)
    return written.getvalue()


def with_entry(archive: bytes, name: str, content: bytes) -> bytes:
    """An archive with one more file in it."""
    written = io.BytesIO(archive)
    with zipfile.ZipFile(written, "a", zipfile.ZIP_DEFLATED) as more:
        more.writestr(name, content)
    return written.getvalue()


WHOLE = {
    "guideline.pdf": guideline(),
    "protocol.docx": word("高钾血症的处理。", "Stop the infusion."),
    "doses.xlsx": sheet(),
    "page.html": b"<html><body><h1>A</h1><p>One. Two.</p><ul><li>x</li></ul></body></html>",
    "text.md": "---\ntitle: x\n---\n# 甲\n\n- 乙 1 mg。\n\n|a|b|\n|-|-|\n|1|2|\n".encode(),
}
OUTCOMES = {
    "empty.md": ("empty", b"# \n\n   \n"),
    "nothing.pdf": ("empty", pdf([[]])),
    "broken.pdf": ("broken", b"%PDF-1.7\nnothing of a PDF"),
    "locked.pdf": ("password", pdf([[(50, 700, 11, "secret")]], encrypted=True)),
    "scanned.pdf": ("scanned", scanned()),
    "bomb.docx": ("bomb", with_entry(word("a"), "word/media/x.bin", bytes(80 * 1024 * 1024))),
    "cut.docx": ("broken", word("a")[:-40]),
    "old.doc": ("old-office", OLD + bytes(2000)),
    "locked.docx": ("password", OLD + bytes(600) + "EncryptedPackage".encode("utf-16-le")),
    "archive.zip": ("unsupported", with_entry(b"PK\x05\x06" + bytes(18), "a.txt", b"hello")),
    "picture.png": ("unsupported", b"\x89PNG\r\n\x1a\n" + bytes(100)),
    "program.exe": ("unsupported", b"MZ" + bytes(100)),
}
