"""Where webhooks may not go: in whatever form an address is written, and whenever a name changes its mind."""

import asyncio
import socket
from urllib.parse import urlsplit

import pytest
from webhook_world import PATH

INSIDE = [
    "https://127.0.0.1/",
    "https://127.0.0.1.:443/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://017700000001/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://localhost/",
    "https://LOCALHOST./",
    "https://0.0.0.0/",
    "https://10.0.0.8/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[fe80::1]/",
    "https://[fd00:ec2::254]/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://%31%32%37.0.0.1/",
    "https://127.0.0.1\\@example.com/",
    "https://\u2460\u2461\u2466.0.0.1/",
    "https://no-such-host.invalid/",
]


@pytest.mark.parametrize("url", INSIDE)
async def test_an_address_inside_is_not_taken(strict, url):
    answer = await strict.admin.post(PATH, json=strict.body(url))
    assert answer.status_code == 400, answer.text
    (problem,) = answer.json()["errors"]
    assert (problem["code"], problem["source"]["pointer"]) == ("address-not-allowed", "/data/attributes/url")


@pytest.mark.parametrize("url", INSIDE)
async def test_an_address_inside_is_not_reached_however_it_came_into_the_row(strict, receiver, url):
    """The port is the receiver's: whatever led to this machine would be seen."""
    await made_before(strict, with_port(url, urlsplit(receiver.url).port))
    event_id = await strict.tell()
    row = await strict.delivery(event_id)
    assert (row["status"], row["last_status"]) == ("pending", None)
    assert row["reason"] in {"address", "protocol"}
    assert receiver.calls == []


async def test_a_name_that_changes_its_mind_leads_nowhere(strict, receiver, monkeypatch):
    """The name is public when it is written and when the delivery begins; the connection's own look finds another."""
    told = [["93.184.216.34"], ["127.0.0.1"], ["::ffff:127.0.0.1"], ["169.254.169.254", "10.0.0.1"]]
    monkeypatch.setattr(socket, "getaddrinfo", answers(told))
    port = urlsplit(receiver.url).port
    made = await strict.make(f"https://rebinding.example:{port}/")
    for _ in range(3):
        event_id = await strict.tell()
        assert (await strict.delivery(event_id))["reason"] == "address"
    assert told == []
    assert receiver.calls == []
    assert (await strict.endpoint(made))["failing-since"] is not None


async def test_a_name_with_one_address_outside_and_one_inside_leads_outside_only(strict, receiver, monkeypatch):
    loop, port, connected = asyncio.get_running_loop(), urlsplit(receiver.url).port, []
    really = loop.sock_connect

    async def connect(sock, address):
        if address[1] != port:
            return await really(sock, address)
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", answers([["127.0.0.1", "93.184.216.34"]] * 2))
    monkeypatch.setattr(loop, "sock_connect", connect)
    await strict.make(f"https://both.example:{port}/")
    event_id = await strict.tell()
    assert (await strict.delivery(event_id))["reason"] == "connection"
    assert connected == [("93.184.216.34", port)]


async def test_a_certificate_that_does_not_count_ends_the_try(hooks, receiver):
    await hooks.make(receiver.url.replace("http://", "https://"))
    event_id = await hooks.tell()
    assert (await hooks.delivery(event_id))["reason"] == "certificate"
    assert receiver.calls == []


async def made_before(hooks, url):
    """An endpoint that an older version, or a name that led elsewhere, let in."""
    with_row = await hooks.make_open()
    await hooks.run("UPDATE webhook_endpoints SET url = :url WHERE id = :id", url=url, id=with_row["id"])


def with_port(url, port):
    host = url.removeprefix("https://").split("/")[0].removesuffix(":443")
    return f"https://{host}:{port}/"


def answers(told):
    """A resolver that says another thing each time of names that end in `.example`."""
    really = socket.getaddrinfo

    def getaddrinfo(host, port, *places, **hints):
        if not str(host).endswith(".example"):
            return really(host, port, *places, **hints)
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
            for one in told.pop(0)
        ]

    return getaddrinfo
