"""Bytes of mail to text: charsets as mail really uses them, and encoded words in headers (RFC 2047).

Nothing here raises: what cannot be decoded becomes U+FFFD, and NUL, which stores refuse, is taken out.
"""

import binascii
import codecs
import re
from functools import lru_cache

# Declared name -> the superset that senders really mean (WHATWG Encoding Standard, table of labels).
_MEANT = {
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "ansi_x3.4-1968": "cp1252",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb2312_charset": "gb18030",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "windows-874": "cp874",
    "tis-620": "cp874",
    "iso-8859-9": "cp1254",
    "unicode-1-1-utf-7": "utf-7",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
}
# Python has these as text codecs, but no mail uses them and their cost or effect is not bounded.
_NEVER = {"punycode", "idna", "unicode_escape", "raw-unicode-escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
# In these a byte below 128 is not the ASCII character.
_NOT_ASCII = ("utf-16", "utf-32", "utf-7", "iso2022", "hz")

_WORD = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?([^?]*)\?=")
_WORD_GAP = re.compile(r"(\?=)\s+(?==\?[^?\s]{1,80}\?[bBqQ]\?)")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BASE64_OTHER = re.compile(rb"[^A-Za-z0-9+/]+")


@lru_cache(maxsize=512)
def _codec(name: str) -> str:
    """The Python codec for a declared charset; "" for an unknown or unusable one."""
    wanted = name.strip().strip("\"'").lower()
    wanted = _MEANT.get(wanted, wanted)
    try:
        found = codecs.lookup(wanted).name if wanted.isascii() and len(wanted) <= 40 else ""
        if not found or found in _NEVER:
            return ""
        b"".decode(found)  # codecs such as "hex" are no text encodings and refuse here
    except (LookupError, ValueError):
        return ""
    return found


def decode_text(data: bytes, charset: str = "") -> str:
    """`data` as text: in the declared charset where it fits, else UTF-8, else Windows-1252."""
    codec = _codec(charset) if charset else ""
    plain = data.isascii() and not codec.startswith(_NOT_ASCII)
    text = data.decode("ascii") if plain else _decode_bytes(data, codec)
    return text.replace("\0", "") if "\0" in text else text


def _decode_bytes(data: bytes, codec: str) -> str:
    # Text that is valid UTF-8 with non-ASCII characters is nearly never anything else, whatever a single-byte label says.
    if codec in ("", "cp1252", "cp1254", "utf-8"):
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            codec = codec or "cp1252"
    try:
        text = data.decode(codec, "replace")
    except (UnicodeError, LookupError, ValueError):
        text = data.decode("cp1252", "replace")
    return _SURROGATE.sub("\ufffd", text)


def decode_base64(data: bytes) -> bytes:
    """Base64 as broken mailers write it: foreign characters skipped, what stands after a first padding kept."""
    out = []
    for piece in data.split(b"="):
        clean = _BASE64_OTHER.sub(b"", piece)
        clean = clean[: len(clean) - 1] if len(clean) % 4 == 1 else clean
        out.append(binascii.a2b_base64(clean + b"=" * (-len(clean) % 4)))
    return b"".join(out)


def decode_words(value: str) -> str:
    """A header value with its encoded words decoded (RFC 2047); a charset that is unknown is guessed."""
    if "=?" not in value:
        return value
    value = _WORD_GAP.sub(r"\1", value)
    out: list[str] = []
    held, held_charset, end = b"", "", 0
    for found in _WORD.finditer(value):
        charset = found[1].partition("*")[0].lower()  # RFC 2231 section 5: language after the asterisk
        data = _word_bytes(found[2], found[3])
        if found.start() != end or charset != held_charset:
            out += (decode_text(held, held_charset), value[end : found.start()])
            held = b""
        # Mailers cut multi-byte characters across words; bytes of one charset are joined before decoding.
        held, held_charset, end = held + data, charset, found.end()
    out += (decode_text(held, held_charset), value[end:])
    return "".join(out)


def _word_bytes(kind: str, payload: str) -> bytes:
    data = payload.encode("utf-8", "replace")
    return decode_base64(data) if kind in "bB" else binascii.a2b_qp(data, header=True)
