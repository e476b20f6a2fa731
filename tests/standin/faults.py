"""Faults that a lane can have, the same in every run.

    {"latency_ms": 50,                 every answer waits
     "deny": ["s3:GetBucketAcl", "*"], patterns of service:Operation that are refused,
     "allow": ["sts:*"],               save these
     "deny_where": {"sts:AssumeRole": "111122223333"},  refused where the request's body has the text
     "throttle": 0.2, "seed": 7,       share of the answers that say "slow down"
     "fail": ["sqs:*"],                answered with a server error
     "hang": ["sqs:*"],                never answered
     "expire_after": 100}              requests after which the token has expired
"""

import fnmatch
import hashlib
import threading

# Error codes as the services spell them, by protocol.
_DENIED = {"ec2": "UnauthorizedOperation", "query": "AccessDenied", "rest-xml": "AccessDenied"}
_THROTTLED = {"ec2": "RequestLimitExceeded", "query": "Throttling", "rest-xml": "SlowDown"}
_EXPIRED = {"ec2": "RequestExpired", "query": "ExpiredToken", "rest-xml": "ExpiredToken"}


class Faults:
    def __init__(self, wanted: dict):
        unknown = set(wanted) - {
            "latency_ms", "deny", "allow", "deny_where", "throttle", "seed", "fail", "hang", "expire_after",
        }
        if unknown:
            raise ValueError(f"unknown faults: {sorted(unknown)}")
        self.wanted = wanted
        self._seen = {}
        self._count = 0
        self._lock = threading.Lock()

    @property
    def latency(self) -> float:
        return self.wanted.get("latency_ms", 0) / 1000

    def hangs(self, request) -> bool:
        return self._named("hang", request)

    def error(self, request, protocol: str):
        """(word for the log, status, code, message) or None."""
        with self._lock:
            self._count += 1
            late = self._count > self.wanted.get("expire_after", float("inf"))
        if late:
            code = _EXPIRED.get(protocol, "ExpiredTokenException")
            return "expired", 400, code, "The security token included in the request is expired"
        denied = self._named("deny", request) and not self._named("allow", request)
        if denied or self._has_denied_text(request):
            code = _DENIED.get(protocol, "AccessDeniedException")
            text = f"User is not authorized to perform: {request.name}"
            return "denied", 403, code, text
        if self._named("fail", request):
            return "failed", 500, "InternalFailure", "We encountered an internal error"
        if self._throttles(request):
            code = _THROTTLED.get(protocol, "ThrottlingException")
            status = 400 if protocol in ("query", "json", "rest-json") else 503
            return "throttled", status, code, "Rate exceeded"
        return None

    def _named(self, list_name: str, request) -> bool:
        patterns = self.wanted.get(list_name, [])
        return any(fnmatch.fnmatchcase(request.name, pattern) for pattern in patterns)

    def _has_denied_text(self, request) -> bool:
        texts = self.wanted.get("deny_where", {}).items()
        return any(
            fnmatch.fnmatchcase(request.name, pattern) and text.encode() in request.body
            for pattern, text in texts
        )

    def _throttles(self, request) -> bool:
        share = self.wanted.get("throttle", 0)
        if not share:
            return False
        # By the request and how often it was seen, not by the order in which threads come.
        text = f"{request.name}|{request.region}|{request.path}|{request.query}|".encode() + request.body
        with self._lock:
            nth = self._seen[text] = self._seen.get(text, 0) + 1
        digest = hashlib.sha256(f"{self.wanted.get('seed', 0)}|{nth}|".encode() + text).digest()
        return int.from_bytes(digest[:8], "big") / 2**64 < share
