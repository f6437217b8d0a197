"""What a server and an assignment must be, in the words that tell a person what to correct."""

from __future__ import annotations

from countersign.kit.words import Words

NAME_RULE = Words(
    "its name is written in lower-case letters, digits and -, beginning with a letter",
    "名称须以小写字母开头，只含小写字母、数字和 -",
)
TAKEN = Words("there is a server of this name", "已有同名服务器")
NOT_LISTED = Words(
    "its address is not on the list of COUNTERSIGN_EGRESS, or not written as http://HOST:8000/v1",
    "地址不在 COUNTERSIGN_EGRESS 清单中，或格式不是 http://HOST:8000/v1",
)
PLACES_RULE = Words("it has 1 to 4096 places", "名额须为 1 至 4096")
PRICE_RULE = Words(
    "prices are not below 0 and the notes have at most 1000 characters",
    "价格不得为负，备注至多 1000 字",
)
TOKEN_RULE = Words("a token is plain letters, digits and signs", "令牌只能是普通字母、数字和符号")
CHAIN_RULE = Words(
    "at most six different models, each named once", "至多六个不同的模型，且不得重复"
)
UNSERVED = Words(
    "one of the models was not found on its server; probe it first",
    "有模型未在其服务器上找到，请先探测",
)
BOUNDS_RULE = Words(
    "an answer may take 1 to 3600 seconds, and bounds are above 0",
    "回答时限为 1 至 3600 秒，各项上限须大于 0",
)
