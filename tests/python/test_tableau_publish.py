"""Publication on a Tableau server: a stub that answers the calls of the REST API and keeps what it was sent."""

from __future__ import annotations

import http.server
import importlib
import json
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_cli import call

import logarrow as la
from logarrow.tableau import publish

if "CI" not in os.environ:
    pytest.importorskip("tableauserverclient")
importlib.import_module("tableauserverclient")

_HEAD = '<?xml version="1.0" encoding="UTF-8"?><tsResponse xmlns="http://tableau.com/api">'
#: Answers by the end of the path.
ANSWERS = {
    "serverinfo": '<serverInfo><productVersion build="1">2024.2</productVersion><restApiVersion>3.23</restApiVersion></serverInfo>',
    "auth/signin": '<credentials token="session"><site id="site-1" contentUrl=""/><user id="user-1"/></credentials>',
    "auth/signout": "",
    "projects": '<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><projects><project id="project-1" name="Logs"/></projects>',
    "datasources": '<datasource id="ds-1" name="web" contentUrl="web" webpageUrl="https://t/web"><project id="project-1" name="Logs"/></datasource>',
}


class Stub(http.server.ThreadingHTTPServer):
    """Keeps method, path, headers and body of each call."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.calls: list[tuple[str, str, dict[str, str], bytes]] = []
        self.refuse = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Stub

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.calls.append((self.command, self.path, headers, body))
        name = next((name for name in ANSWERS if self.path.split("?")[0].endswith(name)), None)
        code, told = 200, ANSWERS.get(name or "", "")
        if name is None or (self.server.refuse and name == "auth/signin"):
            code, told = (
                401,
                '<error code="401001"><summary>Signin Error</summary><detail>no such token</detail></error>',
            )
        data = f"{_HEAD}{told}</tsResponse>".encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = _answer

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    monkeypatch.setenv("TABLEAU_TOKEN_NAME", "robot")
    monkeypatch.setenv("TABLEAU_TOKEN", "s3cr3t")
    with Stub() as stub:
        thread = threading.Thread(target=stub.serve_forever, daemon=True)
        thread.start()
        yield stub
        stub.shutdown()
        thread.join()


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    path = tmp_path / "web.hyper"
    path.write_bytes(b"HyPe bytes of an extract")
    return path


def test_publish(server: Stub, extract: Path) -> None:
    assert publish(extract, server.url, "Logs", site="ops") == {"id": "ds-1", "name": "web", "url": "https://t/web"}
    calls = {
        path.split("?")[0].rsplit("/", 1)[-1]: (method, path, headers, body)
        for method, path, headers, body in server.calls
    }
    assert (
        re.search(rb'personalAccessTokenName="robot"', calls["signin"][3]) and b'contentUrl="ops"' in calls["signin"][3]
    )
    method, path, headers, body = calls["datasources"]
    assert (method, headers["x-tableau-auth"]) == ("POST", "session")
    assert "/sites/site-1/datasources?" in path and "datasourceType=hyper" in path and "overwrite=true" in path
    assert extract.read_bytes() in body and b'name="web"' in body and b'id="project-1"' in body
    # The session is closed, and the token was shown to nothing but the sign-in.
    assert "signout" in calls
    assert sum(b"s3cr3t" in body or "s3cr3t" in path for _, path, _, body in server.calls) == 1


def test_command(server: Stub, extract: Path) -> None:
    args = ["tableau", "publish", extract, "--server", server.url]
    status, told, errors = call(*args, "--project", "Logs", "--mode", "append", "--name", "requests", "--json")
    assert (status, errors) == (0, "") and json.loads(told)["id"] == "ds-1"
    sent = next(one for one in server.calls if "/datasources" in one[1])
    assert "append=true" in sent[1] and b'name="requests"' in sent[3]
    assert "published web: https://t/web" in call(*args, "--project", "Logs")[1]
    status, _, errors = call(*args, "--project", "Nothing")
    assert status == 1 and "no project 'Nothing'" in errors
    server.refuse = True
    status, _, errors = call(*args, "--project", "Logs")
    assert status == 1 and errors.startswith("error: ") and "Signin" in errors and "s3cr3t" not in errors
    assert call(*args)[0] == 2 and call(*args, "--project", "Logs", "--mode", "x")[0] == 2


def test_without_a_token_nothing_is_called(server: Stub, extract: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TABLEAU_TOKEN")
    with pytest.raises(la.LogarrowError, match="TABLEAU_TOKEN in the environment"):
        publish(extract, server.url, "Logs")
    with pytest.raises(FileNotFoundError):
        publish(extract.with_name("none.hyper"), server.url, "Logs")
    with pytest.raises(ValueError, match="mode"):
        publish(extract, server.url, "Logs", mode="replace")
    assert server.calls == []
