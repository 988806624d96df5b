"""The HTTP interface of ClickHouse as far as our client uses it, answered by the embedded engine: for tests only.

Run as `python bridge.py FOLDER`; prints its port. Knows: SQL in the body or in `query`, settings and `param_` parameters in
the query string, `FORMAT`, inserts with data behind the SQL.
"""

import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import chdb
import lz4.frame

LOCK = threading.Lock()
NOT_SETTINGS = {"query", "database", "session_id", "query_id", "client_protocol_version", "wait_end_of_query", "role"}


class Bridge(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._send(200, b"Ok.\n")

    def do_POST(self) -> None:
        given = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        body = self._body()
        if self.headers.get("Content-Encoding") == "lz4":
            body = lz4.frame.decompress(body)
        sql = (given["query"].encode() + b"\n" + body) if "query" in given else body
        parameters = {name[6:]: value for name, value in given.items() if name.startswith("param_")}
        options = {
            name: value for name, value in given.items() if name not in NOT_SETTINGS and not name.startswith("param_")
        }
        options = {name: value for name, value in options.items() if "compress" not in name and "http" not in name}
        try:
            self._send(200, self._run(sql, parameters, options))
        except RuntimeError as error:
            self._send(500, str(error).encode())

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _run(self, sql: bytes, parameters: dict[str, str], options: dict[str, str]) -> bytes:
        # A connection for each request: its settings end with it.
        connection = chdb.connect(FOLDER)
        try:
            for name, value in sorted(options.items(), key=lambda item: item[0] == "readonly"):
                connection.query(f"SET {name} = '{value}'")
            head, _, data = sql.partition(b"\n")
            if head.lstrip().upper().startswith(b"INSERT") and b" FORMAT " in head and data:
                return self._insert(connection, head.decode(), data)
            result = connection.query(sql.decode(), "TabSeparated", params=parameters)
            return bytes(result.bytes())
        finally:
            connection.close()

    def _insert(self, connection: Any, head: str, data: bytes) -> bytes:
        into, _, format = head.rpartition(" FORMAT ")
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            connection.query(f"{into} FROM INFILE '{file.name}' FORMAT {format}")
        return b""

    def _send(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    FOLDER = sys.argv[1]
    keep = chdb.connect(FOLDER)  # the engine lives as long as one connection does
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bridge)
    print(server.server_port, flush=True)
    server.serve_forever()
