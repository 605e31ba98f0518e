"""What is known by its name: passwords, tokens, accounts, requests. The law: a name is compared without case and marks.

`clientSecret`, `client-secret` and `CLIENT_SECRET` are one name.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

__all__ = ["Meaning", "is_harmless", "meaning_of"]

Meaning = Literal["secret", "opaque", "account", "request", "principal"]
"""What a value is, by its name. `opaque`: a signature in base64."""

_MARKS: Final = re.compile(r"[^a-z0-9]")
_ENDS: Final = (
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "secretkey",
    "privatekey",
    "encryptionkey",
    "signingkey",
    "credential",
    "authorization",
    "cookie",
    "connectionstring",
)
_NAMES: Final[dict[str, Meaning]] = {
    **dict.fromkeys(("pwd", "pswd", "sessionid", "jwt", "bearer", "auth", "pincode", "otp", "cvv", "cvc"), "secret"),
    **dict.fromkeys(("signature", "xamzsignature"), "opaque"),
    **dict.fromkeys(
        ("account", "accountid", "awsaccountid", "owner", "ownerid", "recipientaccountid", "sourceaccount"), "account"
    ),
    **dict.fromkeys(
        ("requestid", "awsrequestid", "xamznrequestid", "xamzrequestid", "xamzid2", "hostid", "lambdarequestid"),
        "request",
    ),
    "principalid": "principal",
}


_HARMLESS: Final = (
    *("id", "ids", "hash", "digest", "checksum", "md5", "sha1", "sha256", "etag", "integrity", "sequencer"),
    *("fingerprint", "uuid", "guid", "arn", "version"),
)


@lru_cache(maxsize=4096)
def is_harmless(name: str) -> bool:
    """Whether a value with this name may well look random, and is no secret."""
    return _MARKS.sub("", name.lower()).endswith(_HARMLESS) and meaning_of(name) != "secret"


@lru_cache(maxsize=4096)
def meaning_of(name: str) -> Meaning | None:
    """What a name says about its value; None when it says nothing. The plural says the same."""
    plain = _MARKS.sub("", name.lower())
    for one in (plain, plain.removesuffix("s")):
        if one in _NAMES:
            return _NAMES[one]
        if one.endswith(_ENDS):
            return "secret"
    return None
