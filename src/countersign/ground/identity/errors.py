"""What identity refuses, with a sentence that says what to do."""

from __future__ import annotations

from countersign.kit.errors import CountersignError
from countersign.kit.words import Words


class SignedOut(CountersignError):
    code = "identity.signed_out"
    status = 401
    message = "You are signed out. Sign in again to go on."


class WrongPassword(CountersignError):
    """The same for an unknown name, so that names cannot be tried out."""

    code = "identity.wrong_password"
    status = 401
    message = "The name or the password is wrong. Check both and try again."


class Locked(CountersignError):
    """``seconds`` until the next attempt is heard; also for a name that does not exist."""

    code = "identity.locked"
    status = 429
    message = (
        "Too many failed attempts. Wait {seconds} seconds, then try again,"
        " or ask the administrator for a new password."
    )


class Forbidden(CountersignError):
    """``action`` is what was asked for, ``rules`` the identifiers of the rules that decided."""

    code = "identity.forbidden"
    status = 403
    message = "You may not do this. If your work needs it, ask the administrator for access."


class BadCsrf(CountersignError):
    code = "identity.csrf"
    status = 403
    message = "This form is no longer valid. Load the page again and send it once more."


class PasswordTooShort(CountersignError):
    code = "identity.password_too_short"
    status = 422
    message = "The password is too short. Choose at least {least} characters."


class PasswordTooLong(CountersignError):
    code = "identity.password_too_long"
    status = 422
    message = "The password is too long. Choose at most {most} characters."


class PasswordIsName(CountersignError):
    code = "identity.password_is_name"
    status = 422
    message = (
        "The password contains your name, which does not count."
        " Choose at least {least} other characters."
    )


class NameTaken(CountersignError):
    code = "identity.name_taken"
    status = 409
    message = "This name is taken, or the person has an account already. Choose another name."


class BadValue(CountersignError):
    """``field`` names what was refused."""

    code = "identity.bad_value"
    status = 422
    message = "The value of “{field}” is missing or not allowed. Correct it and send it again."


class NotFound(CountersignError):
    code = "identity.not_found"
    status = 404
    message = "There is no such person, department, licence or account. Go back and choose again."


class GlassUnknown(CountersignError):
    code = "identity.glass_unknown"
    status = 404
    message = "There is no such opening of a chart. Go back to the list and choose again."


class OnlyEmergency(CountersignError):
    code = "identity.only_emergency"
    status = 422
    message = "This chart opens in an emergency alone. In any other case ask the care team."


class OwnReview(CountersignError):
    code = "identity.own_review"
    status = 409
    message = "Nobody reviews what they opened themselves. Leave it to another reviewer."


class Reviewed(CountersignError):
    code = "identity.reviewed"
    status = 409
    message = "This opening has been reviewed already. Load the page again to see the outcome."


class DelegationUnknown(CountersignError):
    code = "identity.delegation_unknown"
    status = 404
    message = "There is no such delegation that concerns you. Go back to the list."


class DelegationOverlaps(CountersignError):
    code = "identity.delegation_overlaps"
    status = 409
    message = (
        "Somebody stands in for you at that time already. End that first, or choose other days."
    )


class StandsInThen(CountersignError):
    code = "identity.stands_in_then"
    status = 409
    message = (
        "At that time you stand in for a colleague yourself. End that first, or choose other days:"
        " nobody passes on what was lent."
    )


class ColleagueAway(CountersignError):
    code = "identity.colleague_away"
    status = 409
    message = "Whoever would stand in is away at that time. Choose another colleague or other days."


class NotKindred(CountersignError):
    code = "identity.not_kindred"
    status = 422
    message = "Both need a licence of the same kind that is valid on the first day."


class DelegationOver(CountersignError):
    code = "identity.delegation_over"
    status = 409
    message = "This was answered or is over already. Load the page again."


class PolicyBroken(CountersignError):
    """The policies of this installation cannot be used; nothing is decided without them."""

    code = "identity.policy_broken"
    status = 500
    message = "The access policies are not valid ({problem}). Restore the files of this release."


