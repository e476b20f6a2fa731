"""Buckets, keys, secrets, parameters, registries, file systems."""

import json

from estate import allow, policy, secret


def account_block(a):
    if a.good("s3-account"):
        a("s3control", "put_public_access_block", AccountId=a.id,
          PublicAccessBlockConfiguration=_block(True))


def _block(value):
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    return dict.fromkeys(names, value)


def buckets(a, n):
    names = [log_bucket(a)]
    for i in range(n):
        name = a.name("bucket", i).replace("-bucket", "")
        if name == names[0]:
            continue
        where = {} if a.region == "us-east-1" else {
            "CreateBucketConfiguration": {"LocationConstraint": a.region}
        }
        lock = {"ObjectLockEnabledForBucket": True} if i % 8 == 4 else {}
        if a("s3", "create_bucket", Bucket=name, **where, **lock):
            names.append(name)
            _settings(a, name, i, names[0])
    return names


def log_bucket(a):
    """The bucket that trails and access logs are written to."""
    name = f"{a.prefix}-audit-logs"
    where = {} if a.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": a.region}}
    a("s3", "create_bucket", Bucket=name, ObjectLockEnabledForBucket=a.good("log-lock"), **where)
    writers = ("logging.s3.amazonaws.com", "cloudtrail.amazonaws.com", "config.amazonaws.com")
    objects = f"arn:aws:s3:::{name}/*"
    a("s3", "put_bucket_policy", Bucket=name, Policy=policy(
        *[allow("s3:PutObject", objects, Principal={"Service": service}) for service in writers],
        *([_tls_only(name)] if a.good("log-policy") else [])))
    if a.good("log-block"):
        a("s3", "put_public_access_block", Bucket=name, PublicAccessBlockConfiguration=_block(True))
    if a.good("log-versioning"):
        a("s3", "put_bucket_versioning", Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def _tls_only(name):
    return {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}}}


def _settings(a, name, i, log_bucket):
    def good(what):
        return a.good("bucket", what, i)

    if good("block"):
        a("s3", "put_public_access_block", Bucket=name, PublicAccessBlockConfiguration=_block(True))
    elif i % 4 == 1:
        a("s3", "put_public_access_block", Bucket=name,
          PublicAccessBlockConfiguration=_block(True) | {"BlockPublicPolicy": False})
    if good("encryption"):
        a("s3", "put_bucket_encryption", Bucket=name, ServerSideEncryptionConfiguration={"Rules": [
            {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}]})
    if good("versioning"):
        a("s3", "put_bucket_versioning", Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    if good("logging"):
        a("s3", "put_bucket_logging", Bucket=name, BucketLoggingStatus={
            "LoggingEnabled": {"TargetBucket": log_bucket, "TargetPrefix": f"{name}/"}})
    if good("lifecycle"):
        a("s3", "put_bucket_lifecycle_configuration", Bucket=name, LifecycleConfiguration={"Rules": [
            {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 400}}]})
    if good("owner"):
        a("s3", "put_bucket_ownership_controls", Bucket=name,
          OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})
    elif i % 6 == 2:
        a("s3", "put_bucket_acl", Bucket=name, ACL="public-read")
    if good("policy"):
        a("s3", "put_bucket_policy", Bucket=name, Policy=policy(_tls_only(name)))
    elif i % 3 == 0:
        a("s3", "put_bucket_policy", Bucket=name,
          Policy=policy(allow("s3:GetObject", f"arn:aws:s3:::{name}/*", Principal="*")))
    if i % 9 == 5:
        a("s3", "put_bucket_website", Bucket=name,
          WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    if a.tags(i):
        a("s3", "put_bucket_tagging", Bucket=name, Tagging={"TagSet": a.tags(i)})


def keys(a, n):
    arns = []
    for i in range(n):
        made = a("kms", "create_key", Description=a.name("key", i), **(
            {} if a.good("key-policy", i) else {"Policy": policy(allow("kms:*", Principal={"AWS": "*"}))}))
        if not made:
            continue
        key = made["KeyMetadata"]
        arns.append(key["Arn"])
        a("kms", "create_alias", AliasName=f"alias/{a.name('key', i)}", TargetKeyId=key["KeyId"])
        if a.good("key-rotation", i):
            a("kms", "enable_key_rotation", KeyId=key["KeyId"])
        if i % 6 == 5:
            a("kms", "schedule_key_deletion", KeyId=key["KeyId"], PendingWindowInDays=7)
    return arns


def secrets(a, n):
    for i in range(n):
        name = a.name("secret", i)
        a("secretsmanager", "create_secret", Name=name, Tags=a.tags(i),
          SecretString=json.dumps({"user": "shop", "password": secret(f"{name}-secret")}))
        if a.good("secret-rotation", i):
            a("secretsmanager", "rotate_secret", SecretId=name, RotationRules={"AutomaticallyAfterDays": 30},
              RotationLambdaARN=a.arn("lambda", f"function:{a.name('function', 0)}"))
        elif i % 4 == 2:
            a("secretsmanager", "put_resource_policy", SecretId=name, ResourcePolicy=policy(
                allow("secretsmanager:GetSecretValue", Principal="*")))


def parameters(a, n):
    for i in range(n):
        name = f"/{a.prefix}/{a.name('parameter', i)}"
        kind = "SecureString" if a.good("parameter", i) else "String"
        a("ssm", "put_parameter", Name=name, Value=secret(name), Type=kind)


def registries(a, n):
    for i in range(n):
        a("ecr", "create_repository", repositoryName=a.name("image", i),
          imageScanningConfiguration={"scanOnPush": a.good("ecr-scan", i)},
          imageTagMutability="IMMUTABLE" if a.good("ecr-tags", i) else "MUTABLE",
          encryptionConfiguration={"encryptionType": "KMS" if a.good("ecr-kms", i) else "AES256"})


def file_systems(a, n):
    for i in range(n):
        a("efs", "create_file_system", CreationToken=a.name("files", i),
                 Encrypted=a.good("efs", i), Backup=a.good("efs-backup", i), Tags=a.tags(i))


def backups(a, n):
    for i in range(n):
        vault = a.name("vault", i)
        a("backup", "create_backup_vault", BackupVaultName=vault)
        if a.good("backup-plan", i):
            a("backup", "create_backup_plan", BackupPlan={"BackupPlanName": a.name("plan", i), "Rules": [
                {"RuleName": "daily", "TargetBackupVaultName": vault, "ScheduleExpression": "cron(0 5 * * ? *)"}]})
        if a.good("vault-lock", i):
            a("backup", "put_backup_vault_lock_configuration", BackupVaultName=vault,
              MinRetentionDays=7, MaxRetentionDays=365)


def vaults(a, n):
    """The emulator keeps no policies of vaults."""
    for i in range(n):
        a("glacier", "create_vault", vaultName=a.name("cold", i))


def table_buckets(a, n):
    """The emulator keeps no policies of these either."""
    for i in range(n):
        made = a("s3tables", "create_table_bucket", name=a.name("lake", i))
        if made:
            a("s3tables", "create_namespace", tableBucketARN=made["arn"], namespace=["sales"])
            a("s3tables", "create_table", tableBucketARN=made["arn"], namespace="sales", name="orders", format="ICEBERG")
