"""Ends with 0 where this container answers 200 at a path: /readyz, or the first argument.

A bare socket, for it runs every few seconds and an HTTP client takes four times as long to import.
"""

import os
import socket
import sys

HOST = "127.0.0.1"
port = int(os.environ.get("MUSTER_LISTEN_PORT", "8000"))
path = sys.argv[1] if len(sys.argv) > 1 else "/readyz"
try:
    with socket.create_connection((HOST, port), timeout=4) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
except OSError as error:
    sys.exit(f"nothing answers on port {port}: {error}")
if answer.split(b" ", 2)[1:2] != [b"200"]:
    sys.exit(answer.decode(errors="replace")[:2000])
