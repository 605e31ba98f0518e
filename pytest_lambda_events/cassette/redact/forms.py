"""What is known by its form, wherever it stands: keys, tokens, addresses, ids. The law: one table, read once a text.

`secret` forms open doors: none of them may be in a cassette. The others say who somebody is. The first form that fits
at a place has it, so that no part of a key is taken for something else. Every repetition is bounded, so that the time
for a text grows with its length only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["FORMS", "Form", "Forms", "all_forms", "binary_forms", "forms_named"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)  # by identity: forms are keys of a cache
class Form:
    """`name` says what it is, `pattern` how it looks; no text without one of `hints` (in lower case) has it.

    `binary` is how it looks in bytes that are no text, where what stands before it may be anything; None: it is not
    looked for there.
    """

    name: str
    pattern: str
    hints: tuple[str, ...]
    secret: bool = False
    binary: str | None = None


_WORD_BEFORE: Final = r"(?<![A-Za-z0-9_-])"
_NAMES: Final = (
    "password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|secret[_-]?key|"
    "signature|credential|session[_-]?id|pswd"
)
_VENDORS: Final = (
    r"gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{30,255}|glpat-[A-Za-z0-9_-]{20,255}"  # GitHub, GitLab
    r"|xox[abeprs]-[A-Za-z0-9-]{10,255}|xapp-[A-Za-z0-9-]{10,255}"  # Slack
    r"|(?:sk|rk|pk|whsec)_(?:live_|test_)?[A-Za-z0-9]{16,255}"  # Stripe
    r"|sk-[A-Za-z0-9_-]{20,255}"  # OpenAI, Anthropic
    r"|AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,1024}|GOCSPX-[A-Za-z0-9_-]{20,64}"  # Google
    r"|npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,512}|SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,128}"  # SendGrid
    r"|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|dop_v1_[a-f0-9]{64}|hf_[A-Za-z0-9]{30,64}"
    r"|AGE-SECRET-KEY-1[A-Z0-9]{58}|key-[a-f0-9]{32}"  # age, Mailgun
)
_VENDOR_HINTS: Final = (
    *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "xapp-", "sk_", "rk_", "pk_", "whsec_"),
    *("sk-", "aiza", "ya29.", "gocspx-", "npm_", "pypi-", "sg.", "shpat_", "shpca_", "shppa_", "shpss_", "dop_v1_"),
    *("hf_", "age-secret-key", "key-"),
)

_PRIVATE_KEY: Final = (
    r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:[^-]{1,16384}(?:-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----)?)?"
)
_JWT: Final = r"eyJ[A-Za-z0-9_-]{8,8192}(?:\.[A-Za-z0-9_-]{0,8192}){2,4}"
_ARN: Final = r"arn:aws[a-z-]{0,12}:[a-z0-9-]{1,40}:[a-z0-9-]{0,30}:[0-9]{0,12}:"

FORMS: Final[tuple[Form, ...]] = (
    Form(
        name="private key",
        pattern=_PRIVATE_KEY,
        hints=("private key",),
        secret=True,
        binary=_PRIVATE_KEY,
    ),
    Form(
        name="JSON Web Token",
        pattern=_WORD_BEFORE + _JWT,
        hints=("eyj",),
        secret=True,
        binary=_JWT,
    ),
    Form(
        name="token of a service",
        pattern=rf"{_WORD_BEFORE}(?:{_VENDORS})(?![A-Za-z0-9])",
        hints=_VENDOR_HINTS,
        secret=True,
        binary=_VENDORS,
    ),
    Form(
        name="password in a URL",
        pattern=r"(?<=://)[^\s/:@\"'<>\\]{0,256}:[^\s/@\"'<>\\]{1,256}(?=@)",
        hints=("://",),
        secret=True,
    ),
    Form(
        name="bearer token",
        pattern=r"(?<=[Bb]earer )(?=[A-Za-z._~+/-]{0,4096}[0-9])[A-Za-z0-9._~+/-]{16,4096}={0,2}(?![\w=])",
        hints=("bearer ",),
        secret=True,
    ),
    Form(
        name="basic credentials",
        pattern=r"(?<=[Bb]asic )[A-Za-z0-9+/]{8,4096}={0,2}(?![\w-])",
        hints=("basic ",),
        secret=True,
    ),
    Form(
        name="secret by its name",
        pattern=rf"(?i:(?<![\w.-])[\w.-]{{0,40}}?(?:{_NAMES})s?[\"'\\]{{0,4}}\s{{0,4}}(?:=>|[:=])\s{{0,4}}[\"'\\]{{0,4}}"
        r"(?:(?:bearer|basic|token)\s)?(?!null\b|none\b|true\b|false\b)[^\s&\"'<>;,\\(){}\[\]]{4,4096})",
        hints=("passw", "passphrase", "pwd", "pswd", "secret", "token", "key", "signature", "credential", "session"),
        secret=True,
    ),
    Form(
        name="id of an access key",
        pattern=r"(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{13,28}(?![A-Za-z0-9])",
        hints=("akia", "asia", "abia", "acca"),
        secret=True,
        binary=r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}",
    ),
    Form(
        name="IAM id",
        pattern=r"(?<![A-Za-z0-9])A(?:IDA|ROA|GPA|IPA|NPA|NVA|PKA|SCA)[A-Z0-9]{13,28}(?![A-Za-z0-9])"
        r"(?::[\w+=,.@-]{2,64})?",
        hints=("aida", "aroa", "agpa", "aipa", "anpa", "anva", "apka", "asca"),
        binary=r"A(?:IDA|ROA|GPA|IPA|NPA|NVA|PKA|SCA)[A-Z0-9]{17}",
    ),
    Form(
        name="ARN",
        pattern=rf"(?<![A-Za-z0-9]){_ARN}[^\s\"'<>\\,;(){{}}|]{{1,1024}}",
        hints=("arn:aws",),
        binary=rf"{_ARN}[A-Za-z0-9_.:/@+=*-]{{1,1024}}",
    ),
    Form(name="account in a URL", pattern=r"(?<=\.com/)\d{12}(?=/)|(?<=\.cn/)\d{12}(?=/)", hints=("amazonaws",)),
    Form(
        name="account in a host",
        pattern=r"(?<![\w.-])\d{12}(?=\.(?:[a-z0-9-]{1,63}\.){1,6}amazonaws\.com)",
        hints=("amazonaws",),
    ),
    Form(
        name="broker",
        pattern=r"(?<![\w.-])(?:b-\d{1,3}(?:-public)?\.[a-z0-9-]{1,64}\.[a-z0-9]{6}|boot-[a-z0-9]{8})\.c\d{1,4}"
        r"\.kafka(?:-serverless)?\.[a-z0-9-]{1,30}\.amazonaws\.com",
        hints=(".kafka",),
    ),
    Form(
        name="receipt handle",
        pattern=r"(?<![A-Za-z0-9+/])AQEB[A-Za-z0-9+/]{100,1024}={0,2}(?![A-Za-z0-9+/])",
        hints=("aqeb",),
    ),
    Form(
        name="request id",
        pattern=r"(?i:request[ _-]?id[\"'\\]{0,4}\s{0,2}[:=]?\s{0,2}[\"'\\]{0,4}"
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})",
        hints=("request",),
    ),
    Form(
        name="trace id",
        pattern=r"(?<![0-9a-f-])1-[0-9a-f]{8}-[0-9a-f]{24}(?![0-9a-f])|(?<=Parent=)[0-9a-f]{16}(?![0-9a-f])",
        hints=("1-", "parent="),
    ),
    Form(
        name="e-mail address",
        # a pseudonym first: what comes behind it may look like more of its domain
        pattern=r"(?<![\w.+'-])(?:user-[a-z2-7]{10}@example\.com"
        r"|[\w.+'-]{1,64}@(?:\w(?:[\w-]{0,61}\w)?\.){1,8}[^\W\d_]{2,24}(?![\w-]))",
        hints=("@",),
        binary=r"[A-Za-z0-9_.+'-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}",
    ),
)
"""In the order in which they are tried at a place."""

_BINARY: Final = tuple(replace(form, pattern=form.binary) for form in FORMS if form.binary is not None)
"""The same for bytes that are no text."""


_SHORT: Final = 40
_MOST_KEPT: Final = 5_000


class Forms:
    """A choice of forms."""

    __slots__ = ("_forms", "_harmless")

    def __init__(self, forms: Sequence[Form]) -> None:
        self._forms = tuple(forms)
        self._harmless: set[str] = set()  # an event says the same forty short words with each of its records

    def replaced(self, text: str, change: Callable[[str, str], str]) -> str:
        """The text with what `change(name, found)` makes of what has a form."""
        if text in self._harmless:
            return text
        lower = text.lower()
        likely = tuple([form for form in self._forms if any(hint in lower for hint in form.hints)])
        if not likely:
            if len(text) <= _SHORT and len(self._harmless) < _MOST_KEPT:
                self._harmless.add(text)
            return text

        def changed(found: re.Match[str]) -> str:
            return change(likely[int((found.lastgroup or "")[1:])].name, found.group())

        return _one_pattern(likely).sub(changed, text)


@lru_cache(maxsize=256)
def _one_pattern(forms: tuple[Form, ...]) -> re.Pattern[str]:
    """All of these in one, each in a group of its own; those that a text cannot have would only cost time."""
    return re.compile("|".join(f"(?P<f{number}>{form.pattern})" for number, form in enumerate(forms)))


@lru_cache
def forms_named(*names: str) -> Forms:
    """The forms of these names."""
    return Forms([form for form in FORMS if form.name in names])


@lru_cache
def all_forms() -> Forms:
    """All forms; made when they are first asked for."""
    return Forms(FORMS)


@lru_cache
def binary_forms() -> Forms:
    """Those of bytes that are no text."""
    return Forms(_BINARY)
