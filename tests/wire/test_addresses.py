"""IP addresses: a private address is recognised in each of its notations."""

import pytest

from akool_nb.wire import addresses

PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
    "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "fe80::1%eth0",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_recognised(address):
    assert not addresses.is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_recognised(address):
    assert addresses.is_public(address)


def test_an_ipv6_address_that_embeds_no_ipv4_address_is_unchanged():
    assert str(addresses.unwrapped("::1")) == "::1"


def test_a_text_that_is_not_an_address_raises_value_error():
    with pytest.raises(ValueError, match="localhost"):
        addresses.unwrapped("localhost")
