"""Fills one account of the emulator: about 400 resources at scale 1, good and bad settings mixed.

    python fill.py --url http://127.0.0.1:PORT [--account ID] [--scale N] [--share 0.5]
"""

import argparse
import json
import sys
import time
import urllib.request

import compute
import data
import guard
import identity
import network
import storage
from estate import Account


def fill(a, scale):
    """Sizes as in a small real account, times `scale`."""
    storage.account_block(a)
    storage.buckets(a, 32 * scale)
    storage.keys(a, 12 * scale)
    storage.parameters(a, 6 * scale)
    storage.registries(a, 6 * scale)
    storage.file_systems(a, 2 * scale)
    storage.backups(a, 1 * scale)
    storage.vaults(a, 1 * scale)
    storage.table_buckets(a, 1 * scale)
    identity.alias(a)
    identity.contacts(a)
    identity.password_policy(a)
    identity.providers(a)
    arns = identity.policies(a, 25 * scale)
    identity.groups(a, 8 * scale)
    identity.users(a, 40 * scale, 8 * scale)
    identity.roles(a, 60 * scale, arns)
    networks = network.vpcs(a, 4 * scale, 20 * scale)
    groups = network.security_groups(a, 60 * scale, networks)
    network.load_balancers(a, 6 * scale, 2 * scale, networks, groups)
    network.web(a, 2 * scale)
    compute.region_settings(a)
    compute.instances(a, 20 * scale, networks, groups)
    compute.functions(a, 15 * scale)
    compute.layers(a, 1 * scale)
    storage.secrets(a, 8 * scale)
    compute.containers(a, 2 * scale, networks)
    compute.messages(a, 10 * scale, 10 * scale)
    data.databases(a, 8 * scale, 2 * scale, networks)
    data.tables(a, 10 * scale)
    data.warehouses(a, 1 * scale)
    data.streams(a, 1 * scale)
    guard.trails(a, 2)
    guard.logs(a, 8 * scale)
    guard.detectors(a)
    guard.money(a)


def lane(url, account):
    body = json.dumps({"account": account}).encode()
    with urllib.request.urlopen(urllib.request.Request(url + "/_lane", body, method="POST")) as reply:
        return json.loads(reply.read())["url"]


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--url", required=True)
    arguments.add_argument("--account", default="123456789012")
    arguments.add_argument("--region", default="us-east-1")
    arguments.add_argument("--scale", type=int, default=1)
    arguments.add_argument("--share", type=float, default=0.5)
    chosen = arguments.parse_args()
    started = time.monotonic()
    # The account is the lane's: one is opened for it.
    url = lane(chosen.url, chosen.account)
    account = Account(url, chosen.account, chosen.region, "estate", chosen.share)
    fill(account, chosen.scale)
    report(account, time.monotonic() - started)


def report(account, seconds):
    for what, count in sorted(account.made.items()):
        print(f"{count:6} {what}", file=sys.stderr)
    for what, count in sorted(account.refused.items()):
        print(f"refused {count} x {what}", file=sys.stderr)
    print(f"{sum(account.made.values())} made, {sum(account.refused.values())} refused, {seconds:.0f} s")


if __name__ == "__main__":
    main()
