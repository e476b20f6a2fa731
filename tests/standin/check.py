"""Checks every answer of the stand-in against the API model that clients read it with.

    python check.py [FOLDER ...]     exit 1 and one line per fault if one does not fit
"""

import json
import sys
from datetime import datetime
from pathlib import Path

from answer import HERE
from identify import model


def faults(folder):
    count = 0
    for file in sorted(folder.rglob("*.json")):
        service, operation = file.parent.name.removesuffix("-outposts"), file.stem
        count += 1
        try:
            shape = model(service).operation_model(operation).output_shape
        except Exception as error:  # the model has no such service or operation
            yield f"{file}: {error}"
            continue
        document = json.loads(file.read_text(encoding="utf-8"))
        if "$error" in document:
            known = {one.metadata.get("error", {}).get("code", one.name)
                     for one in model(service).operation_model(operation).error_shapes}
            code = document["$error"]["code"]
            # Not all services list the codes that they answer.
            if known and code not in known and code not in _COMMON:
                yield f"{file}: error `{code}` is none of {sorted(known)}"
            continue
        for region, part in document.get("$regions", {"": document}).items():
            for fault in differences(part, shape, region or "$"):
                yield f"{file}: {fault}"
    if not count:
        yield f"{folder}: no answers"


_COMMON = {"SubscriptionRequiredException", "AccessDeniedException", "AWSOrganizationsNotInUseException"}


def differences(value, shape, where):
    kind = shape.type_name
    if kind == "structure":
        if not isinstance(value, dict):
            yield f"{where}: not an object"
            return
        for key, one in value.items():
            if key in shape.members:
                yield from differences(one, shape.members[key], f"{where}.{key}")
            else:
                yield f"{where}.{key}: {shape.name} has no such member"
        for key in shape.required_members:
            if key not in value:
                yield f"{where}: {shape.name} requires `{key}`"
    elif kind == "list":
        if not isinstance(value, list):
            yield f"{where}: not a list"
            return
        for index, one in enumerate(value):
            yield from differences(one, shape.member, f"{where}[{index}]")
    elif kind == "map":
        for key, one in value.items():
            yield from differences(one, shape.value, f"{where}.{key}")
    elif kind == "timestamp":
        try:
            datetime.fromisoformat(value.replace("Z", "+00:00"))
        except (ValueError, AttributeError):
            yield f"{where}: not a date"
    elif not isinstance(value, _TYPES.get(kind, str)) or (kind != "boolean" and isinstance(value, bool)):
        yield f"{where}: not {kind}"
    elif kind == "string" and getattr(shape, "enum", None) and value not in shape.enum:
        yield f"{where}: `{value}` is none of {shape.enum}"


_TYPES = {"boolean": bool, "integer": int, "long": int, "float": (int, float), "double": (int, float)}


def main():
    folders = [Path(one) for one in sys.argv[1:]] or [HERE]
    found = [fault for folder in folders for fault in faults(folder)]
    for fault in found:
        print(fault)
    answers = sum(1 for folder in folders for _ in folder.rglob("*.json"))
    print(f"{answers} answers, {len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
