"""Where moto answers otherwise than AWS does: its answers put right, each with its reason."""

from moto.iam.models import IAMBackend
from moto.inspector2.models import Inspector2Backend
from moto.organizations.models import OrganizationsBackend

_details = IAMBackend.get_account_authorization_details
_status = Inspector2Backend.batch_get_account_status
_accounts = OrganizationsBackend.list_accounts


def _attached_only(self, policy_filter):
    """AWS tells of its own policies only where they are attached; moto of all 1,500. In one order, too."""
    answer = _details(self, policy_filter)
    own = f"arn:{self.partition}:iam::aws:policy/"
    answer["managed_policies"] = sorted(
        (p for p in answer["managed_policies"] if p.attachment_count or not p.arn.startswith(own)),
        key=lambda policy: policy.arn,
    )
    return answer


def _own_status(self, account_ids):
    """Asked of nobody, AWS tells of the caller."""
    return _status(self, account_ids or [self.account_id])


def _with_paths(self, **page):
    """AWS tells where in the organization an account sits; moto has it under another call alone."""
    accounts, token = _accounts(self, **page)
    parents = {unit.id: getattr(unit, "parent_id", None) for unit in self.ou}
    places = {account.id: account.parent_id for account in self.accounts}
    for account in accounts:
        path, at = [], places.get(account["Id"])
        while at:
            path.append(at)
            at = parents.get(at)
        account["Paths"] = ["/".join([self.org.id, *reversed(path), ""])]
    return accounts, token


def apply():
    OrganizationsBackend.list_accounts = _with_paths
    IAMBackend.get_account_authorization_details = _attached_only
    Inspector2Backend.batch_get_account_status = _own_status
