"""Letters of other scripts and styles that look like Latin ones, after the idea of Unicode TR 39 (confusables): our own table.

Only what a reader takes for a letter of the Latin alphabet is here. Styled Latin letters (mathematical, circled, fullwidth,
superscript) have a compatibility decomposition, so NFKC reads them; the rest of Latin is read off the names of its letters.
"""

import re
import unicodedata

# Latin letter: look-alikes in Greek, Coptic, Cyrillic, Armenian, Cherokee and Lisu; capitals by the look of the capital.
_TABLE = {
    "a": "αаΑАᎪꓮⲀⲁꭺ",
    "b": "βвьΒВᏴꓐⲂᏏᏼ",
    "c": "сςСᏟꓚⲤⲥꮯ",
    "d": "ԁԂᎠᏧꓓժꭰꮷ",
    "e": "εеҽΕЕЄᎬꓰⲈєꭼ",
    "f": "ϝϜꓝք",
    "g": "ԍցԌᏀᏳꓖꮐ",
    "h": "һнհΗНҺᎻᏂꓧⲎꮋ",
    "i": "ιіΙІᎥꓲⲒⲓꭵ",
    "j": "јϳЈᎫꓙյꭻ",
    "k": "κкΚКᏦꓗⲔⲕꮶ",
    "l": "ӏӀⳐⳑᏞꓡլꮮ",
    "m": "мΜМᎷꓟⲘꮇ",
    "n": "ηпոΝꓠⲚռ",
    "o": "οоσΟОՕօꓳⲞⲟᎾ",
    "p": "ρрΡРᏢꓑⲢⲣꮲ",
    "q": "ԛԚզգ",
    "r": "гᎡᏒꓣꭱꮢ",
    "s": "ѕЅՏᏕᏚꓢꮥꮪ",
    "t": "τтΤТᎢꓔⲦꭲ",
    "u": "υцսՍꓴ",
    "v": "νѵѴᏙꓦꮩ",
    "w": "ωԝѡшԜᎳᏔꓪաⲱꮃꮤ",
    "x": "χхΧХꓫⲬⲭ",
    "y": "γуүΥУҮᎩᎽꓬⲨⲩꭹꮍ",
    "z": "ΖᏃꓜꮓ",
}
# Cyrillic letters that are no stand-ins by themselves: they look like Latin ones only between Latin letters.
_ONLY_INSIDE = frozenset("пгцшьє")
LATIN = {char: letter for letter, chars in _TABLE.items() for char in chars}
CONFUSABLE = frozenset(LATIN) - _ONLY_INSIDE
TO_LATIN = str.maketrans(LATIN)
# The other way, for words that are in truth Cyrillic.
TO_CYRILLIC = str.maketrans(dict(zip("aeopcyxkmtbhisjABEKMHOPCTX", "аеорсухкмтвнісјАВЕКМНОРСТХ", strict=True)))
# Where the letters of those scripts are; what is between belongs to other scripts that nobody takes for Latin.
OTHER = "\u0370-\u052f\u0531-\u0587\u13a0-\u13fd\u2c80-\u2cf3\ua4d0-\ua4f7\uab70-\uabbf"

_NAME = re.compile(
    r"LATIN (?:SMALL|CAPITAL) LETTER (?:TURNED |REVERSED |OPEN |SCRIPT |DOTLESS |LONG )?([A-Z])(?: WITH .+)?"
)
_SMALL_CAPITAL = re.compile(r"LATIN LETTER SMALL CAPITAL ([A-Z])")
_NEGATIVE = re.compile(r"(?:NEGATIVE (?:CIRCLED|SQUARED)|CROSSED NEGATIVE SQUARED) LATIN CAPITAL LETTER ([A-Z])")
_PARENTHESISED = re.compile(r"PARENTHESIZED LATIN (?:SMALL|CAPITAL) LETTER ([A-Z])")
_SQUARED_WORD = re.compile(r"SQUARED ([A-Z]{2,})")
_LATIN_BLOCKS = (
    range(0xC0, 0x2B0),
    range(0x1D00, 0x1D80),
    range(0x1E00, 0x1F00),
    range(0x2C60, 0x2C80),
    range(0xA720, 0xA800),
    range(0xAB30, 0xAB70),
)
# Letters of living orthographies whose turned or open form is a letter of its own: not counted as a disguise.
_ORTHOGRAPHIC = frozenset("əɛɔƏƐƆıſ")


def _named(pattern: re.Pattern[str], codes: range) -> dict[str, str]:
    """Characters whose whole Unicode name says which letters they show."""
    found = {}
    for code in codes:
        if match := pattern.fullmatch(unicodedata.name(chr(code), "")):
            found[chr(code)] = match[1].lower()
    return found


def _letters() -> dict[str, str]:
    """Letters of the Latin script with strokes, hooks and tails, phonetic ones, and accented ones: what is left of them."""
    found: dict[str, str] = {}
    for block in _LATIN_BLOCKS:
        for char, letter in _named(_NAME, block).items():
            base = unicodedata.normalize("NFD", char)[0]
            found[char] = base.lower() if base.isascii() else letter
        found.update(_named(_SMALL_CAPITAL, block))
    found.update({"ɑ": "a", "ƅ": "b", "ƽ": "s", "ɩ": "i", "ɪ": "i", "ᴦ": "r", "ᴨ": "n", "ᴩ": "p", "ᴫ": "n"})
    found.update({"ß": "ss", "æ": "ae", "œ": "oe", "ɡ": "g", "ꞵ": "b", "ꜱ": "s", "þ": "th"})
    return found


def _pictures() -> dict[str, str]:
    """Letters in boxes and circles that have no decomposition, and words in a box."""
    found = {char: f" {word} " for char, word in _named(_SQUARED_WORD, range(0x1F191, 0x1F19B)).items()}
    for pattern, codes in ((_NEGATIVE, range(0x1F150, 0x1F190)), (_PARENTHESISED, range(0x2474, 0x24EA))):
        found.update(_named(pattern, codes))
    found.update(_named(_PARENTHESISED, range(0x1F110, 0x1F130)))
    return found


LETTERS = _letters()
PICTURES = _pictures()
# Phonetic letters that no word of an orthography is written with among plain ones.
PHONETIC = frozenset(_named(_SMALL_CAPITAL, range(0x250, 0x2B0))) | frozenset(
    c for c in LETTERS if ("\u1d00" <= c <= "\u1d7f" or c in "ɑɡɩɪꜱ") and c not in _ORTHOGRAPHIC
)
