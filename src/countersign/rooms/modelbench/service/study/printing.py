"""Writes a study as a PDF, in either language, with nothing but what is installed here.

Chinese is set in STSong-Light, a character collection that every PDF reader brings
(decision 0048).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from reportlab.graphics.shapes import Circle, Drawing, Line, PolyLine, String
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from countersign.kit.words import Language, Words
from countersign.rooms.modelbench.domain.study.sets import SETS

from .plotting import Plot, plot
from .reading import Result, ResultRow
from .wording import advice, change, limits, measure_name, points, reason, set_name

FONT = "STSong-Light"
INK, SOFT, LINE, PRESS = (HexColor(one) for one in ("#1b2430", "#55606e", "#c9d0d8", "#1f5fa8"))


def as_pdf(result: Result, language: Language, hospital: Words, on: str) -> bytes:
    """The whole report. ``on`` is the day it is printed, as text."""
    if FONT not in pdfmetrics.getRegisteredFontNames():
        fonts: Any = pdfmetrics
        fonts.registerFont(UnicodeCIDFont(FONT))
    story = _Report(result, language).story()
    written = io.BytesIO()
    head = f"{hospital.into(language)} · {result.study.title} · {on}"
    document = SimpleDocTemplate(
        written,
        pagesize=A4,
        leftMargin=18 * mm,
        rightMargin=18 * mm,
        topMargin=18 * mm,
        bottomMargin=18 * mm,
        title=result.study.title,
        lang="zh-CN" if language == "zh" else "en",
        invariant=1,
    )

    def foot(canvas: Any, page: Any) -> None:
        canvas.setFont(FONT, 8)
        canvas.setFillColor(SOFT)
        canvas.drawString(18 * mm, 10 * mm, head[:110])
        canvas.drawRightString(A4[0] - 18 * mm, 10 * mm, str(page.page))

    document.build(story, onFirstPage=foot, onLaterPages=foot)
    return written.getvalue()


class _Report:
    """The parts of a report in one language."""

    def __init__(self, result: Result, language: Language) -> None:
        self._result = result
        self._language: Language = language
        common: dict[str, Any] = {"fontName": FONT, "textColor": INK, "wordWrap": "CJK"}
        self._styles = {
            "title": ParagraphStyle("title", fontSize=18, leading=24, spaceAfter=6, **common),
            "head": ParagraphStyle(
                "head",
                fontSize=13,
                leading=18,
                spaceBefore=10,
                spaceAfter=4,
                keepWithNext=1,
                **common,
            ),
            "text": ParagraphStyle("text", fontSize=9.5, leading=14, spaceAfter=3, **common),
            "lead": ParagraphStyle(
                "lead", fontSize=11, leading=16, spaceBefore=4, keepWithNext=1, **common
            ),
            "cell": ParagraphStyle("cell", fontSize=8, leading=11, **common),
        }

    def story(self) -> list[Any]:
        """Everything, from the advice to what was used."""
        result = self._result
        parts: list[Any] = [self._text(result.study.title, "title")]
        parts += self._advice()
        drawn = plot(result)
        if drawn is not None:
            parts += [
                self._head(Words("Quality, cost and speed", "质量、成本与速度")),
                _drawing(drawn),
                self._say(
                    Words(
                        "Up: mean score of the sets in points, with its 95 % interval. Across: "
                        f"{result.prices.currency} for 1,000 answers at the hospital's own load, "
                        "logarithmic. The larger the point, the more requests a second.",
                        f"纵轴：各题集平均得分（分）及 95 % 区间。横轴：按本院负载每千次回答的成本"
                        f"（{result.prices.currency}，对数刻度）。圆点越大，每秒处理的请求越多。",
                    )
                ),
            ]
        parts += [self._head(Words("Configurations", "各配置")), self._figures()]
        parts += [self._head(Words("Medical quality", "医学质量")), self._quality()]
        parts += self._loads()
        parts.append(self._head(Words("Limits", "局限")))
        parts += [self._say(one) for one in limits(result)]
        parts += self._used()
        return parts

    def _advice(self) -> list[Any]:
        result = self._result
        parts: list[Any] = [self._head(Words("Recommendation", "建议"))]
        for one in result.recommendations:
            parts.append(self._text(advice(result, one).into(self._language), "lead"))
            parts += [
                self._say(
                    Words(
                        f"– {result.row(judged.key).configuration.label}: "
                        f"{reason(result, one, judged).en}",
                        f"– {result.row(judged.key).configuration.label}："
                        f"{reason(result, one, judged).zh}",
                    )
                )
                for judged in one.judged
            ]
            parts += [self._say(change(result, one, found)) for found in one.changes]
            parts.append(Spacer(1, 4))
        if not result.recommendations:
            parts.append(
                self._say(
                    Words(
                        "No medical set was asked, so that nothing is recommended.",
                        "未测试医学题集，故无建议。",
                    )
                )
            )
        return parts

    def _figures(self) -> Table:
        heads = (
            Words("Configuration", "配置"),
            Words("Score", "得分"),
            Words("Requests/s within the level", "服务水平内每秒请求"),
            Words("Tokens/s", "每秒词元"),
            Words("First token p95, s", "首词元 p95（秒）"),
            Words("Between tokens p95, ms", "词元间隔 p95（毫秒）"),
            Words(
                f"{self._result.prices.currency} for 1,000 answers",
                f"每千次回答（{self._result.prices.currency}）",
            ),
        )
        return self._table(heads, [_figures(row) for row in self._result.rows])

    def _quality(self) -> Table:
        heads = (
            Words("Set", "题集"),
            Words("Configuration", "配置"),
            Words("Score (95 % interval)", "得分（95 % 区间）"),
            Words("Questions", "题数"),
            Words("Unreadable", "无法解析"),
            Words("No answer", "无回答"),
        )
        rows: list[list[str]] = []
        for one in self._result.plan.sets:
            title = set_name(one.name).into(self._language)
            measure = measure_name(one.name).into(self._language)
            for row in self._result.rows:
                if (mark := row.sets.get(one.name)) is None:
                    continue
                found = mark.interval
                rows.append(
                    [
                        f"{title} · {measure}",
                        row.configuration.label,
                        f"{points(found.value)} ({points(found.low)}–{points(found.high)})",
                        str(found.n),
                        str(mark.unreadable),
                        str(mark.failed),
                    ]
                )
        return self._table(heads, rows)

    def _loads(self) -> list[Any]:
        rows = [
            [
                row.configuration.label,
                f"{step.rate:g}",
                f"{step.request_throughput:.2f}",
                f"{step.output_throughput:.0f}",
                f"{step.ttft_p95:.2f}",
                f"{step.tpot_p95 * 1000:.0f}",
                f"{step.failed}/{step.requests}",
                "✓" if step.within(self._result.plan.level) else "–",
            ]
            for row in self._result.rows
            for step in row.steps
        ]
        if not rows:
            return []
        heads = (
            Words("Configuration", "配置"),
            Words("Sent/s", "发送/秒"),
            Words("Answered/s", "完成/秒"),
            Words("Tokens/s", "词元/秒"),
            Words("First token p95, s", "首词元 p95（秒）"),
            Words("Between tokens p95, ms", "词元间隔 p95（毫秒）"),
            Words("Failed", "失败"),
            Words("Level kept", "达标"),
        )
        return [self._head(Words("Rising load", "递增负载")), self._table(heads, rows)]

    def _used(self) -> list[Any]:
        """Sets and prompts by hash, and their licences."""
        parts: list[Any] = [self._head(Words("What was used", "所用数据"))]
        for name, found in self._result.found.items():
            title, licence = set_name(name), SETS[name].licence
            prompt = f"{found['prompt']} {found['prompt_version']}"
            parts.append(
                self._say(
                    Words(
                        f"{title.en}: {found['drawn']} of {found['whole']} questions, seed "
                        f"{self._result.plan.seed}, prompt {prompt}. {licence.en}",
                        f"{title.zh}：{found['whole']} 题中抽 {found['drawn']} 题，种子 "
                        f"{self._result.plan.seed}，提示词 {prompt}。{licence.zh}",
                    )
                )
            )
        return parts

    def _table(self, heads: Sequence[Words], rows: Sequence[Sequence[str]]) -> Table:
        cells = [[self._text(one.into(self._language), "cell") for one in heads]]
        cells += [[self._text(cell, "cell") for cell in row] for row in rows]
        table = Table(cells, repeatRows=1, hAlign="LEFT")
        table.setStyle(
            TableStyle(
                [
                    ("GRID", (0, 0), (-1, -1), 0.4, LINE),
                    ("BACKGROUND", (0, 0), (-1, 0), HexColor("#eef1f4")),
                    ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ]
            )
        )
        return table

    def _head(self, words: Words) -> Paragraph:
        return self._text(words.into(self._language), "head")

    def _say(self, words: Words) -> Paragraph:
        return self._text(words.into(self._language), "text")

    def _text(self, text: str, style: str) -> Paragraph:
        return Paragraph(escape(text), self._styles[style])


def _figures(row: ResultRow) -> list[str]:
    step = row.capacity.step if row.capacity else None
    score = row.overall
    return [
        row.configuration.label,
        f"{points(score.value)} ({points(score.low)}–{points(score.high)})" if score else "–",
        f"{step.request_throughput:.2f}" if step else "–",
        f"{step.output_throughput:.0f}" if step else "–",
        f"{step.ttft_p95:.2f}" if step else "–",
        f"{step.tpot_p95 * 1000:.0f}" if step else "–",
        f"{row.cost.real_thousand:.2f}" if row.cost else "–",
    ]


def _drawing(found: Plot) -> Drawing:
    """The same points as on the page; in a PDF y grows upwards."""
    scale = 470 / found.width
    drawing = Drawing(470, found.height * scale)

    def at(x: float, y: float) -> tuple[float, float]:
        return x * scale, (found.height - y) * scale

    for tick in found.up:
        drawing.add(Line(*at(found.left, tick.at), *at(found.right, tick.at), strokeColor=LINE))
        x, y = at(found.left - 6, tick.at + 3)
        drawing.add(String(x, y, tick.text, fontName=FONT, fontSize=7, textAnchor="end"))
    for tick in found.across:
        drawing.add(Line(*at(tick.at, found.top), *at(tick.at, found.bottom), strokeColor=LINE))
        x, y = at(tick.at, found.bottom + 14)
        drawing.add(String(x, y, tick.text, fontName=FONT, fontSize=7, textAnchor="middle"))
    if found.line:
        path = [value for pair in found.line.split() for value in at(*map(float, pair.split(",")))]
        drawing.add(PolyLine(path, strokeColor=PRESS, strokeDashArray=[4, 3]))
    for one in found.points:
        drawing.add(Line(*at(one.x, one.low), *at(one.x, one.high), strokeColor=SOFT))
        x, y = at(one.x, one.y)
        fill = PRESS if one.best else HexColor("#ffffff")
        drawing.add(Circle(x, y, one.radius * scale, fillColor=fill, strokeColor=PRESS))
        side = -1 if one.end else 1
        x, y = at(one.x + side * (one.radius + 5), one.y - one.radius)
        anchor = "end" if one.end else "start"
        drawing.add(String(x, y, one.label, fontName=FONT, fontSize=8, textAnchor=anchor))
    return drawing
