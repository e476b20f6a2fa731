"""Trails, recorders, detectors, alarms, budgets, the organization."""

from estate import allow, policy

# Filter patterns of the alarms that benchmarks ask for.
PATTERNS = {
    "root-use": '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }',
    "unauthorized": '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }',
    "no-mfa": '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }',
    "security-groups": "{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupIngress) }",
    "trail": "{ ($.eventName = CreateTrail) || ($.eventName = StopLogging) || ($.eventName = DeleteTrail) }",
}


def trails(a, n, organization=False):
    bucket = f"{a.prefix}-audit-logs"
    for i in range(n):
        good = a.good("trail", i)
        group = f"{a.name('trail', i)}-log"
        a("logs", "create_log_group", logGroupName=group)
        made = a("cloudtrail", "create_trail", Name=a.name("trail", i), S3BucketName=bucket,
                 IsMultiRegionTrail=good or organization, EnableLogFileValidation=good,
                 IncludeGlobalServiceEvents=True, IsOrganizationTrail=organization,
                 **({"CloudWatchLogsLogGroupArn": a.arn("logs", f"log-group:{group}:*"),
                     "CloudWatchLogsRoleArn": a.arn("iam", f"role/{a.name('role', 7)}", region=False),
                     "KmsKeyId": a.arn("kms", "key/example")} if good else {}))
        if made and (good or i == 0):
            a("cloudtrail", "start_logging", Name=a.name("trail", i))
        if good:
            a("cloudtrail", "put_event_selectors", TrailName=a.name("trail", i), EventSelectors=[
                {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [
                    {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]}])
        _alarms(a, group, i)


def _alarms(a, group, i):
    topic = a.arn("sns", a.name("topic", 0))
    for name, pattern in PATTERNS.items():
        if a.good("alarm", name, i):
            metric = f"{a.prefix}-{name}-{i}"
            a("logs", "put_metric_filter", logGroupName=group, filterName=name, filterPattern=pattern,
              metricTransformations=[{"metricName": metric, "metricNamespace": "Audit", "metricValue": "1"}])
            a("cloudwatch", "put_metric_alarm", AlarmName=metric, MetricName=metric, Namespace="Audit",
              Statistic="Sum", Period=300, EvaluationPeriods=1, Threshold=1.0,
              ComparisonOperator="GreaterThanOrEqualToThreshold", AlarmActions=[topic])


def logs(a, n):
    for i in range(n):
        name = f"/app/{a.name('app', i)}"
        a("logs", "create_log_group", logGroupName=name)
        if a.good("retention", i):
            a("logs", "put_retention_policy", logGroupName=name, retentionInDays=400)


def detectors(a):
    """What watches a region."""
    if a.good("config", a.region):
        role = a.arn("iam", f"role/{a.name('role', 7)}", region=False)
        a("config", "put_configuration_recorder", ConfigurationRecorder={
            "name": "default", "roleARN": role,
            "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True}})
        a("config", "put_delivery_channel", DeliveryChannel={
            "name": "default", "s3BucketName": f"{a.prefix}-audit-logs"})
        a("config", "start_configuration_recorder", ConfigurationRecorderName="default")
        a("config", "put_config_rule", ConfigRule={
            "ConfigRuleName": "encrypted-volumes",
            "Source": {"Owner": "AWS", "SourceIdentifier": "ENCRYPTED_VOLUMES"}})
    if a.good("guardduty", a.region):
        a("guardduty", "create_detector", Enable=True, FindingPublishingFrequency="FIFTEEN_MINUTES",
          Features=[{"Name": "S3_DATA_EVENTS", "Status": "ENABLED" if a.good("guardduty-s3") else "DISABLED"}])
    if a.good("securityhub", a.region):
        a("securityhub", "enable_security_hub", EnableDefaultStandards=True)
    if a.good("macie", a.region):
        a("macie2", "enable_macie", status="ENABLED")
    if a.good("inspector", a.region):
        a("inspector2", "enable", accountIds=[a.id], resourceTypes=["EC2", "ECR", "LAMBDA"])
    for i, (name, pattern) in enumerate({
        "guardduty-findings": '{"source":["aws.guardduty"]}',
        "security-group-changes": '{"source":["aws.ec2"],"detail":{"eventName":["AuthorizeSecurityGroupIngress"]}}',
        "root-sign-in": '{"detail":{"userIdentity":{"type":["Root"]}}}',
    }.items()):
        if a.good("rule", name):
            a("events", "put_rule", Name=name, EventPattern=pattern, State="ENABLED")
            a("events", "put_targets", Rule=name, Targets=[{"Id": "1", "Arn": a.arn("sns", a.name("topic", 0))}])


def money(a):
    if a.good("budget"):
        a("budgets", "create_budget", AccountId=a.id, Budget={
            "BudgetName": "monthly", "BudgetType": "COST", "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": "1000", "Unit": "USD"}},
          NotificationsWithSubscribers=[{
              "Notification": {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0},
              "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "billing@example.com"}]}])


def organization(a, members):
    """Makes the account the management account of an organization. {name: account id}"""
    a("organizations", "create_organization", FeatureSet="ALL")
    root = a("organizations", "list_roots").get("Roots", [{}])[0].get("Id")
    units = {}
    for name in ("Workloads", "Sandbox"):
        reply = a("organizations", "create_organizational_unit", ParentId=root, Name=name)
        units[name] = reply.get("OrganizationalUnit", {}).get("Id")
    ids = {}
    for name, (email, unit) in members.items():
        reply = a("organizations", "create_account", AccountName=name, Email=email)
        if reply:
            ids[name] = reply["CreateAccountStatus"]["AccountId"]
            a("organizations", "move_account", AccountId=ids[name], SourceParentId=root,
              DestinationParentId=units[unit])
    a("organizations", "enable_policy_type", RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    guard = a("organizations", "create_policy", Name="keep-the-trail", Type="SERVICE_CONTROL_POLICY",
              Description="Nobody stops the trail or leaves", Content=policy(
                  {"Effect": "Deny", "Resource": "*", "Action": [
                      "cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "organizations:LeaveOrganization"]}))
    if guard:
        a("organizations", "attach_policy", PolicyId=guard["Policy"]["PolicySummary"]["Id"],
          TargetId=units["Workloads"])
    a("organizations", "enable_aws_service_access", ServicePrincipal="cloudtrail.amazonaws.com")
    return ids


def single_sign_on(a):
    instance = a("sso-admin", "list_instances").get("Instances", [])
    if not instance:
        return
    for name, managed in (("Administrators", "AdministratorAccess"), ("Readers", "ReadOnlyAccess")):
        made = a("sso-admin", "create_permission_set", InstanceArn=instance[0]["InstanceArn"], Name=name,
                 SessionDuration="PT4H")
        if made:
            a("sso-admin", "attach_managed_policy_to_permission_set", InstanceArn=instance[0]["InstanceArn"],
              PermissionSetArn=made["PermissionSet"]["PermissionSetArn"],
              ManagedPolicyArn=f"arn:aws:iam::aws:policy/{managed}")
