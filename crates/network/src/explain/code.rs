//! AWS's explanation codes (Reachability Analyzer guide, "Explanation codes") that this engine gives.

use serde::Serialize;

/// An explanation code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(
    missing_docs,
    reason = "the names are AWS's and are explained in its guide"
)]
pub enum Code {
    BadState,
    BadStateAttachment,
    BadStateRoute,
    BadStateVpn,
    CannotRoute,
    ElbListenersMismatch,
    ElbNotCrosszone,
    Elbv2ListenersMismatch,
    Elbv2ListenerHasNoTg,
    Elbv2NoTargetsInAz,
    EniAddressRestriction,
    EniSgRulesMismatch,
    EniSourceDestCheckRestriction,
    FirewallRulesRestriction,
    GatewayRejectsSpoofedTraffic,
    IgwDestinationAddressInVpcCidrs,
    #[serde(rename = "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS")]
    IgwDestinationAddressNotInRfc1918Egress,
    IgwPrivateIpAssociationForIngress,
    IgwPublicIpAssociationForEgress,
    #[serde(rename = "IGW_SOURCE_ADDRESS_NOT_IN_RFC1918_INGRESS")]
    IgwSourceAddressNotInRfc1918Ingress,
    NgwDestAddressPreservation,
    NgwRequiresSourceInVpc,
    NoPossibleDestination,
    NoRouteToDestination,
    PcxRequiresAddressInVpcCidr,
    ProtocolRestriction,
    SgHasNoRules,
    SgReferencesNotPreserved,
    SubnetAclRestriction,
    TgwAttachMissingTgwRtbAssociation,
    TgwRouteAzRestriction,
    TgwRtbBadStateRoute,
    TgwRtbNoRouteToTgwAttachment,
    UnknownDestination,
    VgwPrivateIpAssociationForIngress,
    VpcBlockPublicAccessEnabled,
    VpceGatewayProtocolRestriction,
    VpceIntraVpcTraffic,
}

impl Code {
    /// The code as AWS writes it.
    #[must_use]
    pub fn word(self) -> String {
        serde_json::to_value(self)
            .ok()
            .and_then(|value| value.as_str().map(str::to_owned))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_guide() {
        let words = [
            Code::EniSgRulesMismatch,
            Code::Elbv2ListenersMismatch,
            Code::TgwRouteAzRestriction,
        ]
        .map(Code::word);
        assert_eq!(
            words,
            [
                "ENI_SG_RULES_MISMATCH",
                "ELBV2_LISTENERS_MISMATCH",
                "TGW_ROUTE_AZ_RESTRICTION"
            ]
        );
        assert_eq!(
            Code::IgwSourceAddressNotInRfc1918Ingress.word(),
            "IGW_SOURCE_ADDRESS_NOT_IN_RFC1918_INGRESS"
        );
    }
}
