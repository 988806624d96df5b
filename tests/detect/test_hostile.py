"""No input makes a check, the facts or the verdict raise; what they give back stays within bounds."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from counterspam.detect import facts, learned, verdict
from counterspam.model import Attachment, Authentication, Calls, Evidence
from counterspam.pipeline import CHECKS
from counterspam.taxonomy import Channel, Disposition, SenderKind, Source
from counterspam.tools import Tools

ANY = st.text(st.characters(codec=None), max_size=300)
SPICE = st.sampled_from(
    [
        "http://[::1]/",
        "http://[bad/",
        "https://a@b@c/",
        "hxxp://x[.]example/",
        "xn--",
        "http://xn--a.xn--",
        "http://" + "a" * 300 + ".example/",
        "paypa1.top",
        "@",
        "+",
        "+41 44 668 18 00",
        "00" * 30,
        "٠٤٤٦٦٨١٨٠٠",
        "\ud800",
        "\u200b\u202e",
        "<a href=http://x",
        "1" * 40,
        "..",
        "http://...",
        "mailto:",
        "V1agra",
        "http://1.2.3.4:99999/",
        "bc1" + "q" * 20,
        "1" * 34,
        "İ",
    ]
)
WORDS = st.lists(st.one_of(ANY, SPICE), max_size=8).map(" ".join)


@st.composite
def evidence(draw: st.DrawFn) -> Evidence:
    fields: dict[str, Any] = {
        name: draw(WORDS) for name in ("text", "html", "subject", "sender", "sender_raw", "claimed")
    }
    return Evidence(
        id="0",
        key="0",
        received_at=1,
        observed_at=1,
        format="t",
        intake="t",
        channel=draw(st.sampled_from(Channel)),
        source=draw(st.sampled_from(Source)),
        sender_kind=draw(st.sampled_from(SenderKind)),
        disposition=draw(st.sampled_from(Disposition)),
        recipient_country=draw(st.sampled_from(["", "CH", "US", "XX"])),
        urls=tuple(draw(st.lists(WORDS, max_size=4))),
        numbers=tuple(draw(st.lists(WORDS, max_size=4))),
        relays=tuple(draw(st.lists(WORDS, max_size=3))),
        attachments=tuple(Attachment(draw(WORDS), "x/y", 1, "") for _ in range(draw(st.integers(0, 2)))),
        auth=Authentication(spf=draw(ANY), dmarc="fail", stir=draw(st.sampled_from(["", "a", "fail"]))),
        calls=draw(
            st.one_of(
                st.none(),
                st.builds(
                    Calls,
                    calls=st.integers(0, 10**9),
                    callees=st.integers(0, 10**9),
                    answered=st.floats(0, 1),
                    mean_duration=st.floats(0, 1e6),
                    short_ring=st.floats(0, 1),
                ),
            )
        ),
        count=draw(st.integers(1, 10**9)),
        headers=draw(
            st.dictionaries(st.sampled_from(["reply-to", "to-count", "received-count", "date", "from-count"]), WORDS)
        ),
        source_ip=draw(WORDS),
        reported_spam=draw(st.sampled_from([None, True, False])),
        **fields,
    )


@given(evidence())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_nothing_raises(tools: Tools, given_evidence: Evidence) -> None:
    derived = facts.derive(given_evidence)
    assert len(derived.urls) <= facts.MAX_URLS
    assert len(derived.numbers) <= facts.MAX_NUMBERS
    assert derived == facts.derive(given_evidence)
    derived.words.encode()
    answers = tuple(module.check(given_evidence, derived, tools) for module in CHECKS if module is not learned)
    found = verdict.judge(given_evidence, derived, answers, tools)
    assert 0.001 <= found.probability <= 0.999
    assert all(isinstance(answer.answer, str) and len(answer.detail) < 400 for answer in answers)


@pytest.mark.parametrize(
    "text",
    ["a" * 200_000, "a." * 50_000, "1 " * 50_000, "http://" * 20_000, "аa" * 50_000, "\u200b" * 100_000, "@a" * 50_000],
)
def test_long_input_is_cut(tools: Tools, make: Any, text: str) -> None:
    derived = facts.derive(make(text=text, html="<a href=" * 20_000))
    assert len(derived.words) <= facts.MAX_TEXT
    assert len(derived.urls) <= facts.MAX_URLS
