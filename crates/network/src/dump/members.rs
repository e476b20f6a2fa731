//! Which members of an item are read: a description can leave out the rest.

/// The members that are read of the items under a key, for kinds that an estate has many of and that AWS tells much more of; of other
/// kinds any may be read. `Entries` are those of a prefix list.
#[must_use]
pub fn members(key: &str) -> Option<&'static [&'static str]> {
    Some(match key {
        "Vpcs" => &[
            "VpcId",
            "OwnerId",
            "CidrBlock",
            "CidrBlockAssociationSet",
            "Ipv6CidrBlockAssociationSet",
            "Tags",
            "TagSet",
        ],
        "Subnets" => &[
            "SubnetId",
            "OwnerId",
            "VpcId",
            "AvailabilityZone",
            "CidrBlock",
            "Ipv6CidrBlockAssociationSet",
            "Tags",
            "TagSet",
        ],
        "NetworkInterfaces" => &[
            "NetworkInterfaceId",
            "OwnerId",
            "VpcId",
            "SubnetId",
            "Description",
            "InterfaceType",
            "PrivateIpAddress",
            "PrivateIpAddresses",
            "Ipv6Addresses",
            "Association",
            "Groups",
            "SourceDestCheck",
            "Attachment",
            "Tags",
            "TagSet",
        ],
        "Instances" => &["InstanceId", "State", "NetworkInterfaces", "Tags", "TagSet"],
        "SecurityGroups" => &[
            "GroupId",
            "OwnerId",
            "GroupName",
            "VpcId",
            "IpPermissions",
            "IpPermissionsEgress",
            "Tags",
            "TagSet",
        ],
        "NetworkAcls" => &[
            "NetworkAclId",
            "VpcId",
            "IsDefault",
            "Associations",
            "Entries",
        ],
        "RouteTables" => &["RouteTableId", "VpcId", "Associations", "Routes"],
        "Entries" => &["Cidr"],
        "VpcEndpoints" => &[
            "VpcEndpointId",
            "VpcEndpointType",
            "VpcId",
            "ServiceName",
            "NetworkInterfaceIds",
            "SubnetIds",
            "State",
            "Tags",
            "TagSet",
        ],
        "LoadBalancers" => &[
            "LoadBalancerArn",
            "LoadBalancerName",
            "Type",
            "Scheme",
            "VpcId",
            "AvailabilityZones",
            "SecurityGroups",
        ],
        "Listeners" => &[
            "ListenerArn",
            "LoadBalancerArn",
            "Protocol",
            "Port",
            "DefaultActions",
        ],
        "Rules" => &["RuleArn", "Actions"],
        "TargetGroups" => &["TargetGroupArn", "Port", "VpcId", "Protocol", "TargetType"],
        "DBInstances" => &[
            "DBInstanceIdentifier",
            "DbInstanceIdentifier",
            "DBSubnetGroup",
            "DbSubnetGroup",
            "VpcSecurityGroups",
            "AvailabilityZone",
            "SecondaryAvailabilityZone",
            "PubliclyAccessible",
        ],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every member's name that the readers of these kinds ask for stands in a list: the source is read, so that a new one can't be
    /// forgotten.
    #[test]
    fn what_is_read_is_listed() {
        let readers = [
            ("parts.rs", include_str!("parts.rs"), "fn vpc(", "Vpcs"),
            (
                "parts.rs",
                include_str!("parts.rs"),
                "fn subnet(",
                "Subnets",
            ),
            (
                "parts.rs",
                include_str!("parts.rs"),
                "fn interface(",
                "NetworkInterfaces",
            ),
            (
                "parts.rs",
                include_str!("parts.rs"),
                "fn instance(",
                "Instances",
            ),
            (
                "parts.rs",
                include_str!("parts.rs"),
                "fn database(",
                "DBInstances",
            ),
            (
                "parts.rs",
                include_str!("parts.rs"),
                "fn route_table(",
                "RouteTables",
            ),
            (
                "rules.rs",
                include_str!("rules.rs"),
                "fn security_group(",
                "SecurityGroups",
            ),
            (
                "rules.rs",
                include_str!("rules.rs"),
                "fn network_acl(",
                "NetworkAcls",
            ),
            (
                "gateways.rs",
                include_str!("gateways.rs"),
                "fn endpoint(",
                "VpcEndpoints",
            ),
            (
                "balancers.rs",
                include_str!("balancers.rs"),
                "fn balancer(",
                "LoadBalancers",
            ),
            (
                "balancers.rs",
                include_str!("balancers.rs"),
                "fn listener(",
                "Listeners",
            ),
            (
                "balancers.rs",
                include_str!("balancers.rs"),
                "fn listener_rule(",
                "Rules",
            ),
            (
                "balancers.rs",
                include_str!("balancers.rs"),
                "fn target_group(",
                "TargetGroups",
            ),
        ];
        for (file, source, function, key) in readers {
            let body = source.split_once(function).unwrap().1;
            let body = body.split_once("\n    }\n").unwrap().0;
            let asked = body.split("item").skip(1).filter_map(|rest| {
                let call = rest.trim_start().strip_prefix('.')?;
                let (method, rest) = call.split_once('(')?;
                let plain = method.bytes().all(|b| b.is_ascii_lowercase());
                let name = rest.strip_prefix('"')?.split_once('"')?.0;
                plain.then_some(name)
            });
            let listed = members(key).unwrap();
            let asked: Vec<&str> = asked.collect();
            assert!(!asked.is_empty(), "{file}: {function}");
            for name in asked {
                assert!(listed.contains(&name), "{file}: {function} reads `{name}`");
            }
        }
    }
}
