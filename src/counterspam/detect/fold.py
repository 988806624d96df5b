"""Text as a reader sees it: look-alike letters, invisible characters, accents and case taken out.

Two messages that look the same fold to the same words, and `repaired` counts what somebody had to do on purpose to make
them differ: invisible characters inside words, letters of another script or style (Unicode TR 36 and 39 name the trick).
"""

import re
import unicodedata

# Letters of other scripts that look like Latin ones.
_CYRILLIC = dict(zip("аеорсухіѕјԁԛԝӏьвнкмтгᴦпиы", "aeopcyxisjdqwlbbhkmtrrnub", strict=False))
_CYRILLIC = {k: v for k, v in _CYRILLIC.items() if k not in "ьпиыг"}
_GREEK = dict(zip("αβεικνορτυχγηω", "abeikvoptuxynw", strict=True))
_SMALL_CAPS = dict(zip("ᴀʙᴄᴅᴇғɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢɑɡⅼ", "abcdefghijklmnoprstuvwyzagl", strict=True))
_LOOKALIKE = str.maketrans({**_CYRILLIC, **_GREEK})
_TO_CYRILLIC = str.maketrans({latin: letter for letter, latin in _CYRILLIC.items() if latin in "aeopcyxkmtbh"})
_CONFUSABLE = frozenset(_CYRILLIC) | frozenset(_GREEK)

_HIDDEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\U000e0000-\U000e0fff"
)
_ASCII = frozenset(map(chr, range(128)))
_HIDDEN_INSIDE = re.compile(rf"(?<=[A-Za-zÀ-ɏЀ-ӿ])[{_HIDDEN}]+(?=[A-Za-zÀ-ɏЀ-ӿ])")
_STYLED = re.compile("[\U0001d400-\U0001d7ff\U0001f110-\U0001f189ᴀ-ᴢⅼ]|[Ⓐ-ⓩ]{3,}|[Ａ-Ｚａ-ｚ]{2,}")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LATIN = re.compile("[a-z]")
_OTHER = re.compile("[Ͱ-ϿЀ-ԯ]")
_MIXED = re.compile("[a-z][Ͱ-ϿЀ-ԯ]|[Ͱ-ϿЀ-ԯ][a-z]")
_NOT_LETTERS = re.compile(r"[\W\d_]+")


def _table() -> dict[int, str | None]:
    """What becomes of single characters after NFKC and lower-casing."""
    table: dict[int, str | None] = {}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii():
            table[code] = base
    table.update(
        {ord(k): v for k, v in {"ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l"}.items()}
    )
    table.update(dict.fromkeys((*range(0x300, 0x370), *range(0x64B, 0x653), 0x640, 0x670), None))
    table.update(dict.fromkeys(map(ord, "أإآٱ"), "ا"))
    table.update({ord(k): v for k, v in {"ى": "ي", "ک": "ك", "ی": "ي"}.items()})
    table.update(dict.fromkeys(map(ord, "‘’‚‛´ʼ＇"), "'"))
    table.update(dict.fromkeys(map(ord, "“”„‟«»"), '"'))
    table.update(dict.fromkeys(map(ord, "‐‑‒–—―−"), "-"))
    table.update({ord(k): v for k, v in _SMALL_CAPS.items()})
    for zero in (0x660, 0x6F0, 0x966, 0x9E6):
        table.update({zero + digit: str(digit) for digit in range(10)})
    for code in _codes(_HIDDEN):
        table[code] = None
    return table


def _codes(ranges: str) -> list[int]:
    found: list[int] = []
    for part in re.findall(r"(.)-(.)|(.)", ranges, re.DOTALL):
        found += range(ord(part[0]), ord(part[1]) + 1) if part[0] else [ord(part[2])]
    return found


_CHARACTERS = _table()
_HIDDEN_SET = frozenset(map(chr, _codes(_HIDDEN)))


def clean(text: str) -> str:
    """`text` without lone surrogates, which cannot be searched or stored as UTF-8."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def fold(text: str) -> tuple[str, int]:
    """The folded words of `text`, one blank apart, and how many characters had to be repaired."""
    if text.isascii():
        return " ".join(text.lower().split()), 0
    repaired = 0
    foreign = set(text) - _ASCII
    if not foreign.isdisjoint(_HIDDEN_SET):
        repaired += sum(len(found) for found in _HIDDEN_INSIDE.findall(text))
    if any(c >= "Ａ" or "ᴀ" <= c <= "ᴢ" or "Ⓐ" <= c <= "ⓩ" or c == "ⅼ" for c in foreign):
        fullwidth = _CJK.search(text) is not None  # ordinary in Chinese, Japanese and Korean text
        repaired += sum(len(found) for found in _STYLED.findall(text) if not (fullwidth and "Ａ" <= found[0] <= "ｚ"))
    normal = unicodedata.normalize("NFKC", text)
    text = _replace(normal.lower(), set("".join(foreign).lower()) if normal == text else set(normal.lower()))
    if any("Ͱ" <= c <= "ԯ" for c in foreign) and _OTHER.search(text) and _LATIN.search(text):
        text, letters = _one_script(text)
        repaired += letters
    return " ".join(text.split()), repaired


def _replace(text: str, present: set[str]) -> str:
    """`text.translate(_CHARACTERS)`, but quicker where few of the characters present are concerned, as in most mail."""
    found = [(c, _CHARACTERS[ord(c)] or "") for c in present if ord(c) in _CHARACTERS]
    if len(found) > 20:
        return text.translate(_CHARACTERS)
    for char, instead in found:
        text = text.replace(char, instead)
    return text


def _one_script(text: str) -> tuple[str, int]:
    """Words that mix Latin with Cyrillic or Greek letters brought to the script that they pretend to be in."""
    latin = len(_LATIN.findall(text)) > 4 * len(_OTHER.findall(text))
    words, repaired = text.split(), 0
    for index, word in enumerate(words):
        if not _OTHER.search(word):
            continue
        mixed = _MIXED.search(word) is not None
        letters = frozenset(_NOT_LETTERS.sub("", word))
        if mixed and any(c > "Ͱ" and c not in _CONFUSABLE for c in letters):
            fixed = word.translate(_TO_CYRILLIC)
        elif mixed or (latin and len(letters) > 1 and letters <= _CONFUSABLE):
            fixed = word.translate(_LOOKALIKE)
        else:
            continue
        repaired += sum(a != b for a, b in zip(word, fixed, strict=True))
        words[index] = fixed
    return " ".join(words), repaired
