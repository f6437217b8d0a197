"""Has a recording written down by a speech server, with the same queue, breaker and receipt."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable, Generator
from hashlib import sha256

import msgspec

from countersign.ground.egress import EgressFailed, EgressRefused, Ended
from countersign.ground.models.asking import Asked, Prompt, Spoken, Work
from countersign.ground.models.card import (
    Dataset,
    ModelCard,
    ModelKind,
    ModelRef,
    NotMeasured,
    Source,
)
from countersign.kit.json import encode
from countersign.kit.words import Words

from .access import Access
from .answering import Answering, Means
from .errors import AnswerInvalid, ServerAway, ServerBusy
from .said import Patience, Round, check, failure
from .serving import Seat

FIELDS = {"response_format": "json", "temperature": "0"}
"""What is asked beside the recording, its language and the model's name: no words of ours."""

LONGEST = 4000
"""Signs of an answer that are given out; a minute of speech has less than 1,500."""

ENDINGS = {"audio/webm": "webm", "audio/ogg": "ogg", "audio/mp4": "mp4", "audio/wav": "wav"}
"""Types of recordings, and the ending by which servers tell them apart."""

NAME, VERSION = "speech-request", "1"
DIGEST = sha256(encode({"path": "/audio/transcriptions", "fields": FIELDS})).hexdigest()
REQUEST = ModelRef(NAME, VERSION, DIGEST)


class _Heard(msgspec.Struct):
    """OpenAI's answer to a transcription, ``response_format`` json; the rest is not read."""

    text: str


class Hearing(Answering):
    """One recording from its first try to its record; ``said.text`` is what was heard."""

    def __init__(self, means: Means, asked: Asked, spoken: Spoken) -> None:
        super().__init__(means, asked, held=True)
        self._spoken = spoken

    def _rounds(self, seat: Seat, patience: Patience, another: bool) -> Generator[str]:
        del another
        receipt = self._means.ledger.begin(self._asking(seat))
        self._means.planning.require_running()
        access, said = self._means.servers.access(seat.server), Round()
        media, form = _form(seat.model, self._spoken, self._means.boundary())
        try:
            text = _written(access, media, form, patience, self._means.planning.watch, said)
        except ServerBusy:
            self._means.planning.rest(seat, said.retry_after)
            raise
        receipt()  # no receipt, no display
        self._finish(seat, text, None, "", repaired=False)
        yield from ()


def asked_of(spoken: Spoken) -> Asked:
    """The request as the queue and the record of calls know it; the recording is not in it."""
    prompt = Prompt(REQUEST, Work.SPEECH, system="", user="", room=spoken.room)
    return Asked(
        prompt,
        {},
        spoken.by,
        spoken.inputs,
        spoken.patient,
        priority=spoken.priority,
        seconds=spoken.seconds,
    )


def _form(model: str, spoken: Spoken, boundary: str) -> tuple[str, bytes]:
    """(type, body) of the form that OpenAI's interface asks for (RFC 7578)."""
    lines: list[bytes] = []
    for name, value in {"model": model, "language": spoken.language, **FIELDS}.items():
        plain = "".join(sign for sign in value if sign.isprintable())
        lines += [f'--{boundary}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n'.encode()]
        lines += [plain.encode(), b"\r\n"]
    ending = ENDINGS[spoken.media]
    head = (
        f'--{boundary}\r\ncontent-disposition: form-data; name="file"; '
        f'filename="recording.{ending}"\r\ncontent-type: {spoken.media}\r\n\r\n'
    )
    body = [*lines, head.encode(), spoken.content, f"\r\n--{boundary}--\r\n".encode()]
    return f"multipart/form-data; boundary={boundary}", b"".join(body)


def _written(
    access: Access,
    media: str,
    form: bytes,
    patience: Patience,
    watch: Callable[[], None],
    said: Round,
) -> str:
    """Raises a Trouble, and what ``watch`` raises."""
    seconds = max(0.1, patience.first - time.monotonic())
    try:
        with access.transcription(media, form, seconds, watch) as answer:
            check(access.name, answer, said, "application/json")
            said.first_at = time.monotonic()
            content = b"".join(answer)
    except Ended as ended:
        raise ended.why from None
    except EgressRefused as problem:
        raise ServerAway(server=access.name) from problem
    except EgressFailed as problem:
        raise failure(access.name, problem) from None
    try:
        text = msgspec.json.decode(content, type=_Heard).text
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise AnswerInvalid(server=access.name) from None
    return _plain(text)


def _plain(text: str) -> str:
    """On one line, without signs that nobody sees, cut at ``LONGEST``."""
    seen = "".join(" " if unicodedata.category(one)[0] == "C" else one for one in text)
    return " ".join(seen.split())[:LONGEST]


def _card() -> ModelCard:
    return ModelCard(
        name=NAME,
        version=VERSION,
        kind=ModelKind.PROMPT,
        title=Words("Request to write down speech", "语音转写请求"),
        intended_use=Words(
            "Sends one recording with its language to the assigned speech server and takes the "
            "text; who spoke reads and changes it before it is used.",
            "将一段录音及其语言发送至指定的语音服务器并取回文字；使用前由讲话者阅读并修改。",
        ),
        not_for=Words(
            "Telling speakers apart; translating; keeping recordings.",
            "区分讲话者；翻译；保存录音。",
        ),
        data=(Dataset(Words("None: nothing is learnt here", "无：此处不作训练"), "Apache-2.0"),),
        performance=(
            NotMeasured(
                Words("every group of patients", "所有患者群体"),
                Words(
                    "How much is misheard depends on the server's model, on dialect and on noise.",
                    "误听程度取决于服务器模型、方言与噪声。",
                ),
            ),
        ),
        limits=(
            Words(
                "A speech model may write fluent words that nobody said, in silence above all.",
                "语音模型可能写出流畅但无人说过的话，静音时尤甚。",
            ),
        ),
        owner="Information technology",
        sources=(Source(f"Countersign, {NAME} {VERSION}", "2026-11"),),
    )


CARD = (_card(), DIGEST)
"""The request as a registered version, for the manifests of rooms that hear."""
