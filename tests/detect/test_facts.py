"""What is derived from evidence: links, numbers, brands, folded words, identity of a body, language."""

from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from counterspam.detect import brands, crypto, fold, hosts, language, ranges
from counterspam.detect.facts import derive
from counterspam.model import Evidence
from counterspam.taxonomy import Channel, SenderKind


def test_links_are_found_in_text_decoder_and_markup_and_come_in_one_spelling(make: Callable[..., Evidence]) -> None:
    derived = derive(
        make(
            text="See HTTP://WWW.Example.com:80/a?utm_source=x&b=1#top, or hxxp://bad[.]example.net/x. Also bit.ly/Abc",
            urls=("https://example.org/", "mailto:a@example.com", "http://www.example.com/a?b=1"),
        )
    )
    assert derived.urls == (
        "http://www.example.com/a?b=1",
        "http://bad.example.net/x",
        "http://bit.ly/Abc",
        "https://example.org/",
    )
    assert derived.hosts == ("www.example.com", "bad.example.net", "bit.ly", "example.org")
    assert derived.domains == ("example.com", "example.net", "bit.ly", "example.org")
    only_markup = derive(make(html='<a href="https://example.com/x">x</a>'))
    assert only_markup.urls == ("https://example.com/x",)


@pytest.mark.parametrize(
    "text", ["see you.ok then", "at 5.30 or 6.15", "write to a.b@example.com", "readme.txt", "u r gr8...lol.me"]
)
def test_what_only_looks_like_a_link_is_none(make: Callable[..., Evidence], text: str) -> None:
    assert derive(make(text=text)).urls == ()


def test_links_in_chinese_text_end_at_the_next_character(make: Callable[..., Evidence]) -> None:
    assert derive(make(text="点击http://example.com/abc查看详情")).urls == ("http://example.com/abc",)


def test_numbers_come_in_international_form(make: Callable[..., Evidence]) -> None:
    evidence = make(text="Ring 044 668 18 00 or +1 (202) 456-1111, order 12345678901234567890", recipient_country="CH")
    assert derive(evidence).numbers == ("+41446681800", "+12024561111")
    assert derive(make(text="044 668 18 00")).numbers == ()
    assert derive(make(text="اتصل ٠٠٤١٤٤٦٦٨١٨٠٠ الآن")).numbers == ("+41446681800",)


def test_the_same_message_has_one_body_hash_in_every_layout(make: Callable[..., Evidence]) -> None:
    bodies = ["Win a Prize now", "win  a\r\nprize NOW\n", "Win a prize\u200b now", "Ｗｉｎ a prize now"]
    hashes = {
        derive(make(text=body, subject=subject, channel=c)).body_hash
        for body in bodies
        for subject in ("", "Hi")
        for c in Channel
    }
    assert len(hashes) == 1
    assert derive(make(text="Win a prize later")).body_hash not in hashes
    assert derive(make(subject="Hi")).body_hash == ""


def test_evidence_without_content_costs_one_look_up(make: Callable[..., Evidence]) -> None:
    first = derive(make(sender="@mail.example.com", sender_kind=SenderKind.EMAIL))
    assert first.sender_domain == "mail.example.com"
    assert first is derive(make(sender="@mail.example.com", sender_kind=SenderKind.EMAIL, count=7))


@pytest.mark.parametrize(
    ("given", "words", "repaired"),
    [
        ("Hello  World", "hello world", 0),
        ("Vеrify уоur ассоunt", "verify your account", 7),
        ("ac\u200bcount", "account", 1),
        ("𝐟𝐫𝐞𝐞", "free", 4),
        ("caﬁno Café ÅNGSTRÖM", "cafino cafe angstrom", 0),
        ("İSTANBUL ışık", "istanbul isik", 0),
        ("кaзинo", "казино", 2),
        ("Ёлка и йод", "ёлка и йод", 0),
        ("٣٤٥ أهلا", "345 اهلا", 0),
        ("ＡＢＣ銀行", "abc銀行", 0),
        ("می\u200cخواهم", "ميخواهم", 0),
    ],
)
def test_fold(given: str, words: str, repaired: int) -> None:
    assert fold.fold(given) == (words, repaired)


@pytest.mark.parametrize(
    ("host", "brand", "how"),
    [
        ("paypa1.com", "PayPal", "spelling"),
        ("xn--pypal-4ve.com", "PayPal", "spelling"),
        ("www.netfiix.com", "Netflix", "spelling"),
        ("facebok.com", "Facebook", "spelling"),
        ("micros0ft-login.example", "Microsoft", "words"),
        ("paypal.top", "PayPal", "name"),
        ("dhl-parcel-fee.example", "DHL", "words"),
        ("paypal.com.invented.example", "PayPal", "inner"),
        ("www.paypa1.com.invented.example", "PayPal", "inner"),
        ("login.pay-pal.invented.example", "PayPal", "subdomain"),
        ("bkash.invented.example", "bKash", "subdomain"),
        ("gcash-claim.example", "GCash", "words"),
        ("post.applecard.apple", "", ""),
        ("safaricom.co.ke", "", ""),
        ("dhl.blogspot.com", "DHL", "hosted"),
        ("www.paypal.com", "", ""),
        ("paypal.de", "", ""),
        ("amazon.com.tr", "", ""),
        ("www.nypost.com", "", ""),
        ("revolution.example", "", ""),
        ("www.interactive.example", "", ""),
        ("fonts.googleapis.com", "", ""),
        ("example.com", "", ""),
        ("192.0.2.1", "", ""),
        ("", "", ""),
    ],
)
def test_lookalike(host: str, brand: str, how: str) -> None:
    assert brands.lookalike(host) == (brand, how)


