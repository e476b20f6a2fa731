"""Lanes: addresses onto the same emulated accounts, each with its own log, faults and answers."""

import hashlib
import io
import json
import re
import sys
import threading
import time
import traceback
from http import HTTPStatus
from pathlib import Path

import answer
import computed
from faults import Faults
from identify import identify
from moto.iam.models import get_account_id_from
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server


_PHRASES = {status.value: status.phrase for status in HTTPStatus}


class _Quiet(WSGIRequestHandler):
    # Connections stay open, as they do with AWS.
    protocol_version = "HTTP/1.1"
    # A reply goes out whole and at once.
    wbufsize = -1
    disable_nagle_algorithm = True

    def run_wsgi(self):
        # The library's own closes each connection, since an application may leave a body unread: ours reads all of it.
        got = {}

        def start_response(status, headers, _=None):
            got.update(status=status, headers=headers)

        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()
            self.wfile.flush()
        reply = b"".join(self.server.app(self.make_environ(), start_response))
        code, _, phrase = got["status"].partition(" ")
        self.send_response(int(code), phrase)
        for name, value in got["headers"]:
            if name.lower() not in ("connection", "content-length", "transfer-encoding"):
                self.send_header(name, value)
        if code not in ("204", "304"):
            self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        if code not in ("204", "304") and self.command != "HEAD":
            self.wfile.write(reply)
        self.wfile.flush()

    def log(self, *_):
        pass


class Lanes:
    def __init__(self, clock=None):
        self.clock = clock
        self.moto = DomainDispatcherApplication(create_backend_app)

    def open(self, wanted: dict) -> dict:
        lane = Lane(self, wanted)
        server = make_server("127.0.0.1", 0, lane, threaded=True, request_handler=_Quiet)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return {"url": f"http://127.0.0.1:{server.server_port}"}


