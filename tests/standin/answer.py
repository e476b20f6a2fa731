"""Answers for operations that moto lacks: documents in the shape of the API model, on the wire.

`responses/<service>/<Operation>.json` holds the output as boto3 would return it; `{account_id}`,
`{region}` and `{partition}` are filled in. `{"$error": {"code": "...", "message": "...", "status": 400}}`
is an error; what is asked of an Outpost stands in `<service>-outposts`; `{"$regions": {"eu-west-1": {...}, "*": {...}}}` tells regions apart.
"""

import functools
import json
from pathlib import Path

from identify import model
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model

HERE = Path(__file__).parent / "responses"


@functools.cache
def load(folder: Path, service: str, operation: str):
    """The text of the answer, or None."""
    file = folder / service / f"{operation}.json"
    return file.read_text(encoding="utf-8") if file.is_file() else None


def find(folders, request, account: str):
    """The document for this request from the account's own folder or ours; None if there is none."""
    for folder in filter(None, (folders.get(account), HERE)):
        service = f"{request.service}-outposts" if request.outpost else request.service
        text = load(folder, service, request.operation)
        if text is not None:
            return _fill(text, account, request.region)
    return None


def _fill(text: str, account: str, region: str):
    for key, value in (("account_id", account), ("region", region), ("partition", "aws")):
        text = text.replace("{" + key + "}", value)
    document = json.loads(text)
    regions = document.get("$regions")
    return regions.get(region, regions.get("*", {})) if regions else document


def serialise(request, document: dict):
    """(status, headers, body) of a document."""
    if "$error" in document:
        error = document["$error"]
        return error_reply(
            request, error.get("status", 400), error["code"], error.get("message", "")
        )
    operation = get_service_model(request.service).operation_model(request.operation)
    serializer = get_serializer_class(request.service, request.protocol)
    reply = serializer(operation_model=operation).serialize(document)
    body = reply["body"]
    return reply["status_code"], reply["headers"], body.encode() if isinstance(body, str) else body


def error_reply(request, status: int, code: str, message: str):
    """(status, headers, body) of an error as the service's protocol spells it."""
    kind = request.protocol
    if kind == "ec2":
        body = (
            f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
            "<RequestID>stand-in</RequestID></Response>"
        )
    elif request.service == "s3":
        body = f"<Error><Code>{code}</Code><Message>{message}</Message><RequestId>stand-in</RequestId></Error>"
    elif kind in ("query", "rest-xml"):
        body = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
            "<RequestId>stand-in</RequestId></ErrorResponse>"
        )
    elif kind == "rest-json":
        headers = {"Content-Type": "application/json", "x-amzn-ErrorType": code}
        return status, headers, json.dumps({"message": message}).encode()
    else:
        version = model(request.service).metadata.get("jsonVersion", "1.1") if request.service else "1.1"
        headers = {"Content-Type": f"application/x-amz-json-{version}"}
        return status, headers, json.dumps({"__type": code, "message": message}).encode()
    return status, {"Content-Type": "text/xml"}, body.encode()
