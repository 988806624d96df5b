"""Words that somebody disguised are read as a reader reads them; ordinary text is left alone."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.detect import lookalike
from counterspam.detect.disguise import undo
from counterspam.detect.fold import fold

SCRIPTS = ("GREEK", "COPTIC", "CYRILLIC", "ARMENIAN", "CHEROKEE", "LISU")


@pytest.mark.parametrize(
    ("given", "read", "how"),
    [
        ("h3llo fr33 c@sh, $ave v1agra!", "hello free cash, save viagra!", {"digits"}),
        ("f r e e m o n e y now", "free money now", {"spaced"}),
        ("v.i.a.g.r.a and c-a-s-h", "viagra and cash", {"spaced"}),
        ("get your acc.ount fr.ee", "get your account free", {"parted"}),
        ("you w o n our m o n t h l y p r i z e", "you won our monthly prize", {"spaced"}),
        ("over p a y m e n t and i n c o m e m o n t hly", "over payment and income monthly", {"spaced"}),
        ("pre-appr0v3d 1oan", "pre-approved loan", {"digits"}),
        ("sooooo happyyy freeeee", "so happy free", set()),
    ],
)
def test_disguised_words_are_read(given: str, read: str, how: set[str]) -> None:
    words, found = undo(given)
    assert (words, {way for way, _ in found}) == (read, how)


@pytest.mark.parametrize(
    "words",
    [
        "price $50 100k 10am 5star iphone7 win10 covid19 mp3 h1n1 b2b 24/7 10an 1st 2nd 50s",
        "code a1b2c3 ref x0r13 g-483920 order 4012-8888-1881 iban de89370400440532013000",
        "+44 7700 900123 or 0 8 0 0 1 2 3",
        "l8r gr8 b4 2nite 4u m8",
        "u.s.a. e.g. i.e. j.r.r. tolkien p.s. a b c d",
        "www.example.com user@mail.example.com http://e.example/fr33 #fr.ee/x",
        "follow-up no.one see.you",
        "казино 5000 рублей к р",
    ],
)
def test_numbers_codes_addresses_and_short_forms_stay(words: str) -> None:
    assert undo(words) == (words, ())


@pytest.mark.parametrize(
    ("given", "words", "least"),
    [
        ("Ꭰеаꓣ ꓟеᎷbеr", "dear member", 8),
        ("ꓢеոԁ ոоԝ", "send now", 6),
        ("🅵🆁🅴🅴 🆓 money", "free free money", 4),
        ("get \u202eeerf\u202c money", "get free money", 4),
        ("m\u2060oney\u3164now", "money now", 1),
        ("v̶i̶a̶g̶r̶a̶", "viagra", 6),
        ("f̸̢̛͇r̵̨͝e̴͙͐e̷̱͠", "free", 6),
        ("ɡᴏᴏɢʟᴇ", "google", 4),
        ("fr\U000e0041\U000e0042ee", "free", 2),
        ("ɱøɳɛy prızé", "money prize", 0),
    ],
)
def test_characters_that_look_like_others(given: str, words: str, least: int) -> None:
    found, repaired = fold(given)
    assert found == words
    assert repaired >= least


@pytest.mark.parametrize(
    "text",
    [
        "tiếng Việt ọ̀rọ̀ Yorùbá ńĩ",
        "kıralık ev, İstanbul'da",
        "Ελλάδα και English",
        "Посылка для iPhone готова, СОР",
        "これはＡＢＣ銀行のお知らせ",
        "می\u200cخواهم",
        "👨\u200d👩\u200d👧 ❤\ufe0f 1\ufe0f\u20e3 🏴\U000e0067\U000e0062\U000e007f",
        "azərbaycan dili, ɗan Adam, ɖe",
        "µm Ω café naïve",
    ],
)
def test_ordinary_writing_of_any_language_is_not_disguised(text: str) -> None:
    assert fold(text)[1] == 0


def test_every_look_alike_is_a_letter_of_the_script_that_its_name_says() -> None:
    for char, letter in lookalike.LATIN.items():
        name = unicodedata.name(char)
        assert name.startswith(SCRIPTS), name
        assert unicodedata.category(char) in ("Lu", "Ll", "Lo"), name
        assert "a" <= letter <= "z"
        assert unicodedata.normalize("NFKC", char) == char, name  # fold reads them after NFKC
    for char, letter in (*lookalike.LETTERS.items(), *lookalike.PICTURES.items()):
        assert letter.strip().isascii(), char
        assert letter.strip().isalpha(), char


@given(st.text(max_size=60))
def test_any_text_is_read_and_does_not_grow(text: str) -> None:
    words = fold(text)[0]
    read, found = undo(words)
    assert len(read) <= len(words)
    assert not found or read != words


@given(st.from_regex(r"[+]?[0-9 .,/:-]{1,30}", fullmatch=True))
def test_numbers_are_never_touched(text: str) -> None:
    words = fold(f"call {text} now")[0]
    assert undo(words) == (words, ())
