"""Databases, caches, streams, search."""

from estate import allow, policy, secret


def databases(a, n, clusters, networks):
    a("rds", "create_db_subnet_group", DBSubnetGroupName=f"{a.prefix}-db", DBSubnetGroupDescription="databases",
      SubnetIds=networks[0][1][:2])
    for i in range(n):
        name = a.name("db", i)
        a("rds", "create_db_instance", DBInstanceIdentifier=name, DBInstanceClass="db.t3.micro",
          Engine="postgres" if i % 2 else "mysql", AllocatedStorage=20, MasterUsername="shop",
          MasterUserPassword=secret(name), PubliclyAccessible=not a.good("db-private", i),
          StorageEncrypted=a.good("db-encrypted", i), MultiAZ=a.good("db-multi-az", i),
          BackupRetentionPeriod=14 if a.good("db-backup", i) else 0, DeletionProtection=a.good("db-keep", i),
          AutoMinorVersionUpgrade=a.good("db-minor", i), EnableIAMDatabaseAuthentication=a.good("db-iam", i),
          CopyTagsToSnapshot=a.good("db-tags", i), DBSubnetGroupName=f"{a.prefix}-db", Tags=a.tags(i))
        if i % 4 == 1:
            shot = f"{name}-before-move"
            a("rds", "create_db_snapshot", DBInstanceIdentifier=name, DBSnapshotIdentifier=shot)
            if not a.good("db-snapshot", i):
                a("rds", "modify_db_snapshot_attribute", DBSnapshotIdentifier=shot, AttributeName="restore",
                  ValuesToAdd=["all"])
    for i in range(clusters):
        a("rds", "create_db_cluster", DBClusterIdentifier=a.name("aurora", i), Engine="aurora-postgresql",
          MasterUsername="shop", MasterUserPassword=secret(f"aurora-{i}"),
          StorageEncrypted=a.good("cluster-encrypted", i), DeletionProtection=a.good("cluster-keep", i),
          BackupRetentionPeriod=7)


def tables(a, n):
    for i in range(n):
        name = a.name("table", i)
        encrypted = {"SSESpecification": {"Enabled": True, "SSEType": "KMS"}} if a.good("table-kms", i) else {}
        a("dynamodb", "create_table", TableName=name, BillingMode="PAY_PER_REQUEST",
          KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
          AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
          DeletionProtectionEnabled=a.good("table-keep", i), **encrypted)
        if a.good("table-pitr", i):
            a("dynamodb", "update_continuous_backups", TableName=name,
              PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})


def warehouses(a, n):
    for i in range(n):
        good = a.good("warehouse", i)
        a("redshift", "create_cluster", ClusterIdentifier=a.name("warehouse", i), NodeType="ra3.xlplus",
          MasterUsername="shop", MasterUserPassword="Passw0rd" + secret(i)[-8:], Encrypted=good,
          PubliclyAccessible=not good)
        a("opensearch", "create_domain", DomainName=f"{a.prefix}-search{i}"[:28],
          EncryptionAtRestOptions={"Enabled": good}, NodeToNodeEncryptionOptions={"Enabled": good},
          DomainEndpointOptions={"EnforceHTTPS": good},
          AccessPolicies=policy(allow("es:*", Principal={"AWS": "*" if not good else f"arn:aws:iam::{a.id}:root"})))
        a("elasticache", "create_replication_group", ReplicationGroupId=f"{a.prefix}-cache{i}"[:40],
          ReplicationGroupDescription="cache", AtRestEncryptionEnabled=good, TransitEncryptionEnabled=good,
          AutomaticFailoverEnabled=good, Engine="redis", CacheNodeType="cache.t3.micro")
        a("elasticache", "create_cache_cluster", CacheClusterId=f"{a.prefix}-plain{i}"[:40], Engine="redis",
          CacheNodeType="cache.t3.micro", NumCacheNodes=1)
        a("kinesis", "create_stream", StreamName=a.name("stream", i), ShardCount=1)
        if good:
            a("kinesis", "start_stream_encryption", StreamName=a.name("stream", i), EncryptionType="KMS",
              KeyId="alias/aws/kinesis")
        a("stepfunctions", "create_state_machine", name=a.name("flow", i),
          definition='{"StartAt":"a","States":{"a":{"Type":"Succeed"}}}',
          roleArn=a.arn("iam", f"role/{a.name('role', 1)}", region=False))
        a("athena", "create_work_group", Name=a.name("queries", i), Configuration={
            "EnforceWorkGroupConfiguration": good})
        a("glue", "create_job", Name=a.name("etl", i), Command={"Name": "glueetl"},
          Role=a.arn("iam", f"role/{a.name('role', 1)}", region=False))
        a("cloudformation", "create_stack", StackName=a.name("stack", i), TemplateBody=(
            '{"Resources":{"T":{"Type":"AWS::SNS::Topic"}},"Outputs":{"Password":{"Value":"%s"}}}' % secret("stack")))


def streams(a, n):
    """Data streams with a policy and a consumer, and streams of tables. The emulator takes policies of data streams alone."""
    for i in range(n):
        name = a.name("events", i)
        arn = a.arn("kinesis", f"stream/{name}")
        a("kinesis", "create_stream", StreamName=name, ShardCount=1)
        who = f"arn:aws:iam::{a.id}:root" if a.good("stream-private", i) else "*"
        a("kinesis", "put_resource_policy", ResourceARN=arn, Policy=policy(
            allow("kinesis:GetRecords", arn, Principal={"AWS": who})))
        a("kinesis", "register_stream_consumer", StreamARN=arn, ConsumerName="reader")
        a("dynamodb", "create_table", TableName=a.name("changes", i), BillingMode="PAY_PER_REQUEST",
          KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
          AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
          StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