class Lane:
    def __init__(self, lanes: Lanes, wanted: dict):
        self.lanes = lanes
        self.account = wanted.get("account")
        self.folders = {who: Path(folder) for who, folder in wanted.get("answers", {}).items()}
        self.faults = Faults(wanted.get("faults", {}))
        self.log = []
        self.flying = 0
        self.most = 0
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        body = _body(environ)
        path = environ["PATH_INFO"]
        if path == "/_lane" or path.startswith("/_lane/"):
            status, headers, reply = self._control(environ["REQUEST_METHOD"], path, body)
        elif path.startswith("/moto-api") or not environ.get("HTTP_AUTHORIZATION"):
            return self.lanes.moto(environ, start_response)
        else:
            status, headers, reply = self._serve(environ, body)
        headers = {name: str(value) for name, value in headers.items()}
        headers["Content-Length"] = str(len(reply))
        start_response(f"{status} {_PHRASES.get(status, 'Unknown')}", list(headers.items()))
        return [reply]

    def _control(self, method: str, path: str, body: bytes):
        text = {"Content-Type": "application/json"}
        try:
            if (method, path) == ("POST", "/_lane"):
                return 200, text, json.dumps(self.lanes.open(json.loads(body or b"{}"))).encode()
            if (method, path) == ("PUT", "/_lane/faults"):
                self.faults = Faults(json.loads(body))
                return 200, text, b"{}"
            if (method, path) == ("PUT", "/_lane/clock") and self.lanes.clock:
                self.lanes.clock.move_to(json.loads(body)["now"])
                return 200, text, b"{}"
            if (method, path) == ("GET", "/_lane/log"):
                with self.lock:
                    lines = [json.dumps(line) for line in self.log]
                return 200, text, ("\n".join(lines) + "\n").encode()
            if (method, path) == ("GET", "/_lane/most"):
                return 200, text, json.dumps({"in_flight": self.most}).encode()
        except (ValueError, TypeError) as error:
            return 400, text, json.dumps({"error": str(error)}).encode()
        return 404, text, b"{}"

    def _serve(self, environ, body: bytes):
        started = time.monotonic()
        with self.lock:
            self.flying += 1
            self.most = max(self.most, self.flying)
        request = identify(environ, body)
        account = self._account(environ, request)
        if request.service == "sqs":
            # The host becomes part of a queue's address.
            environ["HTTP_HOST"] = f"sqs.{request.region}.amazonaws.com"
        line = {
            "service": request.service,
            "operation": request.operation,
            "region": request.region,
            "account": account,
            "method": request.method,
            "path": request.path,
            # The same question has the same value.
            "question": hashlib.sha256(
                f"{request.name}|{request.region}|{account}|{request.path}|{request.query}|".encode() + body
            ).hexdigest()[:16],
        }
        try:
            status, headers, reply, by = self._answer(environ, request, account)
        finally:
            with self.lock:
                self.flying -= 1
        if self.faults.latency:
            left = self.faults.latency - (time.monotonic() - started)
            time.sleep(max(0, left))
        line |= {"status": status, "by": by}
        with self.lock:
            self.log.append(line)
        return status, headers, reply

    def _account(self, environ, request) -> str:
        # A role's credentials name their account; the lane speaks for all others.
        if self.account and not request.access_key.startswith("ASIA"):
            environ["HTTP_X_MOTO_ACCOUNT_ID"] = self.account
            return self.account
        return get_account_id_from(request.access_key)

    def _answer(self, environ, request, account: str):
        faults = self.faults
        if faults.hangs(request):
            time.sleep(24 * 3600)
        error = faults.error(request, request.protocol)
        if error:
            by, status, code, message = error
            return *answer.error_reply(request, status, code, message), by
        # A client that speaks CBOR (newer boto3, for a few services) gets what moto has.
        document = None
        if request.protocol != "cbor":
            document = answer.find(self.folders, request, account)
        if document is None and request.protocol != "cbor":
            document = computed.find(request, account)
        if document is not None:
            return *answer.serialise(request, document), "stand-in"
        try:
            self.lanes.moto.get_application(environ)
        except AttributeError:
            return *_unsupported(request, "no such service"), "unsupported"
        try:
            status, headers, reply = _call(self.lanes.moto, environ)
        except NotImplementedError as error:
            return *_unsupported(request, str(error)), "unsupported"
        except Exception as error:  # moto's own fault: what a server error would be
            traceback.print_exc(file=sys.stderr)
            return *answer.error_reply(request, 500, "InternalFailure", type(error).__name__), "broken"
        if status in (404, 405) and reply[:20].lower().startswith(b"<!doctype html"):
            return *_unsupported(request, "no route"), "unsupported"
        if request.operation.startswith("AssumeRole"):
            # The emulator's clock may stand still; the client's does not.
            reply = re.sub(rb"<Expiration>[^<]*", b"<Expiration>2099-01-01T00:00:00Z", reply)
        return status, headers, reply, "moto"


def _unsupported(request, why: str):
    """What AWS says of an operation that an endpoint does not know."""
    code = "InvalidAction" if request.protocol in ("query", "ec2") else "UnknownOperationException"
    return answer.error_reply(request, 400, code, f"the emulator lacks {request.name}: {why}")


def _body(environ) -> bytes:
    stream = environ["wsgi.input"]
    length = environ.get("CONTENT_LENGTH")
    if length:
        body = stream.read(int(length))
    elif environ.get("HTTP_TRANSFER_ENCODING") == "chunked":
        body = stream.read()
        environ["CONTENT_LENGTH"] = str(len(body))
    else:
        body = b""
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _call(app, environ):
    """(status, headers, body) of a WSGI application."""
    got = {}

    def start_response(status, headers, _=None):
        got["status"] = int(status.split()[0])
        got["headers"] = {name: value for name, value in headers if name.lower() != "content-length"}

    chunks = app(environ, start_response)
    try:
        return got["status"], got["headers"], b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
