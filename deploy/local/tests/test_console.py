import json
import smtplib
import time
from email.message import EmailMessage
from urllib.error import HTTPError

import pytest
from muster.console.mailbox import KEPT, Mailbox
from muster.console.traces import Store, tree
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

pytestmark = pytest.mark.xdist_group("runner")

TRACE = "0af7651916cd43dd8448eb211c80319c"


def send(platform, to, subject, text, html=None):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "no-reply@muster.example", to, subject
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    port = json.loads((platform.home / "ports.json").read_text())["smtp"]
    with smtplib.SMTP("127.0.0.1", port) as server:
        server.send_message(message)


def spans(*described, trace=TRACE, service="orgs"):
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    resource.resource.attributes.add(key="service.name").value.string_value = service
    scope = resource.scope_spans.add()
    for number, (name, parent) in enumerate(described, start=1):
        scope.spans.add(
            trace_id=bytes.fromhex(trace),
            span_id=number.to_bytes(8),
            parent_span_id=parent.to_bytes(8) if parent else b"",
            name=name,
            start_time_unix_nano=number * 1_000_000,
            end_time_unix_nano=10 * 1_000_000,
        )
    return request.SerializeToString()


@pytest.mark.platform
def test_a_mail_is_kept_listed_and_shown(platform):
    send(platform, "Ada@example.com", "Wëlcome", "Your code is\n\n482190\n", "<p>Your code is <b>482190</b></p>")
    send(platform, "grace@example.com", "Other", "Hello")
    mail = platform.status()["urls"]["mail"]
    status, _, text = platform.get(f"{mail}.json?to=ada@example.com")
    (found,) = json.loads(text)
    assert (status, found["subject"], found["to"]) == (200, "Wëlcome", ["ada@example.com"])
    assert "482190" in found["text"].splitlines()
    _, headers, page = platform.get(f"{mail}/{found['id']}")
    assert "Wëlcome" in page
    assert "script-src" not in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    _, headers, html = platform.get(f"{mail}/{found['id']}/html")
    assert "<b>482190</b>" in html
    assert headers["Content-Security-Policy"].startswith("sandbox;")
    assert (platform.home / "mail" / "new" / found["id"]).exists()


@pytest.mark.platform
@pytest.mark.parametrize("path", ["/mail/..%2f..%2fsecrets.json", "/mail/1.0." + "a" * 32 + ".x", "/traces/xyz"])
def test_what_is_not_there_is_404(platform, path):
    with pytest.raises(HTTPError) as caught:
        platform.get(platform.status()["urls"]["console"] + path)
    assert caught.value.code == 404
    caught.value.close()


@pytest.mark.platform
def test_a_page_elsewhere_cannot_read_the_console_under_its_own_name(platform):
    with pytest.raises(HTTPError) as caught:
        platform.get(platform.status()["urls"]["mail"], Host="evil.example")
    assert caught.value.code == 403
    caught.value.close()


@pytest.mark.platform
def test_a_request_through_the_gateway_is_a_trace(platform):
    urls = platform.status()["urls"]
    try:
        _, headers, _ = platform.get(f"{urls['gateway']}/v1/users/?token=planted-secret")
    except HTTPError as error:
        headers = error.headers
        error.close()
    trace_id = headers["x-trace-id"]
    deadline = time.monotonic() + 15
    while "gateway" not in (done := platform.run("trace", trace_id)).stdout and time.monotonic() < deadline:
        time.sleep(0.5)
    assert "gateway GET /v1/users" in done.stdout
    _, _, text = platform.get(f"{urls['traces']}/{trace_id}.json")
    assert json.loads(text)["roots"][0]["service"] == "gateway"
    assert "planted-secret" not in text
    assert trace_id in platform.get(f"{urls['traces']}/{trace_id}")[2]


@pytest.mark.platform
def test_the_other_commands_answer(platform):
    assert "export MUSTER_DATABASE_URL=postgresql://orgs:" in platform.run("env", "orgs").stdout
    assert "openapi" in json.loads(platform.run("openapi").stdout)
    assert platform.run("logs", "gateway", "-n", "5").returncode == 0
    assert "there is no log of 'nobody'" in platform.run("logs", "nobody").stderr
    assert "orgs is at its newest schema" in platform.run("migrate").stdout


def test_spans_are_a_tree_and_one_without_its_parent_is_a_root(tmp_path):
    store = Store(tmp_path)
    store.add(spans(("root", 0), ("child", 1), ("grandchild", 2), ("lost", 9)))
    store.close()
    found = Store(tmp_path)
    trace = found.read(TRACE)
    found.close()
    assert trace["spans"] == 4
    assert [root["name"] for root in trace["roots"]] == ["root", "lost"]
    assert trace["roots"][0]["children"][0]["children"][0]["name"] == "grandchild"
    assert trace["roots"][0]["milliseconds"] == 9
    assert tree([]) == []


def test_the_spans_kept_are_bounded_and_the_newest_stay(tmp_path):
    store = Store(tmp_path, limit=20_000)
    for number in range(2000):
        store.add(spans(("one", 0), trace=f"{number + 1:032x}"))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 45_000
    assert store.read(f"{2000:032x}")
    assert store.read(f"{1:032x}") is None
    store.close()


def test_what_a_crash_cut_off_or_nobody_can_read_is_passed_over(tmp_path):
    store = Store(tmp_path)
    store.add(spans(("whole", 0)))
    store.add(b"no protobuf at all" + bytes.fromhex(TRACE))
    store.file.write(b"\x00\x00\xff\xff" + b"cut")
    store.file.flush()
    assert store.read(TRACE)["spans"] == 1
    assert store.read("not hex") is None
    assert store.read("ab") is None
    store.close()


def test_the_mails_kept_are_bounded(tmp_path):
    mailbox = Mailbox(tmp_path)
    for number in range(KEPT + 50):
        mailbox.keep(f"X-Envelope-To: a@example.com\r\nSubject: {number}\r\n\r\nhello".encode())
    assert len(list((tmp_path / "new").iterdir())) == KEPT
    assert mailbox.newest(limit=1)[0]["subject"] == str(KEPT + 49)
