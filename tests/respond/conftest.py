"""A whole node with its milter, and verdicts made by hand."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from counterspam import config
from counterspam.model import Check, Verdict
from counterspam.node import Node
from counterspam.receivers import Receivers
from counterspam.taxonomy import ContentType, Nature, Payload, Technique

SPAM = b"""From: "PARCELCO" <support@parcel-redelivery.example>\r
To: you@example.org\r
Subject: Your parcel could not be delivered\r
Message-ID: <s1@parcel-redelivery.example>\r
X-Spam-Flag: NO\r
X-Spam-Status: No, score=-5.0 required=5.0\r
X-Spam-Flag: NO, really\r
Date: Fri, 27 Nov 2026 10:00:00 +0000\r
\r
Dear customer, your account has been suspended. Verify your password now and pay the fee of 1.99 EUR at\r
http://track.parcel-redelivery.example/x1 within 24 hours. You are the winner of our lottery prize, click here!\r
"""
HAM = b"""From: Anna <anna@example.org>\r
To: Bob <bob@example.org>\r
Subject: minutes of yesterday\r
Message-ID: <h1@example.org>\r
Date: Fri, 27 Nov 2026 10:00:00 +0000\r
\r
Hi Bob, attached are the minutes of the meeting. Could you look at section three before Tuesday? Thanks, Anna\r
"""


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def spam() -> bytes:
    return SPAM


@pytest.fixture(scope="session")
def ham() -> bytes:
    return HAM


@pytest.fixture(scope="session")
def port() -> Callable[[], int]:
    return free_port


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node whose milter listens on `milter_port`."""
    folder: Path = tmp_path_factory.mktemp("node")
    opened = Node.open(config.load(data=folder, workers=1, milter_port=free_port()))
    opened.start()
    doors = Receivers(opened)
    doors.start()
    yield opened
    doors.close()
    opened.close()


@pytest.fixture
def verdict() -> Callable[..., Verdict]:
    def make(probability: float = 0.98, **given: Any) -> Verdict:
        usual: dict[str, Any] = {
            "spam": probability >= 0.5,
            "content_type": ContentType.PARCEL,
            "nature": Nature.FRAUDULENT,
            "payload": Payload.URL,
            "technique": Technique.UNKNOWN,
            "checks": (Check("links", "look-alike", 3.0, "a link like a bank's"), Check("text", "1 word", -0.5, "x")),
            "summary": "Very likely spam (98 %): a link like a bank's.",
            "model": "m1",
        }
        return Verdict(probability=probability, **{**usual, **given})

    return make
