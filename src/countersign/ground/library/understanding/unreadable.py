"""Why a file could not be read, as a state that a curator is shown and can act upon."""

from __future__ import annotations

from collections.abc import Mapping

from countersign.kit.words import Words

OUTCOMES: Mapping[str, Words] = {
    "read": Words("Read.", "已读取。"),
    "empty": Words(
        "There is no text in this file. Nothing of it can be found.",
        "文件中没有文字，无法检索其内容。",
    ),
    "scanned": Words(
        "The pages are pictures and no text recognition is installed here. Ask IT to install "
        "tesseract-ocr with chi_sim and eng, then have it read again.",
        "各页均为图像，而本机未安装文字识别。"
        "请信息科安装 tesseract-ocr（含 chi_sim 与 eng）后重新读取。",
    ),
    "password": Words(
        "The file is protected by a password. Save it without one and upload it again.",
        "文件设有密码。请另存为无密码文件后重新上传。",
    ),
    "broken": Words(
        "The file is damaged and cannot be opened. Export it again from where it comes.",
        "文件已损坏，无法打开。请从原系统重新导出。",
    ),
    "bomb": Words(
        "The file unfolds to far more than its size. It was not opened.",
        "文件解压后远超其自身大小，未予打开。",
    ),
    "too-large": Words(
        "Reading the file would take more memory than it may have. Split it and try again.",
        "读取该文件所需内存超出限额。请拆分后重试。",
    ),
    "too-slow": Words(
        "Reading the file took longer than it may take. Split it and try again.",
        "读取该文件超出时限。请拆分后重试。",
    ),
    "old-office": Words(
        "This is an Office file of before 2007. Save it as DOCX or XLSX and upload it again.",
        "这是 2007 年以前的 Office 文件。请另存为 DOCX 或 XLSX 后重新上传。",
    ),
    "unsupported": Words(
        "Files of this kind are not read. Use PDF, DOCX, HTML, Markdown, XLSX, CSV or plain text.",
        "不支持此类文件。请使用 PDF、DOCX、HTML、Markdown、XLSX、CSV 或纯文本。",
    ),
}
"""Every end of reading a file, with what the curator can do."""

NOTES: Mapping[str, Words] = {
    "macros": Words(
        "It holds macros. They were neither run nor read.", "文件含宏。宏未被运行，也未被读取。"
    ),
    "hidden": Words(
        "Text that the page hides from readers was left out.", "页面中对读者隐藏的文字已略去。"
    ),
    "ocr": Words(
        "Some pages are pictures; their text was recognised and may hold errors.",
        "部分页面为图像，其文字由识别得到，可能有误。",
    ),
    "ocr-missing": Words(
        "Some pages are pictures and could not be read: no text recognition is installed.",
        "部分页面为图像，因未安装文字识别而无法读取。",
    ),
    "ocr-cut": Words(
        "There are more pictured pages than are recognised in one document; the rest is missing.",
        "图像页数超过单份文档的识别上限，其余页缺失。",
    ),
    "cut": Words(
        "The file is longer than what is read; the end is missing.", "文件过长，末尾部分未读取。"
    ),
    "front-matter": Words(
        "The lines between --- at its beginning could not be understood.",
        "文件开头 --- 之间的内容无法理解。",
    ),
    "running-lines": Words(
        "Headers and footers that repeat on the pages were left out.",
        "各页重复的页眉和页脚已略去。",
    ),
}
"""What a curator should know of a text that was read."""


UNREADABLE = 3
"""The exit status of the reading process that comes with an outcome."""


class NotUnderstood(Exception):
    """Ends the reading of one file; ``outcome`` is one of OUTCOMES."""

    def __init__(self, outcome: str) -> None:
        if outcome not in OUTCOMES:
            raise ValueError(outcome)
        super().__init__(outcome)
        self.outcome = outcome
