import ipaddress

import pytest

from mailer.checking.addresses import is_public, resolve


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.10", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "100.127.255.255",
        "0.0.0.0", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1",
        "::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "2001::1",
    ],
)  # fmt: skip
def test_nothing_of_a_house_of_ones_own_is_public(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "158.36.0.1", "172.32.0.1", "100.128.0.1", "2a02:20c8::1", "::ffff:1.1.1.1"]
)
def test_the_internet_is_public(address):
    assert is_public(ipaddress.ip_address(address))


def test_this_machine_resolves_to_what_is_refused():
    # By number: a bare machine may have no name for itself.
    assert not any(map(is_public, resolve("127.0.0.1", 80)))
