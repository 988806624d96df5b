"""What senders of spam do to a text so that a filter does not know it: one function per tactic, the same for the same seed.

Each takes a text and a source of chance and gives back what is sent instead; a reader still understands it. Written from
descriptions of the tactics (Unicode TR 39; Salman, Ikram, Kaafar, IEEE Access 2024, name those of SMS), not from any tool.
"""

import random
import re
from collections.abc import Callable, Sequence

Attack = Callable[[str, random.Random], str]
HARD = 0.5  # share of the words of four letters and more that are attacked

_WORD = re.compile(r"(?<![\w@./:-])[A-Za-z]{4,}(?![\w@/:-])")
# Small look-alikes in Cyrillic, Greek, Armenian and phonetic letters; chosen here, not taken from what detection knows.
_ALIKE = {
    "a": "аɑα", "b": "ЬƄ", "c": "сϲ", "d": "ԁɗ", "e": "еҽ", "g": "ɡց", "h": "һհ", "i": "іɩι", "j": "јϳ", "k": "кκ", "l": "ӏⅼ",
    "m": "мⅿ", "n": "ոո", "o": "оοօ", "p": "рρ", "q": "ԛզ", "r": "гᴦ", "s": "ѕꜱ", "t": "тτ", "u": "սυ", "v": "ѵν", "w": "ԝѡ",
    "x": "хχ", "y": "уү", "z": "ᴢʐ",
}  # fmt: skip
_LEET = {"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "5$", "l": "1", "t": "7", "b": "8", "g": "9"}
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_MARKS = "\u0335\u0336\u0337\u0300\u0302\u0323\u0329\u0316"
_LINK = re.compile(r"(?:https?://|www\.)\S+|\b[a-z0-9-]+\.(?:com|net|org|co\.uk|info|ly|ga)\S*", re.I)
# A small table of our own: words of spam and what one may say instead.
_SYNONYMS = {
    "free": "at no cost", "win": "get", "won": "been awarded", "winner": "lucky person", "prize": "award", "claim": "collect",
    "call": "ring", "urgent": "pressing", "account": "profile", "verify": "check", "confirm": "check", "click": "tap",
    "cash": "money", "money": "funds", "offer": "proposal", "buy": "order", "cheap": "low-priced", "guaranteed": "certain",
    "mobile": "handset", "phone": "handset", "text": "write", "reply": "answer", "message": "note", "now": "today",
    "please": "kindly", "customer": "client", "service": "help", "subscribe": "sign on", "channel": "page", "video": "clip",
    "check": "look at", "earn": "make", "work": "job", "home": "house", "credit": "lending", "loan": "advance", "save": "keep",
    "order": "request", "today": "this day", "new": "recent", "latest": "most recent", "selected": "picked", "receive": "get",
    "bonus": "extra", "reward": "thank-you", "stop": "end", "sex": "love", "chat": "talk", "girls": "ladies",
    "remove": "take off",
    "income": "earnings", "business": "trade", "internet": "web", "email": "mail", "list": "register", "million": "fortune",
}  # fmt: skip


def _words(text: str, dice: random.Random, change: Callable[[str], str]) -> str:
    """Every second word of four letters and more changed; at least one."""
    places = [match.span() for match in _WORD.finditer(text)]
    if not places:
        return text
    chosen = [place for place in places if dice.random() < HARD] or [dice.choice(places)]
    for start, end in reversed(chosen):
        text = text[:start] + change(text[start:end]) + text[end:]
    return text


def homoglyphs(text: str, dice: random.Random) -> str:
    """Half of the letters of a word replaced by look-alikes of other scripts."""

    def change(word: str) -> str:
        return "".join(
            dice.choice(_ALIKE[c.lower()]) if c.lower() in _ALIKE and dice.random() < 0.5 else c for c in word
        )

    return _words(text, dice, change)


def styled(text: str, dice: random.Random) -> str:
    """Words in mathematical, fullwidth or circled letters."""

    def change(word: str) -> str:
        small, large = dice.choice(((0x1D41A, 0x1D400), (0xFF41, 0xFF21), (0x24D0, 0x24B6), (0x1D5EE, 0x1D5D4)))
        return "".join(chr(small + ord(c) - 97) if c.islower() else chr(large + ord(c) - 65) for c in word)

    return _words(text, dice, change)


def zero_width(text: str, dice: random.Random) -> str:
    """Invisible characters inside words."""
    return _words(
        text, dice, lambda word: "".join(c + (dice.choice(_INVISIBLE) if dice.random() < 0.5 else "") for c in word)
    )


def combining(text: str, dice: random.Random) -> str:
    """Marks heaped on letters."""
    return _words(
        text, dice, lambda word: "".join(c + "".join(dice.choices(_MARKS, k=dice.randrange(3))) for c in word)
    )


def leet(text: str, dice: random.Random) -> str:
    """Digits and signs for one or two letters of a word."""

    def change(word: str) -> str:
        places = [i for i, c in enumerate(word.lower()) if c in _LEET]
        letters = list(word)
        for i in dice.sample(places, min(len(places), dice.choice((1, 2)))):
            letters[i] = dice.choice(_LEET[word[i].lower()])
        return "".join(letters)

    return _words(text, dice, change)


def spacing(text: str, dice: random.Random) -> str:
    """Words pulled apart letter by letter."""
    return _words(text, dice, " ".join)


def punctuation(text: str, dice: random.Random) -> str:
    """Words cut by a sign, or letter by letter by full stops."""

    def change(word: str) -> str:
        if dice.random() < 0.5:
            return dice.choice(".-*_").join(word)
        place = dice.randrange(1, len(word))
        return word[:place] + dice.choice(".*_-~") + word[place:]

    return _words(text, dice, change)


def charswap(text: str, dice: random.Random) -> str:
    """Two neighbours changed, a letter dropped, doubled or foreign."""

    def change(word: str) -> str:
        i = dice.randrange(1, len(word) - 1)
        letter = dice.choice("abcdefghijklmnopqrstuvwxyz")
        return dice.choice(
            (word[:i] + word[i + 1] + word[i] + word[i + 2 :], word[:i] + word[i + 1 :], word[:i] + letter + word[i:])
        )

    return _words(text, dice, change)


def url_rewriting(text: str, dice: random.Random) -> str:
    """Another host in every link, without the scheme, and the dots bracketed now and then."""

    def change(_: re.Match[str]) -> str:
        name = "".join(dice.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=dice.randrange(5, 10)))
        dot, ending = dice.choice((".", "[.]", " . ")), dice.choice(("top", "com", "example", "info"))
        return f"{name}{dot}{ending}/{dice.randrange(1000)}"

    return _LINK.sub(change, text)


