"""A small fictitious organization of three accounts, kept unevenly: what `palisade assess --demo` shows.

    python demo.py --url http://127.0.0.1:PORT        prints {"url": ..., "regions": [...], "role": ...} on one line

The server's clock must stand still (PALISADE_CLOCK): old keys are made on an old day.
"""

import argparse
import json
import sys
import urllib.request
from pathlib import Path

import compute
import data
import guard
import identity
import network
import storage
from estate import Account, trust, without_chance

REGIONS = ("eu-west-1", "us-east-1")
COMPANY = "harbourline"
# Who collects assumes it in each account.
AUDIT = "palisade-audit"


def control(url, method, path, document=None):
    body = None if document is None else json.dumps(document).encode()
    with urllib.request.urlopen(urllib.request.Request(url + path, body, method=method)) as reply:
        return json.loads(reply.read() or b"{}")


def day(url, date):
    control(url, "PUT", "/_lane/clock", {"now": f"{date}T09:00:00Z"})


def member(management, name, account_id, share):
    """An account of the organization, entered through a role as people do."""
    credentials = management.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{account_id}:role/OrganizationAccountAccessRole", RoleSessionName="demo"
    )["Credentials"]
    return Account(management.url, account_id, REGIONS[0], f"{COMPANY}-{name}", share, {
        "aws_access_key_id": credentials["AccessKeyId"],
        "aws_secret_access_key": credentials["SecretAccessKey"],
        "aws_session_token": credentials["SessionToken"],
    })


def management_account(a):
    """Few people, trails and the organization; kept well."""
    base(a)
    storage.buckets(a, 3)
    guard.trails(a, 1, organization=True)
    guard.single_sign_on(a)
    identity.users(a, 2, 2)
    identity.roles(a, 8, [])
    storage.keys(a, 2)
    compute.messages(a, 0, 1)
    storage.backups(a, 1)


def production(a):
    """The shop: most things are in order, and the rest matters."""
    base(a)
    storage.buckets(a, 9)
    arns = identity.policies(a, 8)
    identity.users(a, 6, 3)
    identity.roles(a, 12, arns)
    storage.keys(a, 4)
    networks = network.vpcs(a, 2, 8)
    groups = network.security_groups(a, 12, networks)
    network.load_balancers(a, 2, 1, networks, groups)
    network.web(a, 1)
    compute.instances(a, 6, networks, groups)
    compute.facing(a, "shop", 443, networks)
    compute.functions(a, 6)
    compute.containers(a, 1, networks)
    compute.messages(a, 4, 3)
    storage.secrets(a, 4)
    storage.parameters(a, 3)
    storage.registries(a, 3)
    storage.file_systems(a, 1)
    storage.backups(a, 1)
    data.databases(a, 4, 1, networks)
    data.tables(a, 4)
    data.warehouses(a, 1)
    guard.trails(a, 1)
    guard.logs(a, 4)


def sandbox(a):
    """Where people try things, and forget them."""
    base(a)
    storage.buckets(a, 4)
    arns = identity.policies(a, 4)
    identity.users(a, 4, 2)
    identity.roles(a, 8, arns)
    storage.keys(a, 1)
    networks = network.vpcs(a, 1, 3)
    groups = network.security_groups(a, 6, networks)
    compute.instances(a, 3, networks, groups)
    compute.facing(a, "bastion", 22, networks)
    compute.functions(a, 3)
    compute.messages(a, 2, 1)
    data.databases(a, 1, 0, networks)
    data.tables(a, 1)
    guard.logs(a, 2)


def base(a):
    identity.alias(a)
    identity.contacts(a)
    identity.password_policy(a)
    identity.providers(a)
    identity.groups(a, 3)
    storage.account_block(a)
    guard.money(a)
    for region in REGIONS:
        here = a.beside(region)
        guard.detectors(here)
        compute.region_settings(here)


def settle(a):
    """What the emulator makes when it is first asked is made now, in one order."""
    a("iam", "create_role", RoleName=AUDIT, AssumeRolePolicyDocument=trust(
        {"AWS": f"arn:aws:iam::210000000017:role/{AUDIT}"}))
    for region in REGIONS:
        here = a.beside(region)
        here("ec2", "describe_vpcs")
        here("ec2", "describe_managed_prefix_lists")
        here("sso-admin", "list_instances")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--url", required=True)
    chosen = arguments.parse_args()
    without_chance()
    # The emulator draws its ids from here.
    control(chosen.url, "POST", "/moto-api/seed?a=20261116")
    day(chosen.url, "2026-02-02")
    management = Account(chosen.url, "210000000017", REGIONS[0], f"{COMPANY}-management", 0.85)
    lane = control(chosen.url, "POST", "/_lane", {"account": management.id})["url"]
    management.url = lane
    members = {
        "production": ("aws-production@example.com", "Workloads"),
        "sandbox": ("aws-sandbox@example.com", "Sandbox"),
    }
    ids = guard.organization(management, members)
    accounts = {"management": management}
    for name, share in (("production", 0.7), ("sandbox", 0.35)):
        accounts[name] = member(management, name, ids[name], share)
    for date, name, fill in (
        ("2026-03-02", "management", management_account),
        ("2026-05-11", "sandbox", sandbox),
        ("2026-09-14", "production", production),
    ):
        day(chosen.url, date)
        fill(accounts[name])
    day(chosen.url, "2026-11-16")
    for account in accounts.values():
        settle(account)
    for name, account in accounts.items():
        for what, count in sorted(account.refused.items()):
            print(f"{name}: refused {count} x {what}", file=sys.stderr)
        print(f"{name}: {sum(account.made.values())} made", file=sys.stderr)
    # Who collects sees what moto lacks as each account would answer it.
    own = Path(__file__).parent / "answers"
    answers = {account.id: str(own / name) for name, account in accounts.items()}
    lane = control(chosen.url, "POST", "/_lane", {"account": management.id, "answers": answers})["url"]
    role = f"arn:aws:iam::{management.id}:role/{AUDIT}"
    print(json.dumps({"url": lane, "regions": REGIONS, "role": role}))


if __name__ == "__main__":
    main()
