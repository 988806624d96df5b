"""The texts of our own: that every file reads, holds both labels everywhere, and gives the same variants again."""

import re
from collections import Counter, defaultdict
from importlib.resources import files
from pathlib import Path

import pytest

from counterspam.detect import texts
from counterspam.taxonomy import Channel, ContentType

FOLDER = Path(str(files("counterspam") / "data" / "texts"))
ALL = list(texts.read(FOLDER))
FILES = sorted({text.template.partition(":")[0] for text in ALL})


@pytest.mark.parametrize("name", FILES)
def test_every_channel_of_a_language_has_both_labels(name: str) -> None:
    labels = defaultdict(set)
    for text in ALL:
        if text.template.startswith(f"{name}:"):
            labels[text.lang, text.channel].add(text.label)
    assert labels
    assert all(found == {"spam", "ham"} for found in labels.values()), labels


@pytest.mark.parametrize("name", FILES)
def test_neither_label_nor_link_outweighs(name: str) -> None:
    mine = [text for text in ALL if text.template.startswith(f"{name}:")]
    if len(mine) < 20:
        pytest.skip("too few texts to weigh")
    spam = [text for text in mine if text.label == "spam"]
    assert 0.4 <= len(spam) / len(mine) <= 0.6
    linked = Counter(text.label for text in mine if "{url}" in text.source or "{site}" in text.source)
    assert linked["ham"] >= 0.25 * linked["spam"], linked
    assert linked["spam"] < 0.8 * len(spam), "spam without a link is too rare"


@pytest.mark.parametrize("slot", sorted(texts.SLOTS))
def test_no_slot_stands_in_one_label_only(slot: str) -> None:
    count = Counter(text.label for text in ALL if f"{{{slot}}}" in text.source)
    assert min(count["spam"], count["ham"]) >= 0.1 * max(count.values()), count


def test_kinds_are_of_the_taxonomy_and_no_text_stands_twice() -> None:
    assert {text.kind for text in ALL if text.label == "spam"} <= set(ContentType) - {ContentType.HAM}
    twice = [source for source, count in Counter(text.source for text in ALL).items() if count > 1]
    assert not twice


def test_variants_are_whole_different_and_the_same_again() -> None:
    for text in ALL:
        found = texts.variants(text, 5, 7)
        assert found
        assert len(set(found)) == len(found) <= 5
        assert found == texts.variants(text, 5, 7)
        for message in found:
            assert message.text
            assert (message.subject is not None) == (text.channel is Channel.EMAIL)
            assert not re.search(r"[{}<>]|\\n", f"{message.subject}{message.text}"), (text.template, message)
    several = next(text for text in ALL if text.source.count("<") > 1)
    assert texts.variants(several, 5, 7) != texts.variants(several, 5, 8)


def write(folder: Path, content: str) -> Path:
    (folder / "slots").mkdir(exist_ok=True)
    lists = "".join(f"[{slot}]\nv%#\n" for slot in sorted(texts.SLOTS))
    (folder / "slots" / "any.txt").write_text(lists, encoding="utf-8")
    (folder / "xx.txt").write_text(content, encoding="utf-8")
    return folder


def test_the_forms_of_a_line(tmp_path: Path) -> None:
    write(tmp_path, "# note\n[ham email work pt]\nHello #1 || Dear <a|b>,\\n50% {code}\n\n[spam im other]\nhi\n")
    (tmp_path / "slots" / "pt.txt").write_text("[code]\nP{name}\n", encoding="utf-8")
    mail, chat = texts.read(tmp_path)
    assert (mail.label, mail.channel, mail.kind, mail.lang, mail.template) == ("ham", "email", "work", "pt", "xx.txt:3")
    for message in texts.variants(mail, 20, 1):
        assert message.subject == "Hello #1"
        assert re.fullmatch(r"Dear [ab],\n50% Pv[1-9][0-9]", message.text)
    assert (chat.lang, texts.variants(chat, 3, 1)) == ("xx", [(None, "hi")])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("hello\n", "xx.txt:1: a message before"),
        ("[spam sms]\nx\n", "xx.txt:1: not a head"),
        ("[spam fax parcel]\nx\n", "xx.txt:1: unknown channel fax"),
        ("[spam sms nonsense]\nx\n", "xx.txt:1: unknown kind of spam nonsense"),
        ("[spam sms ham]\nx\n", "unknown kind of spam ham"),
        ("[spam sms parcel]\n\nx {brand}\n", "xx.txt:3: unknown slot brand"),
        ("[spam sms parcel]\nx <a|<b|c>>\n", "nested or not closed"),
        ("[spam sms parcel]\nx <a|b\n", "nested or not closed"),
        ("[spam sms parcel]\nx {name\n", "a brace that is no slot"),
        ("[spam sms parcel]\na || b\n", "a mail, and only a mail"),
        ("[spam email parcel]\na b\n", "a mail, and only a mail"),
        ("[spam sms parcel]\na|b\n", "a bar outside a group"),
        (f"[spam sms parcel]\n{'x' * 4001}\n", "xx.txt:2: over 4000 characters"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        list(texts.read(write(tmp_path, content)))


def test_a_slot_without_values_is_a_mistake(tmp_path: Path) -> None:
    write(tmp_path, "[spam sms parcel]\nx\n")
    (tmp_path / "slots" / "xx.txt").write_text("[url]\nhttps://{host}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="slots of xx: no values for host"):
        list(texts.read(tmp_path))