class SecondFactorNeeded(CountersignError):
    """``pending`` is the secret with which the browser goes on; it is in no detail."""

    code = "identity.second_factor_needed"
    status = 403
    message = "Your password is right. Give the second proof to finish signing in."

    def __init__(self, pending: str) -> None:
        self.pending = pending
        super().__init__()


class StepUpNeeded(CountersignError):
    code = "identity.step_up_needed"
    status = 403
    message = "Show that it is you before you sign a draft of the highest risk, then sign again."


class WrongProof(CountersignError):
    code = "identity.wrong_proof"
    status = 403
    message = "This proof does not fit, or it was used before. Take the next code and try again."


class NotEnrolled(CountersignError):
    code = "identity.not_enrolled"
    status = 409
    message = "This set-up is too old or was begun elsewhere. Begin it again."


class TooManyFactors(CountersignError):
    code = "identity.too_many_factors"
    status = 409
    message = "You have {most} passkeys already. Remove one that you no longer use first."


class PasskeyRefused(CountersignError):
    code = "identity.passkey_refused"
    status = 403
    message = "This passkey was not accepted. Try again, or use another way."


class LocalAccountsClosed(CountersignError):
    code = "identity.local_closed"
    status = 403
    message = "Here nobody signs in with a password. Use the hospital's own sign-in."


class NoProvider(CountersignError):
    code = "identity.no_provider"
    status = 404
    message = "The hospital's own sign-in is not set up here. Sign in with your name and password."


class ProviderBroken(CountersignError):
    code = "identity.provider_broken"
    status = 502
    message = (
        "The hospital's sign-in did not answer as it should ({problem}). Try again; if it stays"
        " so, tell IT."
    )


TOKEN_REASONS: dict[str, Words] = {
    "keys": Words("its keys cannot be read", "其密钥无法读取"),
    "key": Words("it names a key that is not known", "所指密钥未知"),
    "algorithm": Words("it is signed by an algorithm that is not used here", "签名算法不适用"),
    "signature": Words("its signature is wrong", "签名有误"),
    "issuer": Words("another server issued it", "由其他服务器签发"),
    "audience": Words("it is meant for another system", "对象为其他系统"),
    "nonce": Words("it answers another request", "所答并非本次请求"),
    "subject": Words("it names no account", "未指明账号"),
    "expired": Words("it has expired", "已过期"),
    "time": Words("its times cannot be true, or the proof is too old", "时间不合理或验证已过时"),
    "form": Words("it is not in the right form", "格式不正确"),
    "header": Words("its header asks for what is not understood", "头部含有无法理解的要求"),
    "state": Words(
        "it was not asked for from this browser, or too long ago",
        "并非由此浏览器发起，或已超时",
    ),
    "declined": Words("the sign-in was declined there", "统一登录方已拒绝登录"),
    "code": Words("it holds no code", "不含授权码"),
    "person": Words("it is about another person", "所指为另一人"),
    "replayed": Words("it was used before", "已被使用过"),
    "event": Words("it is no notice of a sign-out", "并非退出登录通知"),
    "type": Words("it is a token of another kind", "令牌类型不符"),
}


class TokenRefused(CountersignError):
    """``reason`` is one of ``TOKEN_REASONS`` and never what the token says."""

    code = "identity.token_refused"
    status = 403
    message = (
        "What the hospital's sign-in sent was not accepted: {said}. Begin again from the"
        " sign-in page."
    )

    def __init__(self, reason: str, said: Words | None = None) -> None:
        super().__init__(reason=reason, said=said or TOKEN_REASONS[reason])


class UnknownSubject(CountersignError):
    """``reference`` finds the arrival on the administrator's page."""

    code = "identity.unknown_subject"
    status = 403
    message = (
        "The hospital knows you, but nobody has linked that account to you here. Ask the"
        " administrator of Countersign and give the reference {reference}."
    )


class BadKeys(CountersignError):
    code = "identity.bad_keys"
    status = 422
    message = (
        "These are no usable public keys. Enter a JWK set with RSA keys of at least 2048 bits or "
        "EC keys on P-384, without their private parts."
    )


class KeysUnreached(CountersignError):
    code = "identity.keys_unreached"
    status = 502
    message = "The public keys could not be fetched from the registered address. Tell IT."
