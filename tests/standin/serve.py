"""The AWS emulator of the tests: moto, with a stand-in before it for what moto lacks.

Prints its address on one line and serves until its standard input ends, so that it cannot outlive
the process that started it. Lanes are further addresses onto the same accounts, each with its own
log and its own faults:

    POST /_lane             {"account": "...", "answers": {"ACCOUNT": "FOLDER"}, "faults": {...}} -> {"url": "..."}
    GET  /_lane/log         one JSON object per request of this lane
    PUT  /_lane/faults      {...}: see faults.py
    PUT  /_lane/clock       {"now": "2026-11-16T09:00:00Z"}: time stands still there, for all lanes;
                            only where PALISADE_CLOCK was set when the server started
"""

import os
import random
import sys
import uuid

# Before moto is imported: its modules take the clock with them.
clock = None
if os.environ.get("PALISADE_CLOCK"):
    import freezegun

    clock = freezegun.freeze_time(os.environ["PALISADE_CLOCK"]).start()
    # Where time stands still, chance does too: what is made in one order has the same ids.
    random.seed(0)
    uuid.uuid4 = lambda: uuid.UUID(int=random.getrandbits(128), version=4)
    os.urandom = random.randbytes

# It reads its switches once.
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
os.environ.setdefault("MOTO_EVENTS_INVOKE_HTTP", "false")
os.environ.setdefault("SKIP_REQUIRES_DOCKER", "true")
os.environ.setdefault("TESTS_SKIP_REQUIRES_DOCKER", "true")
os.environ.setdefault("AWS_ACCESS_KEY_ID", "testing")
os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "testing")
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")

import repairs  # noqa: E402
from lane import Lanes  # noqa: E402
from moto.core.config import default_user_config  # noqa: E402

# Functions are never run: nothing here needs Docker.
default_user_config["lambda"] = {"use_docker": False}
default_user_config["batch"] = {"use_docker": False}


def main() -> None:
    repairs.apply()
    lanes = Lanes(clock)
    first = lanes.open({})
    print(first["url"], flush=True)
    # moto prints too, and whoever started this reads one line.
    sys.stdout = sys.stderr
    while sys.stdin.buffer.read(4096):
        pass
    # No tidy end: threads that hang on purpose must not keep the process.
    os._exit(0)


if __name__ == "__main__":
    main()
