"""The node's own lists: what a file may hold, and the errors that name file and line."""

from pathlib import Path

import pytest

from counterspam.detect import lists
from counterspam.errors import ConfigError


def test_a_list_holds_names_numbers_prefixes_and_networks(tmp_path: Path) -> None:
    path = tmp_path / "block"
    path.write_text(
        "# ours\nExample.com.\n@example.net\nanna@example.org # why\n+15550100\n+88213*\n192.0.2.1\n2001:db8::/32\n\n"
    )
    block = lists.load(None, path).block
    assert block.names == {"example.com", "example.net", "anna@example.org", "+15550100"}
    assert block.prefixes == ("+88213",)
    assert [str(network) for network in block.networks] == ["192.0.2.1/32", "2001:db8::/32"]
    assert not lists.load(None, None).allow


@pytest.mark.parametrize("line", ["*", "abc*", "+*", "192.0.2.0/99", "http://example.com/", "x" * 400])
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "allow"
    path.write_text(f"example.com\n{line}\n")
    with pytest.raises(ConfigError, match=r"allow, line 2"):
        lists.load(path, None)


def test_a_missing_or_unreadable_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        lists.load(tmp_path / "nowhere", None)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="binary"):
        lists.load(None, tmp_path / "binary")
