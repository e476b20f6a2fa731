"""Answers that depend on what moto holds: operations that moto answers wrongly or not at all."""

import json

from identify import path_value
from moto.awslambda.utils import get_backend as lambda_backend
from moto.core.exceptions import ServiceException
from moto.s3.models import s3_backends
from werkzeug.exceptions import HTTPException


def find(request, account: str):
    """The document for this request; None if it is not one of ours."""
    make = _MADE.get(request.name)
    return make(request, account) if make else None


def _bucket_policy_status(request, account: str):
    """Public as AWS means it, for the plain cases: a statement for everyone, with no condition."""
    try:
        bucket = s3_backends[account]["aws"].head_bucket(path_value(request, "Bucket"))
    except ServiceException:
        return {"$error": {"code": "NoSuchBucket", "status": 404}}
    if not bucket.policy:
        return {"$error": {"code": "NoSuchBucketPolicy", "status": 404}}
    try:
        statements = json.loads(bucket.policy)["Statement"]
    except (ValueError, KeyError):
        return {"PolicyStatus": {"IsPublic": False}}
    statements = statements if isinstance(statements, list) else [statements]
    public = any(
        one.get("Effect") == "Allow"
        and one.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        and not one.get("Condition")
        for one in statements
    )
    return {"PolicyStatus": {"IsPublic": public}}


def _function_urls(request, account: str):
    """moto knows the one address of a function, and not the list of them."""
    try:
        name = path_value(request, "FunctionName").rsplit(":", 1)[-1]
        function = lambda_backend(account, request.region).get_function(name)
    except HTTPException:
        return {"$error": {"code": "ResourceNotFoundException", "status": 404}}
    about = function.url_config.to_dict() if function.url_config else None
    return {"FunctionUrlConfigs": [about] if about else []}


_MADE = {
    "s3:GetBucketPolicyStatus": _bucket_policy_status,
    "lambda:ListFunctionUrlConfigs": _function_urls,
}
