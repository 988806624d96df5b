"""The pages of senders and of authentication: what their sentences and tables say of given answers."""

import re
from pathlib import Path

import pytest
from made_answers import Site, row

from counterspam.intervals import wilson


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    found = Site(tmp_path, monkeypatch)
    found.made.totals = row(200, 400)
    found.made.rows = {
        (): [row(100, 220)],
        ("sender", "sender_kind"): [
            row(40, sender="bank-login.example", sender_kind="email"),
            row(30, sender="<i>BANK</i>\u202e", sender_kind="alphanumeric"),
        ],
        ("sender_kind",): [row(150, sender_kind="phone"), row(50, sender_kind="unknown")],
        ("channel",): [row(40, channel="email")],
        ("dmarc",): [row(20, 120, dmarc="pass"), row(60, 60, dmarc="fail"), row(20, 40, dmarc="")],
        ("spf",): [],
        ("dkim",): [row(0, 50, dkim="pass")],
        ("stir",): [row(90, 100, 10, stir="A"), row(10, 100, 10, stir="C")],
    }
    return found


def words(html: str) -> str:
    """The text of a panel in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_names_are_defanged_and_accuse_nobody(site: Site) -> None:
    text = site.show("/senders")["names"]
    assert "bank-login[.]example" in text
    assert ">bank-login.example<" not in text
    assert "&lt;i&gt;BANK&lt;/i&gt;⟨U+202E⟩" in text
    assert "accuses nobody" in text
    assert "All others, and spam without such a name 130" in words(text)


def test_one_name_has_its_own_panels(site: Site) -> None:
    panels = site.show("/senders", "30d", sender="bank-login.example")
    assert list(panels) == ["names", "course", "channels"]
    assert "<svg" in panels["course"]
    assert "coarser steps of time" in site.show("/senders", sender="bank-login.example")["course"]


def test_senders_lead_to_themselves(site: Site) -> None:
    panels = site.show("/senders")
    assert 'href="/senders?period=24h&amp;sender_kind=unknown&amp;synthetic=0"' in panels["kinds"]
    assert "sender=bank-login.example" in panels["names"]


def test_spam_and_all_mail_stand_side_by_side(site: Site) -> None:
    site.made.totals = row(100, 220)
    text = words(site.show("/authentication")["dmarc"])
    assert (
        "Of the spam whose result is known, 25 % passed, of all mail 67 %; of 20 % of the spam the result is unknown."
        in text
    )
    found = wilson(20, 80)
    assert found is not None
    assert f"Passed 120 67 % 20 25 % {found.low * 100:.0f} % – {found.high * 100:.0f} %" in text
    assert "It does not mean that the message is wanted" in text


def test_results_too_small_to_be_shown_count_as_known(site: Site) -> None:
    site.made.totals = row(200, 420)  # of which 100 and 200 stand in no row
    text = words(site.show("/authentication")["dmarc"])
    assert "Of the spam whose result is known, 11 % passed, of all mail 32 %; of 10 % of the spam" in text
    assert "Results with fewer than 5 reporters 200 53 % 100 56 %" in text


def test_what_rounding_leaves_is_no_result(site: Site) -> None:
    site.made.totals = row(110, 240)
    assert "fewer than 5 reporters" not in site.show("/authentication")["dmarc"]


def test_records_that_stand_for_many_widen_the_interval(site: Site) -> None:
    site.made.totals = row(100, 200, 20)
    text = words(site.show("/authentication")["stir"])
    found = wilson(90, 100, design_effect=100 / 20)
    assert found is not None
    assert f"A, full attestation 100 50 % 90 90 % {found.low * 100:.0f} % – {found.high * 100:.0f} %" in text
    assert "Of the spam calls whose attestation is known, 90 % had A, of all calls 50 %" in text


def test_mail_without_known_results(site: Site) -> None:
    site.made.totals = {}
    panels = site.show("/authentication")
    assert "Of no spam that can be shown is the result known." in panels["spf"]
    assert "Of no spam that can be shown is the result known." in panels["dkim"], "what passed was no spam"


def test_dmarc_over_time_has_a_band(site: Site) -> None:
    text = site.show("/authentication")["dmarc-course"]
    assert 'class="band' in text
    assert "25 %" in words(text)
    assert "coarser steps of time" in site.show("/authentication", "1h")["dmarc-course"]


@pytest.mark.parametrize(
    ("channel", "panels"),
    [("email", {"dmarc", "dmarc-course", "spf", "dkim"}), ("voice", {"stir"}), ("sms", {"none"})],
)
def test_each_channel_has_its_own_checks(site: Site, channel: str, panels: set[str]) -> None:
    assert set(site.show("/authentication", channel=channel)) == panels
    assert {ask.filters["channel"] for ask in site.made.asked if "channel" in ask.filters} <= {
        ("email",),
        ("voice",),
    } or (channel == "sms")
