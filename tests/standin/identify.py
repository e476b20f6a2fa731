"""Which operation of which service a request asks for, from the models that clients use too."""

import functools
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

import botocore.session

_SESSION = botocore.session.get_session()


@dataclass(frozen=True)
class Request:
    """A request, as far as a log, a fault or an answer needs it."""

    service: str
    operation: str
    region: str
    protocol: str
    access_key: str
    method: str
    path: str
    query: tuple
    body: bytes
    # The Outpost that is asked; empty for the region's own services.
    outpost: str

    @property
    def name(self) -> str:
        return f"{self.service}:{self.operation}"


@functools.cache
def model(service: str):
    return _SESSION.get_service_model(service)


@functools.cache
def _signers() -> dict:
    """Signing name -> services that sign with it."""
    signers = {}
    for service in _SESSION.get_available_services():
        signers.setdefault(model(service).signing_name, []).append(service)
    return signers


# Services that share everything with a bigger one: a request cannot tell them apart.
_SHADOWED = {"neptune", "docdb", "elbv1"}


def identify(environ: dict, body: bytes) -> Request:
    method = environ["REQUEST_METHOD"]
    path = environ.get("RAW_URI", environ.get("REQUEST_URI", environ["PATH_INFO"])).split("?")[0]
    query = tuple(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    key, region, signer = _credential(environ.get("HTTP_AUTHORIZATION", ""))
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    form = {}
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    cbor = re.fullmatch(r"/service/\w+/operation/(\w+)", path)
    found = ("", "")
    # Directory buckets are S3's, with a signature of their own.
    express = signer == "s3express"
    signers = _signers().get("s3" if express else signer, [])
    for service in ["s3control"] if path.startswith("/v20180820/") else signers:
        if service in _SHADOWED:
            continue
        operation = cbor[1] if cbor else _operation(service, target, form, method, path, query)
        if express and operation == "ListBuckets":
            operation = "ListDirectoryBuckets"
        if operation:
            found = (service, operation)
            break
    protocol = "cbor" if cbor else _protocol(found[0], target)
    outpost = environ.get("HTTP_X_AMZ_OUTPOST_ID", "")
    return Request(*found, region, protocol, key, method, path, query, body, outpost)


def _protocol(service: str, target: str) -> str:
    """What the client spoke; a model may name several protocols."""
    if target or not service:
        return "json"
    metadata = model(service).metadata
    spoken = ("ec2", "query", "rest-json", "rest-xml")
    return next(
        (one for one in [metadata["protocol"], *metadata.get("protocols", [])] if one in spoken), "json"
    )


def _credential(header: str) -> tuple:
    match = re.search(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/", header)
    return match.groups() if match else ("", "", "")


def _operation(service, target, form, method, path, query) -> str:
    about = model(service)
    if target:
        prefix, _, name = target.rpartition(".")
        known = about.metadata.get("targetPrefix") == prefix and name in about.operation_names
        return name if known else ""
    if form.get("Action"):
        same = form.get("Version") == about.metadata["apiVersion"]
        return form["Action"] if same and form["Action"] in about.operation_names else ""
    if not _protocol(service, target).startswith("rest-"):
        return ""
    best = (-1, "")
    for pattern, keys, weight, name in _routes(service).get(method, []):
        have = dict(query)
        if all(key in have and (value is None or have[key] == value) for key, value in keys):
            # Of two that spell the same the first: ListBuckets, not ListDirectoryBuckets.
            if weight > best[0] and pattern.fullmatch(path):
                best = (weight, name)
    return best[1]


@functools.cache
def _routes(service: str) -> dict:
    """Method -> (pattern of the path, keys of the query, weight, operation)."""
    routes = {}
    about = model(service)
    for name in about.operation_names:
        if about.operation_model(name).deprecated:
            continue
        http = about.operation_model(name).http
        path, _, query = http["requestUri"].partition("?")
        keys = tuple(
            (key, value or None) for key, value in parse_qsl(query, keep_blank_values=True)
        )
        parts = re.split(r"(\{[^}]+\})", path)
        pattern = "".join(
            (".+" if part.endswith("+}") else "[^/]+") if part.startswith("{") else re.escape(part)
            for part in parts
        )
        # What is spelled out counts most; a path with more segments is more special than a greedy one.
        literal = sum(len(part) for part in parts if not part.startswith("{"))
        weight = 1000 * len(keys) + 10 * literal + path.count("/")
        # A slash at the end is the client's choice.
        pattern = re.compile(pattern.rstrip("/") + "/?")
        routes.setdefault(http["method"], []).append((pattern, keys, weight, name))
    return routes


def path_value(request: Request, label: str) -> str:
    """The value that the request's path has at `{label}`."""
    uri = model(request.service).operation_model(request.operation).http["requestUri"]
    pattern = re.sub(r"\\\{(\w+)\\\+\\\}|\\\{(\w+)\\\}", r"(?P<\1\2>.+?)", re.escape(uri.split("?")[0]))
    match = re.fullmatch(pattern.rstrip("/") + "/?", request.path)
    return unquote(match[label]) if match else ""
