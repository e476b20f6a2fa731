"""Measures palisade, and Prowler beside it, on one filled account of the emulator.

    python bench.py --url URL --account ID --palisade FILE [--prowler FILE]
    python bench.py --palisade FILE --snapshot DIR
    python bench.py --url URL --account ID --palisade FILE --callgrind FILE

Prints one line of a Markdown table per run: CPU seconds of the client (user and system, its children
too), peak memory, requests that reached the server, bytes written, wall time. With --callgrind one run is made under
valgrind, which writes what was called to the file.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request


def control(url, method, path, document=None):
    body = None if document is None else json.dumps(document).encode()
    with urllib.request.urlopen(urllib.request.Request(url + path, body, method=method)) as reply:
        return reply.read().decode()


def run(command, environment, folder):
    """(cpu s, peak MiB, wall s, exit code) of a command."""
    log = open(os.path.join(folder, "log"), "wb")
    started = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - started
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, wall, os.waitstatus_to_exitcode(status)


def size(folder):
    return sum(os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk(folder) for name in names)


def measure(name, url, account, command, faults=None):
    lane = url and json.loads(control(url, "POST", "/_lane", {"account": account, "faults": faults or {}}))["url"]
    folder = tempfile.mkdtemp(prefix="palisade-bench-")
    environment = {
        "PATH": os.environ["PATH"], "HOME": folder, "AWS_ENDPOINT_URL": lane or "", "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
    }
    command = [part.replace("OUT", os.path.join(folder, "out")) for part in command]
    cpu, memory, wall, code = run(command, environment, folder)
    requests = sum(1 for line in control(lane, "GET", "/_lane/log").splitlines() if line) if lane else 0
    if code not in (0, 3):
        with open(os.path.join(folder, "log"), encoding="utf-8", errors="replace") as log:
            print(log.read()[-2000:], file=sys.stderr)
    print(f"| {name} | {cpu:.1f} | {memory:.0f} | {requests} | {size(folder) / 1e6:.1f} | {wall:.1f} | {code} |", flush=True)
    shutil.rmtree(folder)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--url")
    arguments.add_argument("--account")
    arguments.add_argument("--snapshot")
    arguments.add_argument("--palisade", required=True)
    arguments.add_argument("--prowler")
    arguments.add_argument("--callgrind")
    chosen = arguments.parse_args()
    print("| run | CPU s | peak MiB | requests | MB written | wall s | exit |\n|---|---|---|---|---|---|---|")
    ours = [chosen.palisade, "--quiet"]
    if chosen.snapshot:
        whole = [*ours, "assess", "--snapshot", os.path.abspath(chosen.snapshot), "--format"]
        measure("all controls, terminal", None, None, [*whole, "table"])
        measure("all controls, JSON", None, None, [*whole, "json", "--out", "OUT"])
        measure("all controls, HTML", None, None, [*whole, "html", "--out", "OUT"])
        return
    region = ["--region", "us-east-1"]
    here = (chosen.url, chosen.account)
    if chosen.callgrind:
        under = ["valgrind", "--tool=callgrind", "--demangle=no", f"--callgrind-out-file={chosen.callgrind}"]
        slowly = ["--call-timeout", "600", "--format", "html", "--out", "OUT"]
        measure("palisade, under valgrind", *here, [*under, *ours, "assess", *region, *slowly])
        return
    measure("palisade, everything, HTML report", *here, [*ours, "assess", *region, "--format", "html", "--out", "OUT"])
    measure("palisade, everything, JSON report", *here, [*ours, "assess", *region, "--format", "json", "--out", "OUT"])
    measure("palisade, one control", *here, [*ours, "assess", *region, "--control", "s3-bucket-acl-not-public"])
    measure("palisade, everything, 50 ms a reply", *here, [*ours, "collect", *region, "--out", "OUT"], {"latency_ms": 50})
    measure("palisade --help", *here, [chosen.palisade, "--help"])
    measure("palisade assess --demo", *here, [*ours, "assess", "--demo"])
    if chosen.prowler:
        theirs = [chosen.prowler, "aws", *region, "--no-banner", "--no-color", "-o", "OUT", "-F", "prowler",
                  "--log-level", "CRITICAL"]
        measure("Prowler, everything", *here, theirs)
        measure("Prowler, iam ec2 s3", *here, [*theirs, "--services", "iam", "ec2", "s3"])
        measure("Prowler, one check", *here, [*theirs, "-c", "s3_bucket_public_access"])


if __name__ == "__main__":
    main()
