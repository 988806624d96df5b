"""Tables of addresses: the bundled ones and MMDB files."""

import ipaddress
import pickle
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.errors import ConfigError
from counterspam.locate import network_table
from counterspam.locate.network import PRIVATE, UNKNOWN, Network, Networks, canonical, internal, usable


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("networks")


@pytest.fixture(scope="module")
def bundled(cache: Path) -> Networks:
    return Networks.open(cache=cache)


@pytest.mark.parametrize(
    ("ip", "country", "name"),
    [
        ("8.8.8.8", "US", "GOOGLE"),
        ("::ffff:8.8.8.8", "US", "GOOGLE"),
        ("64:ff9b::808:808", "US", "GOOGLE"),
        ("2001:4860:4860::8888", "US", "GOOGLE"),
        ("193.0.6.139", "NL", "Reseaux IP Europeens Network Coordination Centre (RIPE NCC)"),
    ],
)
def test_well_known_addresses(bundled: Networks, ip: str, country: str, name: str) -> None:
    assert bundled.lookup(ip) == Network(country, 0, name)


@pytest.mark.parametrize(
    "ip", ["10.1.2.3", "127.0.0.1", "192.0.2.1", "255.255.255.255", "::1", "fe80::1", "2001:db8::1", "fd00::1"]
)
def test_reserved_addresses_have_no_country(bundled: Networks, ip: str) -> None:
    assert bundled.lookup(ip) == PRIVATE


@given(st.text(max_size=40))
def test_anything_else_is_unknown(text: str) -> None:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        assert Networks(None).lookup(text) == UNKNOWN
        assert canonical(text) == "" or "[" in text or "]" in text or "%" in text


def test_both_ways_of_opening_agree_with_the_package_itself(bundled: Networks) -> None:
    """A sample over the whole space, against the package's own search, which carries names on into gaps of IPv4."""
    geoip2fast = pytest.importorskip("geoip2fast")
    theirs = geoip2fast.GeoIP2Fast(geoip2fast_data_file=str(network_table._source()))
    plain = Networks.open()
    starts = [*bundled._table4[0][::900], *(start << 64 for start in bundled._table6[0][1::500])]
    names = 0
    for ip in map(str, map(ipaddress.ip_address, starts)):
        want, got = theirs.lookup(ip), bundled.lookup(ip)
        assert plain.lookup(ip) == got
        if got != PRIVATE:
            assert got.country == want.country_code.replace("--", "")
            assert got.name == want.asn_name or ("." in ip and got.name == "")
            names += got.name != ""
    assert names > len(starts) / 2


def test_the_cache_is_built_once(bundled: Networks, cache: Path, tmp_path: Path) -> None:
    shutil.copytree(cache, tmp_path, dirs_exist_ok=True, copy_function=shutil.copy2)
    (folder,) = tmp_path.iterdir()
    written = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert Networks.open(cache=tmp_path).lookup("8.8.8.8").country == "US"
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == written
    next(folder.glob("start4*")).write_bytes(b"damaged")
    with pytest.raises(ConfigError, match="damaged"):
        Networks.open(cache=tmp_path)


def test_mmdb_replaces_either_table(shared: Path, cache: Path) -> None:
    folder = shared / "corpora/reference/maxmind_test"
    both = Networks.open(folder / "GeoLite2-Country-Test.mmdb", folder / "GeoLite2-ASN-Test.mmdb")
    assert both.lookup("81.2.69.142").country == "GB"
    assert both.lookup("1.128.0.1") == Network("", 1221, "Telstra Pty Ltd")
    assert both.lookup("127.0.0.1") == PRIVATE
    city = Networks.open(folder / "GeoLite2-City-Test.mmdb", None, cache)
    assert city.lookup("81.2.69.142").country == "GB"
    assert city.lookup("8.8.8.8").name == "GOOGLE"


def test_what_is_no_table_is_a_setting_that_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "x.mmdb").write_bytes(b"not a database")
    for path in (tmp_path / "x.mmdb", tmp_path / "missing.mmdb"):
        with pytest.raises(ConfigError, match="mmdb_asn"):
            Networks.open(None, path)


def test_a_table_cannot_run_anything(tmp_path: Path) -> None:
    path = tmp_path / "evil"
    path.write_bytes(pickle.dumps(print))
    with path.open("rb") as file, pytest.raises(pickle.UnpicklingError, match="must not name"):
        network_table._PlainUnpickler(file).load()


@pytest.mark.parametrize(
    ("ip", "inside", "possible"),
    [
        ("10.0.0.1", True, True),
        ("100.64.1.1", True, True),
        ("fe80::1", True, True),
        ("::1", True, True),
        ("192.0.2.1", False, True),
        ("8.8.8.8", False, True),
        ("0.1.2.3", False, False),
        ("239.1.1.1", False, False),
        ("300.1.1.1", False, False),
        ("ff02::1", False, False),
        ("", False, False),
    ],
)
def test_internal_and_usable(ip: str, inside: bool, possible: bool) -> None:
    assert (internal(ip), usable(ip)) == (inside, possible)
