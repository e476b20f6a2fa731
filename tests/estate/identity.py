"""Users, roles, groups and policies."""

from estate import allow, policy, trust

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


def password_policy(a):
    if a.good("password-policy"):
        a("iam", "update_account_password_policy", MinimumPasswordLength=14, RequireSymbols=True,
          RequireNumbers=True, RequireUppercaseCharacters=True, RequireLowercaseCharacters=True,
          PasswordReusePrevention=24, AllowUsersToChangePassword=True)
    elif a.good("password-policy", "some"):
        a("iam", "update_account_password_policy", MinimumPasswordLength=8)


def alias(a):
    a("iam", "create_account_alias", AccountAlias=a.prefix)


def groups(a, n):
    for i in range(n):
        name = a.name("group", i)
        a("iam", "create_group", GroupName=name)
        # One group of administrators; the others read.
        a("iam", "attach_group_policy", GroupName=name,
          PolicyArn=ADMIN if i == 0 else "arn:aws:iam::aws:policy/ReadOnlyAccess")


def users(a, n, groups_made):
    for i in range(n):
        name = a.name("user", i)
        a("iam", "create_user", UserName=name, Tags=a.tags(i))
        if groups_made and a.good("user-group", i):
            a("iam", "add_user_to_group", GroupName=a.name("group", i % groups_made), UserName=name)
        elif i % 3 == 0:
            a("iam", "attach_user_policy", UserName=name, PolicyArn=ADMIN)
        else:
            a("iam", "put_user_policy", UserName=name, PolicyName="inline",
              PolicyDocument=policy(allow(["s3:Get*", "s3:List*"])))
        if i % 2 == 0:
            a("iam", "create_login_profile", UserName=name, Password=f"Str0ng!pass-{i}")
            if a.good("user-mfa", i):
                device = a("iam", "create_virtual_mfa_device", VirtualMFADeviceName=name)
                if device:
                    a("iam", "enable_mfa_device", UserName=name,
                      SerialNumber=device["VirtualMFADevice"]["SerialNumber"],
                      AuthenticationCode1="123456", AuthenticationCode2="654321")
        if not a.good("user-no-key", i):
            a("iam", "create_access_key", UserName=name)
            if i % 5 == 0:
                a("iam", "create_access_key", UserName=name)


def policies(a, n):
    """Customer-managed policies: narrow, administrator, and the ways to become one."""
    kinds = (
        policy(allow(["s3:GetObject"], f"arn:aws:s3:::{a.prefix}-orders/*")),
        policy(allow("*")),
        policy(allow(["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"])),
        policy(allow(["iam:PassRole", "ec2:RunInstances"])),
        policy(allow(["sqs:SendMessage"], a.arn("sqs", f"{a.prefix}-*"))),
        policy(allow(["kms:Decrypt", "kms:Encrypt"])),
        policy(allow("s3:*")),
        policy(allow(["logs:CreateLogStream", "logs:PutLogEvents"])),
    )
    arns = []
    for i in range(n):
        kind = kinds[i % len(kinds)] if not a.good("policy", i) else kinds[(i % 2) * 4]
        made = a("iam", "create_policy", PolicyName=a.name("policy", i), PolicyDocument=kind)
        if made:
            arns.append(made["Policy"]["Arn"])
    return arns


def roles(a, n, policy_arns, organization="o-example0001"):
    """Roles with eight kinds of trust."""
    provider = a.arn("iam", "oidc-provider/token.actions.githubusercontent.com", region=False)
    outside = "arn:aws:iam::999988887777:root"
    kinds = (
        trust({"Service": "ec2.amazonaws.com"}),
        trust({"Service": "lambda.amazonaws.com"}),
        trust({"AWS": f"arn:aws:iam::{a.id}:root"}),
        trust({"AWS": "*"}, {"StringEquals": {"aws:PrincipalOrgID": organization}}),
        trust({"AWS": outside}, {"StringEquals": {"sts:ExternalId": "palisade-example"}}),
        trust({"Federated": provider},
              {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
               "StringLike": {"token.actions.githubusercontent.com:sub": "repo:harbourline/shop:ref:refs/heads/main"}},
              "sts:AssumeRoleWithWebIdentity"),
        trust({"Service": "ecs-tasks.amazonaws.com"}),
        trust({"Service": "config.amazonaws.com"}),
    )
    bad = {
        3: trust({"AWS": "*"}),
        4: trust({"AWS": outside}),
        5: trust({"Federated": provider},
                 {"StringLike": {"token.actions.githubusercontent.com:sub": "*"}},
                 "sts:AssumeRoleWithWebIdentity"),
    }
    for i in range(n):
        kind = i % len(kinds)
        document = kinds[kind] if a.good("role", i) else bad.get(kind, kinds[kind])
        name = a.name("role", i)
        a("iam", "create_role", RoleName=name, AssumeRolePolicyDocument=document, Tags=a.tags(i))
        if policy_arns:
            a("iam", "attach_role_policy", RoleName=name, PolicyArn=policy_arns[i % len(policy_arns)])
        if i % 4 == 0:
            a("iam", "put_role_policy", RoleName=name, PolicyName="inline",
              PolicyDocument=policy(allow(["dynamodb:GetItem"])))
        if kind == 0:
            a("iam", "create_instance_profile", InstanceProfileName=name)
            a("iam", "add_role_to_instance_profile", InstanceProfileName=name, RoleName=name)


def providers(a):
    a("iam", "create_open_id_connect_provider", Url="https://token.actions.githubusercontent.com",
      ClientIDList=["sts.amazonaws.com"], ThumbprintList=["6938fd4d98bab03faadb97b34396831e3780aea1"])
    if a.good("saml"):
        a("iam", "create_saml_provider", Name="workforce",
          SAMLMetadataDocument="<EntityDescriptor>" + "x" * 1100 + "</EntityDescriptor>")
    if not a.good("server-certificate"):
        body = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
        a("iam", "upload_server_certificate", ServerCertificateName=f"{a.prefix}-old",
          CertificateBody=body, PrivateKey=body.replace("CERTIFICATE", "PRIVATE KEY"))


def contacts(a):
    for kind in ("SECURITY", "BILLING", "OPERATIONS"):
        if a.good("contact", kind):
            a("account", "put_alternate_contact", AlternateContactType=kind, Name="Duty desk",
              Title="Team", EmailAddress=f"{kind.lower()}@example.com", PhoneNumber="+1 555 0100")
