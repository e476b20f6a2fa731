"""One account of the emulator, and how well it is kept: what the scripts of this folder share."""

import hashlib
import json
import random
import uuid
import zipfile
from collections import Counter
from io import BytesIO

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError

# Values that must never be seen in a snapshot, a log or a report.
MARK = "PALISADE-MARK"

NOUNS = (
    "invoices", "orders", "web-assets", "customer-files", "audit-logs", "analytics", "backups", "images",
    "reports", "exports", "payroll", "telemetry", "catalogue", "checkout", "shipping", "tickets",
    "partners", "media", "search", "pricing", "forecasts", "contracts", "recordings", "maps",
    "sessions", "ledger", "loyalty", "returns", "sensors", "archive", "drafts", "labels",
)


class Account:
    """Calls into one account and region of the emulator.

    `share` is the part of the settings that follow the guidance: which ones is decided by their
    names, so two runs make the same estate.
    """

    def __init__(self, url, account_id, region, prefix, share, credentials=None):
        self.url, self.id, self.region, self.prefix, self.share = url, account_id, region, prefix, share
        self.session = boto3.Session(
            region_name=region,
            **(credentials or {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}),
        )
        self.made = Counter()
        self.refused = Counter()
        self._clients = {}

    def beside(self, region):
        """The same account in another region."""
        other = Account.__new__(Account)
        other.__dict__ = self.__dict__ | {"region": region, "_clients": {}}
        return other

    def client(self, service):
        if service not in self._clients:
            self._clients[service] = self.session.client(
                service,
                region_name=self.region,
                endpoint_url=self.url,
                config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}),
            )
            # S3 Control puts the account before the host's name; an address has no such names.
            self._clients[service].meta.events.register("before-send.s3-control", self._unprefixed)
        return self._clients[service]

    def _unprefixed(self, request, **_):
        request.url = request.url.replace(f"//{self.id}.", "//")

    def __call__(self, service, operation, **parameters):
        """The reply; an empty one, and a line in the tally, where the emulator refuses."""
        try:
            reply = getattr(self.client(service), operation)(**parameters)
        except (ClientError, ParamValidationError) as error:
            code = error.response["Error"]["Code"] if isinstance(error, ClientError) else "parameters"
            self.refused[f"{service}:{operation} {code}: {str(error)[:140]}"] += 1
            return {}
        if operation.split("_")[0] in ("create", "put", "run", "register", "enable", "request"):
            self.made[f"{service}:{operation}"] += 1
        return reply

    def good(self, *key):
        """Whether this setting follows the guidance."""
        digest = hashlib.sha256("|".join([self.prefix, *map(str, key)]).encode()).digest()
        return digest[0] / 256 < self.share

    def name(self, kind, index):
        """A name for the n-th thing of a kind."""
        noun = NOUNS[index % len(NOUNS)]
        round_ = index // len(NOUNS)
        return "-".join(filter(None, [self.prefix, noun, kind, str(round_) if round_ else ""]))

    def tags(self, index):
        """Tags of the n-th thing; what is kept badly has none."""
        if not self.good("tags", index):
            return []
        return [
            {"Key": "owner", "Value": ("platform", "data", "shop")[index % 3]},
            {"Key": "environment", "Value": self.prefix.split("-")[-1]},
        ]

    def arn(self, service, resource, region=True):
        return f"arn:aws:{service}:{self.region if region else ''}:{self.id}:{resource}"


def without_chance():
    """The client's own tokens become ids of things: the same in every run."""
    chance = random.Random(0)
    uuid.uuid4 = lambda: uuid.UUID(int=chance.getrandbits(128), version=4)


def secret(index):
    """A marked value that looks like a secret; the same in every run."""
    digest = hashlib.sha256(f"secret|{index}".encode()).hexdigest()
    return f"{MARK}-{digest[:24]}"


def access_key(index):
    """A made-up access key pair, with the mark in the secret part."""
    digest = hashlib.sha256(f"key|{index}".encode()).hexdigest().upper()
    return f"AKIA{digest[:16]}", f"{MARK}/{digest[16:43]}"


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def trust(principal, condition=None, action="sts:AssumeRole"):
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    if condition:
        statement["Condition"] = condition
    return policy(statement)


def code():
    """A function's archive, byte for byte the same each time."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("index.py"), "def handler(event, context):\n    return {}\n")
    return buffer.getvalue()