def truncation(text: str, dice: random.Random) -> str:
    """The first half of the words."""
    words = text.split(" ")
    return " ".join(words[: max(4, len(words) // 2)])


def paraphrase(text: str, dice: random.Random) -> str:
    """Words of spam in other words."""
    return re.sub(r"[A-Za-z]+", lambda m: _SYNONYMS.get(m[0].lower(), m[0]), text)


def word_salad(ham: Sequence[str]) -> Attack:
    """Words of ordinary messages behind the text, as many as it has itself (12 at least)."""
    pool = [word for text in ham for word in text.split()[:200] if word.isalpha()]

    def attack(text: str, dice: random.Random) -> str:
        return f"{text}\n{' '.join(dice.choices(pool, k=max(12, min(400, len(text.split())))))}"

    return attack


def html_hiding(ham: Sequence[str]) -> Attack:
    """An HTML page: the text with words split by comments and hidden letters, and hidden words of ordinary messages."""
    salad = word_salad(ham)

    def attack(text: str, dice: random.Random) -> str:
        style = dice.choice(
            ("display:none", "font-size:0px", "color:#ffffff", "opacity:0", "position:absolute;left:-9999px")
        )
        hidden = f'<span style="{style}">'

        def change(word: str) -> str:
            i = dice.randrange(1, len(word))
            return word[:i] + dice.choice(("<!-- x -->", f"{hidden}zq</span>", "<b></b>")) + word[i:]

        escaped = text.replace("&", "&amp;").replace("<", "&lt;")
        more = salad("", dice).strip()
        return f'<html><body><p>{_words(escaped, dice, change)}</p><div style="{style}">{more}</div></body></html>'

    return attack


# Tactics on the text of any channel; `word_salad`, `html_hiding` need ham, and encoded bodies are made by the benchmark.
PLAIN: dict[str, Attack] = {
    "homoglyphs": homoglyphs,
    "styled": styled,
    "zero-width": zero_width,
    "combining": combining,
    "leet": leet,
    "spacing": spacing,
    "punctuation": punctuation,
    "charswap": charswap,
    "url rewriting": url_rewriting,
    "truncation": truncation,
    "paraphrase": paraphrase,
}
