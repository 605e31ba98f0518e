"""What stands in the place of an identifier, or of what has a form. The law: what names nobody stays of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pytest_lambda_events.cassette.redact.forms import FORMS, all_forms, binary_forms, forms_named
from pytest_lambda_events.cassette.redact.pseudonyms import is_pseudonym
from pytest_lambda_events.model.looking import decoded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lambda_events.cassette.redact.forms import Forms
    from pytest_lambda_events.cassette.redact.pseudonyms import Pseudonyms
    from pytest_lambda_events.model.redaction import Kind

__all__ = ["ACCOUNT", "Replacing", "addresses", "made_on", "uuids_in"]

ACCOUNT: Final = re.compile(r"[0-9]{12}")
_UUID: Final = re.compile(
    r"(?<![0-9A-Fa-f])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9A-Fa-f])"
)
_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_SCHEME: Final = re.compile(
    r"((?:Bearer|Basic|Token|Digest|Negotiate|AWS4-HMAC-SHA256) )(.+)", re.IGNORECASE | re.DOTALL
)
_ASSIGNED: Final = re.compile(
    r"(.*?(?:=>|[:=])\s{0,4}[\"'\\]{0,4}(?:(?:bearer|basic|token)\s)?)(.+)", re.IGNORECASE | re.DOTALL
)
_PERSON: Final = re.compile(r"((?:user|federated-user|mfa)/(?:[^/]+/)*|assumed-role/[^/]+/)([^/]+)")
_MADE_ON: Final = re.compile(r"ID:(\S+?)(?=-[0-9]{1,5}-[0-9]{1,19}-[0-9]+(?::|\Z))")  # ActiveMQ's IdGenerator
_LOCAL: Final = frozenset(("localhost", "127.0.0.1", "[::1]"))
_IN_RESOURCES: Final = ("e-mail address", "IAM id")
_SECRETS: Final = frozenset(form.name for form in FORMS if form.secret)
_MOST_TURNS: Final = 10
_SHORT: Final = 60
_MOST_DONE: Final = 10_000
_UUID_CHARACTERS: Final = 36
_TRACE_START: Final = len("1-01234567-")


class Replacing:
    """Replaces with the pseudonyms of one key. `known`: accounts, hosts and UUIDs that were met, by what they are."""

    __slots__ = ("_by_form", "_by_kind", "_done", "_known", "_known_pattern", "pseudonyms")

    def __init__(self, pseudonyms: Pseudonyms, known: Mapping[str, str]) -> None:
        self.pseudonyms = pseudonyms
        self._known = known
        self._done: dict[str, str] = {}  # an event says the same forty short words with each of its records
        values = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
        self._known_pattern = re.compile(rf"(?<![A-Za-z0-9])(?:{values})(?![A-Za-z0-9])") if known else None
        self._by_kind: Mapping[Kind, Callable[[str], str]] = {
            "handle": pseudonyms.handle,
            "opaque": pseudonyms.opaque,
            "principal": self._principal,
            "trace": self.text,
            "hosts": self._hosts,
            "user": pseudonyms.name,
            "jms_id": self._jms_id,
        }
        self._by_form: Mapping[str, Callable[[str], str]] = {
            "private key": pseudonyms.token,
            "JSON Web Token": pseudonyms.token,
            "token of a service": pseudonyms.token,
            "password in a URL": self._userinfo,
            "bearer token": pseudonyms.token,
            "basic credentials": self._basic,
            "secret by its name": self._assigned,
            "id of an access key": pseudonyms.identity,
            "IAM id": self._principal,
            "ARN": self._arn,
            "account in a URL": pseudonyms.account,
            "account in a host": pseudonyms.account,
            "broker": self._broker,
            "receipt handle": pseudonyms.handle,
            "request id": self._request,
            "trace id": self._trace_id,
            "e-mail address": pseudonyms.email,
            "known account": pseudonyms.account,
            "known host": self._host,
            "known UUID": self._uuids,
            "known origin": self._origin,
        }

    def text(self, text: str) -> str:
        """A text in which everything that has a form is replaced, until there is nothing left.

        What a pseudonym stands beside may have a form together with it; so twice is once.
        """
        if text in self._done:
            return self._done[text]
        changed = _until_it_stays(text, lambda one: self._without_known(all_forms().replaced(one, self._change)))
        if len(text) <= _SHORT and len(self._done) < _MOST_DONE:
            self._done[text] = changed
        return changed

    def binary(self, data: bytes) -> bytes:
        """The same of bytes that are no text. Lengths stay, because formats such as Avro count them."""

        def once(text: str) -> str:
            return self._without_known(binary_forms().replaced(text, self._masked), self._masked)

        return _until_it_stays(data.decode("latin-1"), once).encode("latin-1")

    def secrets_in(self, text: str) -> list[str]:
        """The names of the secret forms in a text, pseudonyms left out."""
        return self._secrets(all_forms(), text)

    def secrets_in_binary(self, data: bytes) -> list[str]:
        """The same of bytes that are no text."""
        return self._secrets(binary_forms(), data.decode("latin-1"))

    def _secrets(self, forms: Forms, text: str) -> list[str]:
        found: list[str] = []

        def noted(name: str, one: str) -> str:
            if name in _SECRETS and self._change(name, one) != one:
                found.append(name)
            return one

        forms.replaced(text, noted)
        return found

    def identifier(self, kind: Kind, text: str) -> str:
        """An identifier."""
        return self._by_kind[kind](text)

    def secret(self, text: str) -> str:
        """A secret; what stands before it (`Bearer`) says how it is used, and stays."""
        found = _SCHEME.fullmatch(text)
        return self.pseudonyms.token(text) if found is None else found[1] + self.pseudonyms.token(found[2])

    def any(self, text: str) -> str:
        """A text that a rule names, in its form where it has one."""
        if not text:
            return text
        if _UUID.fullmatch(text) is not None:
            return self.pseudonyms.uuid(text)
        if _EMAIL.fullmatch(text) is not None:
            return self.pseudonyms.email(text)
        return self.pseudonyms.token(text)

    def _without_known(self, text: str, change: Callable[[str, str], str] | None = None) -> str:
        """A text in which the accounts, hosts and UUIDs that were met are replaced."""
        if self._known_pattern is None:
            return text
        replace = change or self._change
        return self._known_pattern.sub(lambda found: replace(self._known[found.group()], found.group()), text)

    def _change(self, name: str, found: str) -> str:
        return found if is_pseudonym(found) else self._by_form[name](found)

    def _masked(self, name: str, found: str) -> str:
        changed = self._change(name, found)
        if len(changed) == len(found):
            return changed
        # a byte that counts the text behind it (Avro counts double) may look like its first letter
        length = found[:1] if ord(found[0]) in (len(found) - 1, 2 * len(found) - 2) else ""
        return length + self.pseudonyms.mask(found[len(length) :])

    def _basic(self, found: str) -> str:
        """User and password, with a colon between; anything else is a word of a sentence."""
        return self.pseudonyms.token(found) if b":" in (decoded(found) or b"") else found

    def _userinfo(self, found: str) -> str:
        user, _, password = found.partition(":")
        return f"{user}:{self.pseudonyms.token(password)}"

    def _assigned(self, found: str) -> str:
        parts = _ASSIGNED.fullmatch(found)
        return found if parts is None else parts[1] + self.pseudonyms.token(parts[2])

    def _principal(self, found: str) -> str:
        """An id of IAM, what follows it being the name of a session; or an account."""
        if ACCOUNT.fullmatch(found) is not None:
            return self.pseudonyms.account(found)
        identity, colon, session = found.partition(":")
        return f"{self.pseudonyms.identity(identity)}{colon}{self.pseudonyms.name(session) if session else ''}"

    def _arn(self, found: str) -> str:
        """Partition, service, region and the names of resources stay; accounts, UUIDs and people do not."""
        *start, account, resource = found.split(":", 5)
        if ACCOUNT.fullmatch(account) is not None:
            account = self.pseudonyms.account(account)
        if start[2] in ("iam", "sts"):
            resource = _PERSON.sub(lambda one: one[1] + self.pseudonyms.name(one[2]), resource)
        resource = self._without_known(forms_named(*_IN_RESOURCES).replaced(resource, self._change))
        resource = self._uuids(resource)
        return ":".join((*start, account, resource))

    def _uuids(self, text: str) -> str:
        return _UUID.sub(lambda one: self.pseudonyms.uuid(one.group()), text)

    def _jms_id(self, text: str) -> str:
        return self._uuids(_MADE_ON.sub(lambda one: self._origin(one.group()), text))

    def _origin(self, found: str) -> str:
        """`ID:` and the host on which an id was made; of a broker of Amazon MQ only its UUID says whose it is."""
        host = found.removeprefix("ID:")
        return f"ID:{self._uuids(host) if uuids_in(host) else self._host(host)}"

    def _broker(self, found: str) -> str:
        """A broker of Amazon MSK: the letters that AWS drew for its cluster."""
        first, *others = found.split(".")
        if first.startswith("boot-"):
            return ".".join((f"boot-{self.pseudonyms.label(first[5:])}", *others))
        name, drawn, *rest = others
        return ".".join((first, name, self.pseudonyms.label(drawn), *rest))

    def _host(self, found: str) -> str:
        return found if found in _LOCAL else self.pseudonyms.host(found)

    def _hosts(self, found: str) -> str:
        return ",".join(self._server(host) + colon + port for host, colon, port in addresses(found))

    def _server(self, host: str) -> str:
        changed = self.text(host)
        return changed if changed != host or ".kafka" in host else self._host(host)

    def _request(self, found: str) -> str:
        return found[:-_UUID_CHARACTERS] + self.pseudonyms.uuid(found[-_UUID_CHARACTERS:])

    def _trace_id(self, found: str) -> str:
        time, drawn = (found[:_TRACE_START], found[_TRACE_START:]) if found.startswith("1-") else ("", found)
        return time + self.pseudonyms.hexadecimal(drawn)


def uuids_in(text: str) -> list[str]:
    """The UUIDs in a text."""
    return _UUID.findall(text)


def made_on(text: str) -> str | None:
    """`ID:` and the host on which an id of ActiveMQ's was made; None where it names none, or a pseudonym."""
    found = _MADE_ON.match(text)
    return None if found is None or is_pseudonym(found[1]) else found.group()


def _until_it_stays(text: str, change: Callable[[str], str]) -> str:
    for _ in range(_MOST_TURNS):
        changed = change(text)
        if changed == text:
            break
        text = changed
    return text


def addresses(servers: str) -> list[tuple[str, str, str]]:
    """Host, colon and port of each address in a list with commas."""
    found = []
    for server in servers.split(","):
        host, colon, port = server.rpartition(":")
        found.append((host, colon, port) if colon else (server, "", ""))
    return found