def test_no_brand_is_taken_for_another() -> None:
    for domain, brand in brands.OWNED.items():
        assert brands.lookalike(domain) == ("", ""), domain
        assert brands.lookalike(f"www.{domain}") == ("", ""), domain
        assert brands.owner(f"login.{domain}") is brand
    assert len(brands.BRANDS) >= 120
    assert len(brands.BY_NAME) == len(brands.BRANDS)


def test_brands_are_named_in_text_sender_and_links(make: Callable[..., Evidence]) -> None:
    assert derive(make(text="Your DHL, and Royal-Mail? Royal Mail!")).brands == ("DHL", "Royal Mail")
    assert derive(make(text="您的工商银行卡")).brands == ("ICBC",)
    assert derive(make(text="the indhls of march")).brands == ()
    assert derive(make(sender_raw="Netflix", sender="Netflix", sender_kind=SenderKind.ALPHANUMERIC)).brands == (
        "Netflix",
    )
    assert derive(make(text="http://paypa1.example/")).brands == ("PayPal",)


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", True),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", False),
        ("bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", True),
        ("bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdz", False),
        ("0x" + "ab" * 20, True),
        ("1" * 34, False),
    ],
)
def test_crypto_addresses_need_their_checksum(address: str, good: bool) -> None:
    assert crypto.addresses(f"send to {address} today") == ((address,) if good else ())


@pytest.mark.parametrize(
    ("number", "kind", "country"),
    [
        ("+41446681800", "ordinary", "CH"),
        ("+449098790123", "premium", "GB"),
        ("+18005550100", "toll-free", ""),
        ("+881612345678", "satellite", ""),
        ("+979123456789", "premium", ""),
        ("+4400000000", "unassigned", ""),
        ("+9991234567", "unassigned", ""),
        ("+18765550123", "ordinary", "JM"),
        ("", "unassigned", ""),
        ("no", "unassigned", ""),
    ],
)
def test_number_kinds(number: str, kind: str, country: str) -> None:
    assert ranges.kind(number) == kind
    if kind == "ordinary":
        assert ranges.country(number) == country


def test_number_kinds_agree_with_the_library() -> None:
    import phonenumbers
    from phonenumbers import PhoneNumberFormat, PhoneNumberType

    names = {
        PhoneNumberType.PREMIUM_RATE: "premium",
        PhoneNumberType.TOLL_FREE: "toll-free",
        PhoneNumberType.UNKNOWN: "unassigned",
    }
    for region in phonenumbers.SUPPORTED_REGIONS:
        for sort in range(11):
            example = phonenumbers.example_number_for_type(region, sort)
            if example is not None:
                number = phonenumbers.format_number(example, PhoneNumberFormat.E164)
                assert ranges.kind(number) == names.get(phonenumbers.number_type(example), "ordinary"), number
                assert ranges.country(number) == phonenumbers.region_code_for_number(example), number


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("please call me when you are home", "en"),
        ("Veuillez confirmer votre adresse pour la livraison", "fr"),
        ("Por favor confirme su dirección para la entrega", "es"),
        ("Por favor confirme o seu endereço para a entrega, obrigado", "pt"),
        ("Bitte bestätigen Sie Ihre Adresse für die Lieferung", "de"),
        ("Conferma il tuo indirizzo per la consegna, grazie", "it"),
        ("Lütfen teslimat için adresinizi onaylayın, bugün bir kargo var", "tr"),
        ("Silakan konfirmasi alamat anda untuk pengiriman ini", "id"),
        ("Пожалуйста, подтвердите ваш адрес для доставки", "ru"),
        ("Будь ласка, підтвердіть вашу адресу для доставки", "uk"),
        ("يرجى تأكيد عنوانك من اجل التوصيل", "ar"),
        ("لطفا آدرس خود را برای ارسال تایید کنید", "fa"),
        ("请确认您的收货地址以便我们派送", "zh"),
        ("お届け先の住所をご確認ください", "ja"),
        ("배송을 위해 주소를 확인해 주세요 감사합니다", "ko"),
        ("कृपया डिलीवरी के लिए अपना पता दर्ज करें", "hi"),
        ("กรุณายืนยันที่อยู่สำหรับการจัดส่ง", "th"),
        ("12345 67890 !!!", ""),
        ("ok", ""),
    ],
)
def test_language(text: str, code: str) -> None:
    assert language.detect(fold.fold(text)[0]) == code


@pytest.mark.parametrize(
    ("corpus", "code", "least"), [("sms_uci", "en", 0.9), ("sms_indonesian", "id", 0.65), ("sms_chinese", "zh", 0.9)]
)
def test_language_of_real_messages(shared: Path, corpus: str, code: str, least: float) -> None:
    import orjson

    with zstandard.open(shared / "corpora" / corpus / "messages.jsonl.zst", "rt", encoding="utf-8") as file:
        texts = [orjson.loads(line)["text"] for line in file]
    found = [language.detect(fold.fold(text)[0]) for text in texts]
    assert found.count(code) / len(found) >= least
    assert sum(1 for f in found if f not in (code, "")) / len(found) <= 0.1


def test_an_unknown_suffix_counts_as_one_label() -> None:
    assert hosts.registrable("a.b.example") == "b.example"
    assert hosts.registrable("a.b.co.uk") == "b.co.uk"
    assert hosts.registrable("192.0.2.1") == ""
    assert hosts.normalise("http://[2001:db8::1]/x") == ("http://[2001:db8::1]/x", "2001:db8::1")
    assert hosts.normalise("javascript:alert(1)") == ("", "")
    assert hosts.normalise("http://münchen.example/") == ("http://xn--mnchen-3ya.example/", "xn--mnchen-3ya.example")
