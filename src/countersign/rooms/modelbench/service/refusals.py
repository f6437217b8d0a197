"""Why a distillation cannot begin, in words."""

from __future__ import annotations

from countersign.kit.words import Words

REFUSALS: dict[str, Words] = {
    "title": Words("it needs a name of 1 to 120 characters.", "需要 1 至 120 个字符的名称。"),
    "work": Words(
        "the code of its work is lower-case letters, digits and -, such as triage-intent.",
        "工作代码只能用小写字母、数字和连字符，例如 triage-intent。",
    ),
    "teacher": Words("choose a teacher.", "请选择教师。"),
    "rungs": Words("choose at least one rung.", "请至少选择一个层级。"),
    "prices": Words("both prices are numbers above 0.", "两项价格都必须大于 0。"),
    "licence": Words(
        "say where the texts come from and under which licence or permission.",
        "请说明文本来源及许可或授权。",
    ),
    "encoding": Words("a file is not UTF-8 text.", "文件不是 UTF-8 文本。"),
    "lines": Words(
        "a file has no lines, or more than 100,000.", "文件没有内容，或超过 100,000 行。"
    ),
    "labelled": Words(
        "each line of the labelled file is a label, a tab and a text, or JSON with text and label.",
        "标注文件每行应为“标签、制表符、文本”，或含 text 与 label 的 JSON。",
    ),
    "labels": Words(
        "there must be 2 to 100 labels, each with at least 3 texts.",
        "应有 2 至 100 个标签，每个至少 3 条文本。",
    ),
    "text": Words(
        "a text is empty or longer than 4,000 characters.", "有文本为空或超过 4,000 个字符。"
    ),
    "few-labelled": Words(
        "too few labelled texts: the parts that choose and that decide need 200 each.",
        "标注文本过少：用于选择和用于判定的两部分各需 200 条。",
    ),
    "few-decisions": Words(
        "too few decisions that you may read: about 1,000 different titles are needed.",
        "您可查看的决定过少：约需 1,000 个不同的标题。",
    ),
    "few-unlabelled": Words(
        "too few texts without a label: at least 200 are needed.",
        "未标注文本过少：至少需要 200 条。",
    ),
}
