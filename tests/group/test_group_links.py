"""Which part of a link joins."""

import pytest

from counterspam.group import links


@pytest.mark.parametrize(
    ("url", "domain", "key"),
    [
        ("https://www.pay.parcel-fee.example/a?b=1", "parcel-fee.example", b"domainparcel-fee.example"),
        ("http://192.0.2.7/login", "", b"domain192.0.2.7"),
        ("https://bit.ly/3xYz", "bit.ly", b"pagebit.ly/3xYz?"),
        ("https://bit.ly/", "bit.ly", b""),
        ("https://youtube.com/watch?v=abc", "youtube.com", b""),
        ("https://github.com/", "github.com", b""),
        ("https://github.com/somebody/loader", "github.com", b"pagegithub.com/somebody/loader?"),
        ("https://evil.blogspot.com/", "blogspot.com", b"pageevil.blogspot.com"),
        ("https://www.dhl.com/track", "dhl.com", b""),
        ("https://lists.example/mailman/listinfo/users", "lists.example", b""),
        ("http://[::1", "", b""),
        ("mailto:a@b.example", "", b""),
    ],
)
def test_what_of_a_link_is_a_key(url: str, domain: str, key: bytes) -> None:
    assert links.keys((url,), (domain,) if domain else ()) == ([key] if key else [])


def test_at_most_two_and_the_same_two_in_any_order() -> None:
    urls = tuple(f"https://shop{i}.example/" for i in range(9))
    domains = tuple(f"shop{i}.example" for i in range(9))
    found = links.keys(urls, domains)
    assert len(found) == 2
    assert found == links.keys(urls[::-1], domains[::-1])
