//! Which key of a file holds the answer of which operation, as `aws ... describe-*` prints it.

/// How a key of a file answers an operation.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// The key's list is the answer.
    List,
    /// The key's object is the answer.
    Object,
    /// Those of the list that name the parameter's value.
    Of(&'static str),
    /// The list wraps answers with the parameter that they are for, under the answer's own member.
    Wrapped(&'static str),
}

/// A key that holds answers.
#[derive(Debug)]
pub(super) struct Holder {
    /// `ec2:DescribeVpcs`
    pub(super) operation: &'static str,
    /// The member of the answer.
    pub(super) member: &'static str,
    /// The key of files.
    pub(super) key: &'static str,
    pub(super) form: Form,
}

/// What could answer an operation. The first that a file has counts.
pub(super) fn holders(operation: &str) -> impl Iterator<Item = &'static Holder> {
    HOLDERS.iter().filter(move |h| h.operation == operation)
}

/// Whether a key is read at all.
pub(super) fn is_key(key: &str) -> bool {
    HOLDERS.iter().any(|h| h.key == key)
}

/// A list under the answer's own name.
const fn list(operation: &'static str, key: &'static str) -> Holder {
    Holder {
        operation,
        member: key,
        key,
        form: Form::List,
    }
}

/// Answers each with its parameter.
const fn wrapped(
    operation: &'static str,
    member: &'static str,
    key: &'static str,
    parameter: &'static str,
) -> Holder {
    Holder {
        operation,
        member,
        key,
        form: Form::Wrapped(parameter),
    }
}

const HOLDERS: &[Holder] = &[
    list("ec2:DescribeVpcs", "Vpcs"),
    list("ec2:DescribeSubnets", "Subnets"),
    list("ec2:DescribeNetworkInterfaces", "NetworkInterfaces"),
    list("ec2:DescribeInstances", "Reservations"),
    list("ec2:DescribeSecurityGroups", "SecurityGroups"),
    list("ec2:DescribeSecurityGroupRules", "SecurityGroupRules"),
    list("ec2:DescribeNetworkAcls", "NetworkAcls"),
    list("ec2:DescribeRouteTables", "RouteTables"),
    list("ec2:DescribeInternetGateways", "InternetGateways"),
    list(
        "ec2:DescribeEgressOnlyInternetGateways",
        "EgressOnlyInternetGateways",
    ),
    list("ec2:DescribeNatGateways", "NatGateways"),
    list("ec2:DescribeAddresses", "Addresses"),
    list("ec2:DescribeVpcEndpoints", "VpcEndpoints"),
    list("ec2:DescribeVpcPeeringConnections", "VpcPeeringConnections"),
    list("ec2:DescribeVpnConnections", "VpnConnections"),
    list("ec2:DescribeVpnGateways", "VpnGateways"),
    list("ec2:DescribeCustomerGateways", "CustomerGateways"),
    Holder {
        operation: "ec2:DescribeVpcBlockPublicAccessOptions",
        member: "VpcBlockPublicAccessOptions",
        key: "VpcBlockPublicAccessOptions",
        form: Form::Object,
    },
    list(
        "ec2:DescribeVpcBlockPublicAccessExclusions",
        "VpcBlockPublicAccessExclusions",
    ),
    list("ec2:DescribeManagedPrefixLists", "PrefixLists"),
    wrapped(
        "ec2:GetManagedPrefixListEntries",
        "Entries",
        "PrefixListEntries",
        "PrefixListId",
    ),
    list("ec2:DescribeTransitGateways", "TransitGateways"),
    list(
        "ec2:DescribeTransitGatewayAttachments",
        "TransitGatewayAttachments",
    ),
    list(
        "ec2:DescribeTransitGatewayVpcAttachments",
        "TransitGatewayVpcAttachments",
    ),
    list(
        "ec2:DescribeTransitGatewayRouteTables",
        "TransitGatewayRouteTables",
    ),
    wrapped(
        "ec2:SearchTransitGatewayRoutes",
        "Routes",
        "TransitGatewayRoutes",
        "TransitGatewayRouteTableId",
    ),
    list("elb:DescribeLoadBalancers", "LoadBalancerDescriptions"),
    list("elbv2:DescribeLoadBalancers", "LoadBalancers"),
    wrapped(
        "elbv2:DescribeLoadBalancerAttributes",
        "Attributes",
        "LoadBalancerAttributes",
        "LoadBalancerArn",
    ),
    Holder {
        operation: "elbv2:DescribeListeners",
        member: "Listeners",
        key: "Listeners",
        form: Form::Of("LoadBalancerArn"),
    },
    wrapped(
        "elbv2:DescribeListeners",
        "Listeners",
        "LoadBalancerListeners",
        "LoadBalancerArn",
    ),
    list("elbv2:DescribeTargetGroups", "TargetGroups"),
    wrapped(
        "elbv2:DescribeTargetGroupAttributes",
        "Attributes",
        "TargetGroupAttributes",
        "TargetGroupArn",
    ),
    wrapped(
        "elbv2:DescribeTargetHealth",
        "TargetHealthDescriptions",
        "LoadBalancerTargetHealth",
        "TargetGroupArn",
    ),
    list("rds:DescribeDBInstances", "DBInstances"),
    list("rds:DescribeDBClusters", "DBClusters"),
    list("lambda:ListFunctions", "Functions"),
];
