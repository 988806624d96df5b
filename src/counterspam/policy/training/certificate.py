"""Certificates: a signed code that holds everything, checked without this node, and a PDF that shows it.

The code is `CSC1.` + payload + `.` + signature, both base64url without padding: the payload is JSON, the signature Ed25519
(RFC 8032) over `CSC1.` + payload. Whoever has the public key of the node can check it with any library; the name of the learner
stands in the code alone, which the learner holds.
"""

import base64
import binascii
import hashlib
import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from importlib.resources import files
from pathlib import Path

import orjson
import segno
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from counterspam.errors import CounterspamError, DecodeError, Reason
from counterspam.policy.typesetting import compiled, installed

VERSION = "CSC1"
KEY_FILE = "training.key"
MOST_NAME, MOST_CODE = 80, 2000  # characters
NOT_ONE = "this is not a certificate code"


class NoFont(CounterspamError):
    """No font of this machine writes a script; `script` is its English name."""

    def __init__(self, script: str) -> None:
        super().__init__(f"no font of this machine writes {script}: install one of the Noto fonts")
        self.script = script


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What is certified. `subject` is the id of a module, or `path-` and an audience; `score` is in per cent, rounded down.

    `lang` is the language of the title; `serial` 16 hex digits; `key` names the key that signs.
    """

    name: str
    subject: str
    title: str
    lang: str
    audience: str
    score: int
    day: str
    serial: str
    key: str = ""


_FIELDS = {
    "n": "name", "s": "subject", "t": "title", "l": "lang", "a": "audience", "p": "score", "d": "day", "i": "serial",
    "k": "key",
}  # fmt: skip


def signing_key(folder: Path) -> Ed25519PrivateKey:
    """The key that the node of this data folder signs with, made at the first call; only its owner may read the file."""
    path = folder / KEY_FILE
    folder.mkdir(parents=True, exist_ok=True)
    try:
        made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return Ed25519PrivateKey.from_private_bytes(path.read_bytes())
    with os.fdopen(made, "wb") as file:
        key = Ed25519PrivateKey.generate()
        file.write(key.private_bytes_raw())
        file.flush()
        os.fsync(made)
    return key


def public_pem(key: Ed25519PublicKey) -> str:
    """A public key as others take it (PEM, RFC 8410)."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def key_id(key: Ed25519PublicKey) -> str:
    """What names a key: the first 16 hex digits of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def read_public(text: str) -> Ed25519PublicKey:
    """A public key in PEM or as 64 hex digits. Raises DecodeError."""
    try:
        if "BEGIN" not in text:
            return Ed25519PublicKey.from_public_bytes(bytes.fromhex(text.strip()))
        found = load_pem_public_key(text.encode())
    except ValueError as error:
        raise DecodeError(Reason.BAD_SYNTAX, "this is not a public key in PEM or hexadecimal") from error
    if not isinstance(found, Ed25519PublicKey):
        raise DecodeError(Reason.UNSUPPORTED, "the key is not of Ed25519")
    return found


def tidy(name: str) -> str:
    """A name as a learner gave it, without control and direction characters, at most 80 characters; "" when nothing is left."""
    kept = "".join(char if char.isprintable() else " " for char in unicodedata.normalize("NFC", name[:1000]))
    return " ".join(kept.split())[:MOST_NAME].strip()


def sign(one: Certificate, key: Ed25519PrivateKey) -> str:
    """The code."""
    values = {short: getattr(one, long) for short, long in _FIELDS.items()} | {"k": key_id(key.public_key())}
    signed = f"{VERSION}.{_base64(orjson.dumps(values))}"
    return f"{signed}.{_base64(key.sign(signed.encode()))}"


def verify(code: str, key: Ed25519PublicKey) -> Certificate:
    """What a code certifies, when this key signed it. Raises DecodeError when it did not, or it is no code.

    A code may be given as the address that the QR mark holds, with the code after `#`, and with spaces in it.
    """
    text = "".join(code[: 2 * MOST_CODE].rpartition("#")[2].split())
    signed, _, signature = text.rpartition(".")
    version, _, payload = signed.partition(".")
    if version != VERSION or len(text) > MOST_CODE:
        raise DecodeError(Reason.BAD_SYNTAX, NOT_ONE)
    try:
        key.verify(_bytes(signature), signed.encode())
    except InvalidSignature as error:
        raise DecodeError(Reason.BAD_VALUE, "this key did not sign it: another node did, or it was changed") from error
    return _certificate(_bytes(payload))


def _certificate(payload: bytes) -> Certificate:
    """What a payload says whose signature is right."""
    try:
        values = orjson.loads(payload)
        return Certificate(**{_FIELDS[short]: value for short, value in values.items()})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DecodeError(Reason.UNSUPPORTED, "a certificate of another version of this program") from error


def code_hash(code: str) -> str:
    """What a store keeps of a code: 64 hex digits of SHA-256, from which nothing of it can be read."""
    text = "".join(code[: 2 * MOST_CODE].rpartition("#")[2].split())
    return hashlib.sha256(text.encode()).hexdigest()


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    try:
        found = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise DecodeError(Reason.BAD_SYNTAX, NOT_ONE) from error
    if _base64(found) != text:  # another way of writing the same bytes would be another code
        raise DecodeError(Reason.BAD_SYNTAX, NOT_ONE)
    return found


# The sheet of paper


def pdf(one: Certificate, code: str, words: Mapping[str, str], address: str, lang: str) -> bytes:
    """The certificate as a PDF: A4, one page, tagged. The same certificate gives the same bytes.

    `words` are the sentences of the sheet in the language `lang`: title, holds, passed, score, day, check, unsupervised.
    `address` is the page that checks codes. Raises NoFont.
    """
    said = {**words, "name": one.name, "subject": one.title, "code": code}
    families = fonts("".join(said.values()))
    qr = segno.make(f"{address}#{code}", error="l", boost_error=False).svg_inline(border=0)
    given = {
        **said,
        "lang": lang,
        "right": "1" if lang == "ar" else "",
        "qr": qr.replace("<svg ", _SVG, 1),
        "fonts": "\n".join(families),
    }
    source = (files(__package__) / "certificate.typ").read_bytes()
    at = datetime.combine(date.fromisoformat(one.day), time(), UTC)
    made: bytes = compiled(source, given, "pdf", at, standard="a-2b")
    return made


_SVG = '<svg xmlns="http://www.w3.org/2000/svg" '
# Scripts that a typst without any font of the system writes, and fonts to prefer where they are installed.
_EMBEDDED = {"LATIN", "GREEK", "CYRILLIC", "COMMON"}
_PREFERRED = ("Noto Sans", "Noto Sans Arabic", "Noto Naskh Arabic", "Noto Sans CJK SC")
_NAMED = {  # the first word of the names of characters in Unicode, where fonts have another
    "CJK": "CJK SC", "HIRAGANA": "CJK JP", "KATAKANA": "CJK JP", "HANGUL": "CJK KR", "BOPOMOFO": "CJK TC",
}  # fmt: skip


def fonts(text: str) -> list[str]:
    """Font families that write the whole text, the preferred ones first. Raises NoFont for a script that none writes."""
    known = installed()
    found = [name for name in _PREFERRED if name in known]
    for script in sorted({_script(char) for char in text} - _EMBEDDED):
        part = _NAMED.get(script, script.title())
        fitting = [
            f"Noto {kind} {part}" for kind in ("Sans", "Serif", "Naskh", "Kufi") if f"Noto {kind} {part}" in known
        ]
        if not fitting:
            raise NoFont(script.title())
        found += [name for name in fitting if name not in found]
    return [*found, "Libertinus Serif"]


def _script(char: str) -> str:
    """The script of a character by the first word of its Unicode name; COMMON for signs, digits and what has no name."""
    if not char.isalpha() and unicodedata.category(char)[0] not in "LM":
        return "COMMON" if unicodedata.category(char) != "So" else "SYMBOLS"
    name = unicodedata.name(char, "")
    first = name.partition(" ")[0]
    return "COMMON" if not first or first in ("MODIFIER", "COMBINING", "FEMININE", "MASCULINE", "MICRO") else first
