"""Networks, their rules and what stands at their edge."""


def vpcs(a, n, subnets):
    """[(vpc, [subnets])]; the first network is the one that things are put into."""
    made = []
    for i in range(n):
        reply = a("ec2", "create_vpc", CidrBlock=f"10.{i % 250}.0.0/16", TagSpecifications=_tagged(a, "vpc", i))
        if not reply:
            continue
        vpc = reply["Vpc"]["VpcId"]
        own = []
        for k in range(subnets // n + (1 if i < subnets % n else 0)):
            reply = a("ec2", "create_subnet", VpcId=vpc, CidrBlock=f"10.{i % 250}.{k}.0/24",
                      AvailabilityZone=f"{a.region}{'abc'[k % 3]}")
            if reply:
                own.append(reply["Subnet"]["SubnetId"])
                if not a.good("subnet-public-ip", i, k):
                    a("ec2", "modify_subnet_attribute", SubnetId=own[-1], MapPublicIpOnLaunch={"Value": True})
        _edges(a, i, vpc, own)
        made.append((vpc, own))
    if len(made) > 1:
        a("ec2", "create_vpc_peering_connection", VpcId=made[0][0], PeerVpcId=made[1][0])
    return made


def _tagged(a, kind, i):
    tags = [{"Key": "Name", "Value": a.name(kind, i)}, *a.tags(i)]
    return [{"ResourceType": kind, "Tags": tags}]


def _edges(a, i, vpc, subnets):
    gateway = a("ec2", "create_internet_gateway")
    table = a("ec2", "create_route_table", VpcId=vpc)
    if gateway and table:
        gateway_id = gateway["InternetGateway"]["InternetGatewayId"]
        table_id = table["RouteTable"]["RouteTableId"]
        a("ec2", "attach_internet_gateway", InternetGatewayId=gateway_id, VpcId=vpc)
        a("ec2", "create_route", RouteTableId=table_id, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway_id)
        for subnet in subnets[: max(1, len(subnets) // 2)]:
            a("ec2", "associate_route_table", RouteTableId=table_id, SubnetId=subnet)
    if a.good("flow-log", i):
        a("logs", "create_log_group", logGroupName=f"/vpc/{a.name('vpc', i)}")
        a("ec2", "create_flow_logs", ResourceIds=[vpc], ResourceType="VPC", TrafficType="ALL",
          LogGroupName=f"/vpc/{a.name('vpc', i)}",
          DeliverLogsPermissionArn=a.arn("iam", f"role/{a.name('role', 0)}", region=False))
    if a.good("endpoint", i):
        a("ec2", "create_vpc_endpoint", VpcId=vpc, ServiceName=f"com.amazonaws.{a.region}.s3",
          VpcEndpointType="Gateway")
    reply = a("ec2", "create_network_acl", VpcId=vpc)
    if reply:
        open_port = {} if a.good("nacl", i) else {"PortRange": {"From": 22, "To": 22}}
        a("ec2", "create_network_acl_entry", NetworkAclId=reply["NetworkAcl"]["NetworkAclId"],
          RuleNumber=100, Protocol="6", RuleAction="allow", Egress=False,
          CidrBlock="0.0.0.0/0" if open_port else "10.0.0.0/8", PortRange={"From": 22, "To": 22})


def security_groups(a, n, networks):
    ids = []
    ports = (22, 3389, 5432, 3306, 443, 80, 6379, 9200)
    for i in range(n):
        vpc = networks[i % len(networks)][0]
        reply = a("ec2", "create_security_group", GroupName=a.name("sg", i), VpcId=vpc,
                  Description=a.name("sg", i), TagSpecifications=_tagged(a, "security-group", i))
        if not reply:
            continue
        ids.append(reply["GroupId"])
        port = ports[i % len(ports)]
        world = not a.good("sg", i) or port in (443,)
        ranges = {"IpRanges": [{"CidrIp": "0.0.0.0/0" if world else "10.0.0.0/8"}]}
        if world and i % 10 == 3:
            ranges = {"Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
        everything = world and i % 15 == 7
        rule = {"IpProtocol": "-1"} if everything else {"IpProtocol": "tcp", "FromPort": port, "ToPort": port}
        a("ec2", "authorize_security_group_ingress", GroupId=ids[-1], IpPermissions=[rule | ranges])
    return ids


def load_balancers(a, n, classic, networks, groups):
    subnets = networks[0][1][:2]
    certificate = a("acm", "request_certificate", DomainName=f"{a.prefix}.example.com").get("CertificateArn", "")
    for i in range(n):
        scheme = "internet-facing" if i % 2 == 0 else "internal"
        reply = a("elbv2", "create_load_balancer", Name=a.name("alb", i)[:32].strip("-"), Subnets=subnets,
                  SecurityGroups=groups[:1], Scheme=scheme, Type="application", Tags=a.tags(i) or [
                      {"Key": "made", "Value": "script"}])
        if not reply:
            continue
        arn = reply["LoadBalancers"][0]["LoadBalancerArn"]
        target = a("elbv2", "create_target_group", Name=a.name("tg", i)[:32].strip("-"), Protocol="HTTP", Port=80,
                   VpcId=networks[0][0])
        if not target:
            continue
        forward = [{"Type": "forward", "TargetGroupArn": target["TargetGroups"][0]["TargetGroupArn"]}]
        redirect = [{"Type": "redirect", "RedirectConfig": {
            "Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}]
        a("elbv2", "create_listener", LoadBalancerArn=arn, Protocol="HTTP", Port=80,
          DefaultActions=redirect if a.good("alb-redirect", i) else forward)
        if a.good("alb-https", i):
            a("elbv2", "create_listener", LoadBalancerArn=arn, Protocol="HTTPS", Port=443, DefaultActions=forward,
              Certificates=[{"CertificateArn": certificate}],
              SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06" if a.good("alb-tls", i) else "ELBSecurityPolicy-2016-08")
        a("elbv2", "modify_load_balancer_attributes", LoadBalancerArn=arn, Attributes=[
            {"Key": "access_logs.s3.enabled", "Value": "true" if a.good("alb-logs", i) else "false"},
            {"Key": "deletion_protection.enabled", "Value": "true" if a.good("alb-keep", i) else "false"},
            {"Key": "routing.http.drop_invalid_header_fields.enabled",
             "Value": "true" if a.good("alb-headers", i) else "false"}])
    for i in range(classic):
        secure = a.good("elb", i)
        a("elb", "create_load_balancer", LoadBalancerName=a.name("elb", i)[:32].strip("-"), Subnets=subnets[:1],
          SecurityGroups=groups[:1], Listeners=[
              {"Protocol": "HTTPS", "LoadBalancerPort": 443, "InstanceProtocol": "HTTP", "InstancePort": 80,
               "SSLCertificateId": certificate} if secure else
              {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstanceProtocol": "HTTP", "InstancePort": 80}])


def web(a, n):
    """Distributions, zones, firewalls and interfaces that face the internet."""
    for i in range(n):
        origin = {"Id": "o", "DomainName": f"{a.prefix}-web-assets.s3.amazonaws.com",
                  "S3OriginConfig": {"OriginAccessIdentity": ""}}
        good = a.good("cdn", i)
        global_ = a.beside("us-east-1")
        global_("cloudfront", "create_distribution", DistributionConfig={
            "CallerReference": a.name("cdn", i), "Comment": a.name("cdn", i), "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": {
                "TargetOriginId": "o", "ViewerProtocolPolicy": "redirect-to-https" if good else "allow-all",
                "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}}, "MinTTL": 0},
            "Logging": {"Enabled": good, "IncludeCookies": False, "Bucket": f"{a.prefix}-audit-logs.s3.amazonaws.com",
                        "Prefix": "cdn/"},
            "ViewerCertificate": {"CloudFrontDefaultCertificate": True}})
        rest = a("apigateway", "create_rest_api", name=a.name("api", i))
        if rest:
            root = a("apigateway", "get_resources", restApiId=rest["id"])["items"][0]["id"]
            a("apigateway", "put_method", restApiId=rest["id"], resourceId=root, httpMethod="GET",
              authorizationType="AWS_IAM" if good else "NONE")
            a("apigateway", "put_integration", restApiId=rest["id"], resourceId=root, httpMethod="GET", type="MOCK")
            a("apigateway", "create_deployment", restApiId=rest["id"], stageName="live")
        a("apigatewayv2", "create_api", Name=a.name("http-api", i), ProtocolType="HTTP")
        a("wafv2", "create_web_acl", Name=a.name("waf", i), Scope="REGIONAL", DefaultAction={"Allow": {}},
          Rules=[] if not good else [{
              "Name": "common", "Priority": 0, "OverrideAction": {"None": {}},
              "Statement": {"ManagedRuleGroupStatement": {
                  "VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}},
              "VisibilityConfig": _metrics("common")}],
          VisibilityConfig=_metrics("all"))
        global_("route53", "create_hosted_zone", Name=f"{a.name('zone', i)}.example.com", CallerReference=str(i))
        a("acm", "request_certificate", DomainName=f"{a.name('zone', i)}.example.com", ValidationMethod="DNS")


def _metrics(name):
    return {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name}
