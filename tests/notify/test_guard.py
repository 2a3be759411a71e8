"""Which addresses may be called: only the public internet, whatever an address is wrapped in."""

import socket

import pytest

from streams.notify.guard import REFUSED, AddressRefusedError, guarded_socket, is_public

PUBLIC = ["93.184.216.34", "8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "2002:808:808::1", "64:ff9b::808:808"]
OTHER = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.1.2.3", "169.254.169.254", "172.16.0.1", "172.31.255.255",
    "192.0.0.8", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1",
    "240.0.0.1", "255.255.255.255",
    "::", "::1", "fc00::1", "fd12::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2001:db8::1", "100::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "2002:a00:1::1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "2001:0:7f00:1:0:0:f5ff:fffe", "", "localhost", "127.1", "2130706433", "0x7f.1",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_the_public_internet_may_be_called(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", OTHER)
def test_nothing_else_may(address: str) -> None:
    assert not is_public(address)


def test_the_address_is_looked_at_when_the_socket_is_made() -> None:
    refused: list[str] = []
    token = REFUSED.set(refused)
    where = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443))
    try:
        with pytest.raises(AddressRefusedError, match=r"127\.0\.0\.1 is not an address on the public internet"):
            guarded_socket(allow_private=False)(where)
    finally:
        REFUSED.reset(token)
    assert refused == ["127.0.0.1"]
    made = guarded_socket(allow_private=True)(where)
    assert not made.getblocking()
    made.close()
