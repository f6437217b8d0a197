"""What goes wrong with a model server, each with the code that a page and a record name."""

from __future__ import annotations

from countersign.kit.errors import CountersignError
from countersign.kit.words import Words


class Trouble(CountersignError):
    """Why a model was passed over; never holds anything that the server wrote."""

    code = "models.trouble"
    status = 502
    message = "The model server {server} gave no good answer. Another may; if not, tell IT."


class ServerAway(Trouble):
    code = "models.server-away"
    message = "The model server {server} cannot be reached. Let IT look whether it runs."


class ServerHung(Trouble):
    code = "models.server-hung"
    message = "The model server {server} did not go on in time. Let IT look at its load."


class ServerBusy(Trouble):
    code = "models.server-busy"
    message = "The model server {server} takes no more requests now. Lower its places, or wait."


class ServerRefused(Trouble):
    code = "models.server-refused"
    message = "The model server {server} refused the request. Let IT look at its token and model."


class RequestRefused(Trouble):
    code = "models.request-refused"
    message = "The model server {server} refused this request, which may be too long for its model."


class ServerFailed(Trouble):
    code = "models.server-failed"
    message = "The model server {server} failed. Let IT look at its log."


class ServerCut(Trouble):
    code = "models.server-cut"
    message = "The model server {server} broke off its answer. Let IT look at its log."


class AnswerCut(Trouble):
    code = "models.answer-cut"
    message = "The answer of {server} was cut at its longest length, so it is not given out."


class AnswerInvalid(Trouble):
    code = "models.answer-invalid"
    message = "The answer of {server} does not have the form that was asked for."


class AnswerOverlong(Trouble):
    code = "models.answer-too-long"
    message = "The model server {server} did not stop at the length that was asked for."


class ServerResting(Trouble):
    code = "models.server-resting"
    message = "The model server {server} failed again and again, so it is left alone for a while."


class NoPlace(Trouble):
    code = "models.no-place"
    message = "All places of the model server {server} were taken until the time was over."


class UnfitServer(CountersignError):
    code = "models.unfit-server"
    status = 422
    message = "This server cannot be taken: {what}."


class UnfitAssignment(CountersignError):
    code = "models.unfit-assignment"
    status = 422
    message = "This cannot be assigned: {what}."


class NoSuchServer(CountersignError):
    code = "models.no-such-server"
    status = 404
    message = "There is no model server {name} here. Look at the list of servers."


class UnfitPrompt(CountersignError):
    code = "models.unfit-prompt"
    status = 500
    message = "The prompt {name} is not usable: {what}. Correct its file."


class CallsBehind(CountersignError):
    code = "models.calls-behind"
    status = 503
    message = (
        "The record of this answer could not be written, so the answer is withheld. Go on "
        "without it; if it stays so, tell IT."
    )


WHY: dict[str, Words] = {
    ServerAway.code: Words("cannot be reached", "无法连接"),
    ServerHung.code: Words("did not go on in time", "未能按时响应"),
    ServerBusy.code: Words("takes no more requests now", "暂不接受更多请求"),
    ServerRefused.code: Words("refused the request", "拒绝了请求"),
    RequestRefused.code: Words("refused this request", "拒绝了此请求"),
    ServerFailed.code: Words("failed", "出错"),
    ServerCut.code: Words("broke off its answer", "回答中断"),
    AnswerCut.code: Words("answer cut at its longest length", "回答达到长度上限被截断"),
    AnswerInvalid.code: Words("answer without the form asked for", "回答不符合要求的格式"),
    AnswerOverlong.code: Words("did not stop at its length", "超出规定长度仍未停止"),
    ServerResting.code: Words("left alone after failures", "多次失败后暂停使用"),
    NoPlace.code: Words("all places taken", "名额已满"),
    "egress.refused": Words("not on the list of addresses", "不在允许的地址清单中"),
    "egress.address_refused": Words("its name leads out of the intranet", "域名指向院外地址"),
}
"""What a page says of each code."""
