"""What is wrong with a resource, said without repeating what stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from countersign.kit.words import Words

MOST = 20
"""Problems reported of one resource; the rest would only bury the first."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")

SENTENCES: dict[str, Words] = {
    "unknown": Words("is not an element of FHIR R4 here", "不是 FHIR R4 在此处的元素"),
    "object": Words("must be a JSON object", "必须是 JSON 对象"),
    "list": Words("must be a JSON list", "必须是 JSON 数组"),
    "single": Words("may occur only once, not as a list", "只能出现一次，不能是数组"),
    "empty": Words("must not be empty", "不能为空"),
    "null": Words("must not be null", "不能为 null"),
    "text": Words("must be a JSON string", "必须是 JSON 字符串"),
    "boolean": Words("must be true or false", "必须是 true 或 false"),
    "integer": Words("must be a whole number", "必须是整数"),
    "decimal": Words("must be a JSON number", "必须是 JSON 数字"),
    "base64": Words("must be base64", "必须是 base64 编码"),
    "code": Words("is not one of the codes that FHIR R4 allows", "不是 FHIR R4 允许的代码"),
    "long": Words("is too long", "过长"),
    "deep": Words("is nested too deeply", "嵌套过深"),
    "control": Words("contains a control character", "含有控制字符"),
    "number": Words("is a number too large to keep", "数字过大，无法保存"),
    "missing": Words("is required", "为必填项"),
    "format": Words("does not have the format of its FHIR type", "不符合其 FHIR 类型的格式"),
    "choice": Words("needs exactly one of its alternative types", "必须且只能使用其可选类型之一"),
    "type": Words("has the wrong type", "类型错误"),
    "resource": Words("is not a FHIR R4 resource type", "不是 FHIR R4 资源类型"),
    "reference": Words("points to nothing in this bundle", "在此数据包中没有指向任何内容"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Where (a FHIRPath such as ``Observation.component[1].code``) and what."""

    expression: str
    kind: str

    @property
    def words(self) -> Words:
        """The sentence after the expression, in both languages."""
        return SENTENCES[self.kind]

    @property
    def said(self) -> Words:
        """Where and what, in both languages."""
        return Words(*(f"{self.expression} {text}" for text in (self.words.en, self.words.zh)))

    def __str__(self) -> str:
        return self.said.en


def expression(root: str, path: Iterable[str | int]) -> str:
    """A FHIRPath; names that FHIR cannot have are not repeated, for they may be anything."""
    parts = [root if _NAME.fullmatch(root) else "…"]
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        else:
            parts.append("." + (step if _NAME.fullmatch(step) else "…"))
    return "".join(parts)
