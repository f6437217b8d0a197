"""Each kind of work in words: what it is called, and what a language model adds to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from countersign.ground.models import Work
from countersign.kit.words import Words


@dataclass(frozen=True, slots=True)
class Told:
    """A kind of work as a page names it; ``gain`` is what having a model would change."""

    title: Words
    gain: Words


WORKS: Mapping[Work, Told] = {
    Work.ANSWER: Told(
        Words("Answers from the hospital's documents", "依据院内文档回答"),
        Words(
            "Passages would be put together into one answer with its quotations, not only listed.",
            "可将检索到的段落综合成一段带引文的回答，而不只是列出段落。",
        ),
    ),
    Work.DIFFERENTIAL: Told(
        Words("Differential diagnosis", "鉴别诊断"),
        Words(
            "Free text of a note would be read for findings that lists of terms miss.",
            "可从病历自由文本中读出术语表遗漏的表现。",
        ),
    ),
    Work.RECORD: Told(
        Words("Medical records", "病历书写"),
        Words(
            "Notes and discharge summaries would be drafted from the chart.",
            "可依据病历起草病程记录与出院小结。",
        ),
    ),
    Work.INTERVIEW: Told(
        Words("Questions before a visit", "诊前问诊"),
        Words(
            "Patients could answer in their own words instead of choosing.",
            "患者可用自己的话作答，而不必逐项选择。",
        ),
    ),
    Work.FOLLOW_UP: Told(
        Words("Follow-up of patients", "随访"),
        Words(
            "Messages to patients would be drafted in plain language.",
            "可用通俗语言起草给患者的消息。",
        ),
    ),
    Work.EXTRACTION: Told(
        Words("Facts out of documents", "从文档提取事实"),
        Words(
            "Reports that follow no template would become results that can be searched.",
            "无固定模板的报告可转为可检索的结果。",
        ),
    ),
    Work.TRANSLATION: Told(
        Words("Translation", "翻译"),
        Words(
            "Texts would be drafted in the other language.",
            "可起草另一种语言的文本。",
        ),
    ),
    Work.STUDY: Told(
        Words("Studies of cost and performance", "成本与性能研究"),
        Words(
            "Models could be compared on the hospital's own tasks.",
            "可在本院自己的任务上比较模型。",
        ),
    ),
    Work.SPEECH: Told(
        Words("Speech written down", "语音转文字"),
        Words(
            "Patients could say what is wrong instead of typing it, and physicians could dictate "
            "(a speech server, not a language model).",
            "患者可口述病情而不必打字，医师可口述记录（需语音服务器，而非语言模型）。",
        ),
    ),
}
