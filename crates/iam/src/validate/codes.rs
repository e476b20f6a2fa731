//! The issue codes of IAM Access Analyzer's policy validation ("Access Analyzer policy check reference", IAM User
//! Guide). A code is the anchor of its entry in upper case; three codes have two entries. The finding types are the
//! reference's too.

use std::fmt;

/// How much an issue weighs, as `ValidatePolicy` calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// A part of the policy does not work.
    Error,
    /// The policy allows more than is wise.
    SecurityWarning,
    /// The policy is probably not what was meant.
    Warning,
    /// The policy could be written better.
    Suggestion,
}

impl Weight {
    /// `ERROR`, `SECURITY_WARNING`, `WARNING`, `SUGGESTION`
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "ERROR",
            Self::SecurityWarning => "SECURITY_WARNING",
            Self::Warning => "WARNING",
            Self::Suggestion => "SUGGESTION",
        }
    }

    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::SecurityWarning => "security warning",
            Self::Warning => "warning",
            Self::Suggestion => "suggestion",
        }
    }
}

/// "SCP syntax" (AWS Organizations User Guide), against the words that the code's entry still has.
const RETIRED: &str = "service control policies take wildcards anywhere since September 2025";

macro_rules! codes {
    ($($code:ident $name:literal $weight:ident $(, $undecided:expr)?;)*) => {
        /// What can be found in a policy.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "each is documented by the reference, under its name")]
        pub enum Code {
            $($code,)*
        }

        impl Code {
            /// All of them, in the reference's order.
            pub const ALL: &[Self] = &[$(Self::$code,)*];

            /// The code in the service's answers.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$code => $name,)*
                }
            }

            /// How much it weighs.
            #[must_use]
            pub const fn weight(self) -> Weight {
                match self {
                    $(Self::$code => Weight::$weight,)*
                }
            }

            /// Why it is never told; `None` where it is decided.
            #[must_use]
            pub const fn undecided(self) -> Option<&'static str> {
                match self {
                    $(Self::$code => codes!(@ $($undecided)?),)*
                }
            }
        }
    };
    (@) => { None };
    (@ $undecided:expr) => { Some($undecided) };
}

codes! {
    ArnAccountNotAllowed "ARN_ACCOUNT_NOT_ALLOWED" Error;
    ArnRegionNotAllowed "ARN_REGION_NOT_ALLOWED" Error;
    DataTypeMismatch "DATA_TYPE_MISMATCH" Error;
    DuplicateKeysWithDifferentCase "DUPLICATE_KEYS_WITH_DIFFERENT_CASE" Error;
    InvalidAction "INVALID_ACTION" Error;
    InvalidArnAccount "INVALID_ARN_ACCOUNT" Error;
    InvalidArnPrefix "INVALID_ARN_PREFIX" Error;
    InvalidArnRegion "INVALID_ARN_REGION" Error;
    InvalidArnResource "INVALID_ARN_RESOURCE" Error;
    InvalidArnServiceCase "INVALID_ARN_SERVICE_CASE" Error;
    InvalidConditionDataType "INVALID_CONDITION_DATA_TYPE" Error;
    InvalidConditionKeyFormat "INVALID_CONDITION_KEY_FORMAT" Error;
    InvalidConditionMultipleBoolean "INVALID_CONDITION_MULTIPLE_BOOLEAN" Error;
    InvalidConditionOperator "INVALID_CONDITION_OPERATOR" Error;
    InvalidEffect "INVALID_EFFECT" Error;
    InvalidGlobalConditionKey "INVALID_GLOBAL_CONDITION_KEY" Error;
    InvalidPartition "INVALID_PARTITION" Error;
    InvalidPolicyElement "INVALID_POLICY_ELEMENT" Error;
    InvalidPrincipalFormat "INVALID_PRINCIPAL_FORMAT" Error;
    InvalidPrincipalKey "INVALID_PRINCIPAL_KEY" Error;
    InvalidRegion "INVALID_REGION" Error;
    InvalidService "INVALID_SERVICE" Error;
    InvalidServiceConditionKey "INVALID_SERVICE_CONDITION_KEY" Error;
    InvalidServiceInAction "INVALID_SERVICE_IN_ACTION" Error;
    InvalidVariableForOperator "INVALID_VARIABLE_FOR_OPERATOR" Error;
    InvalidVersion "INVALID_VERSION" Error;
    JsonSyntaxError "JSON_SYNTAX_ERROR" Error;
    MissingAction "MISSING_ACTION" Error;
    MissingArnField "MISSING_ARN_FIELD" Error;
    MissingArnRegion "MISSING_ARN_REGION" Error;
    MissingEffect "MISSING_EFFECT" Error;
    MissingPrincipal "MISSING_PRINCIPAL" Error;
    MissingQualifier "MISSING_QUALIFIER" Error;
    MissingResource "MISSING_RESOURCE" Error;
    MissingStatement "MISSING_STATEMENT" Error;
    NullWithIfExists "NULL_WITH_IF_EXISTS" Error;
    ScpSyntaxErrorActionWildcard "SCP_SYNTAX_ERROR_ACTION_WILDCARD" Error, RETIRED;
    ScpSyntaxErrorPrincipal "SCP_SYNTAX_ERROR_PRINCIPAL" Error;
    UniqueSidsRequired "UNIQUE_SIDS_REQUIRED" Error;
    UnsupportedActionInPolicy "UNSUPPORTED_ACTION_IN_POLICY" Error;
    UnsupportedElementCombination "UNSUPPORTED_ELEMENT_COMBINATION" Error;
    UnsupportedGlobalConditionKey "UNSUPPORTED_GLOBAL_CONDITION_KEY" Error;
    UnsupportedPrincipal "UNSUPPORTED_PRINCIPAL" Error;
    UnsupportedResourceArnInPolicy "UNSUPPORTED_RESOURCE_ARN_IN_POLICY" Error;
    UnsupportedSid "UNSUPPORTED_SID" Error;
    UnsupportedWildcardInPrincipal "UNSUPPORTED_WILDCARD_IN_PRINCIPAL" Error;
    MissingBraceInVariable "MISSING_BRACE_IN_VARIABLE" Error;
    MissingQuoteInVariable "MISSING_QUOTE_IN_VARIABLE" Error;
    UnsupportedSpaceInVariable "UNSUPPORTED_SPACE_IN_VARIABLE" Error;
    EmptyVariable "EMPTY_VARIABLE" Error;
    VariableUnsupportedInElement "VARIABLE_UNSUPPORTED_IN_ELEMENT" Error;
    VariableUnsupportedInVersion "VARIABLE_UNSUPPORTED_IN_VERSION" Error;
    PrivateIpAddress "PRIVATE_IP_ADDRESS" Error;
    PrivateNotIpAddress "PRIVATE_NOT_IP_ADDRESS" Error;
    PolicySizeExceedsScpQuota "POLICY_SIZE_EXCEEDS_SCP_QUOTA" Error;
    InvalidServicePrincipalFormat "INVALID_SERVICE_PRINCIPAL_FORMAT" Error;
    MissingTagKeyInCondition "MISSING_TAG_KEY_IN_CONDITION" Error;
    InvalidVpcFormat "INVALID_VPC_FORMAT" Error;
    InvalidVpceFormat "INVALID_VPCE_FORMAT" Error;
    FederatedPrincipalNotSupported "FEDERATED_PRINCIPAL_NOT_SUPPORTED" Error;
    UnsupportedActionForConditionKey "UNSUPPORTED_ACTION_FOR_CONDITION_KEY" Error;
    UnsupportedConditionKeyForServicePrincipal "UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL" Error;
    RoleTrustPolicySyntaxErrorNotprincipal "ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL" Error;
    RoleTrustPolicyUnsupportedWildcardInPrincipal "ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL" Error;
    RoleTrustPolicySyntaxErrorResource "ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE" Error;
    TypeMismatchIpRange "TYPE_MISMATCH_IP_RANGE" Error;
    MissingActionForConditionKey "MISSING_ACTION_FOR_CONDITION_KEY" Error;
    InvalidFederatedPrincipalSyntaxInRoleTrustPolicy "INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY" Error;
    MismatchedActionForPrincipal "MISMATCHED_ACTION_FOR_PRINCIPAL" Error;
    MissingActionForRolesAnywhereTrustPolicy "MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY" Error;
    PolicySizeExceedsRcpQuota "POLICY_SIZE_EXCEEDS_RCP_QUOTA" Error;
    RcpSyntaxErrorPrincipal "RCP_SYNTAX_ERROR_PRINCIPAL" Error;
    RcpSyntaxErrorAllow "RCP_SYNTAX_ERROR_ALLOW" Error;
    RcpSyntaxErrorNotaction "RCP_SYNTAX_ERROR_NOTACTION" Error;
    RcpSyntaxErrorAction "RCP_SYNTAX_ERROR_ACTION" Error;
    MissingArnAccount "MISSING_ARN_ACCOUNT" Error;
    InvalidKmsKeyValue "INVALID_KMS_KEY_VALUE" Error;
    VariableUsageTooPermissive "VARIABLE_USAGE_TOO_PERMISSIVE" Error;
    WildcardUsageTooPermissive "WILDCARD_USAGE_TOO_PERMISSIVE" Error;
    UntrustworthyConditionKey "UNTRUSTWORTHY_CONDITION_KEY" SecurityWarning;
    AllowWithNotPrincipal "ALLOW_WITH_NOT_PRINCIPAL" SecurityWarning;
    ForallvaluesWithSingleValuedKey "FORALLVALUES_WITH_SINGLE_VALUED_KEY" SecurityWarning;
    PassRoleWithNotResource "PASS_ROLE_WITH_NOT_RESOURCE" SecurityWarning;
    PassRoleWithStarInActionAndNotResource "PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE" SecurityWarning;
    PassRoleWithNotActionAndNotResource "PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE" SecurityWarning;
    PassRoleWithStarInResource "PASS_ROLE_WITH_STAR_IN_RESOURCE" SecurityWarning;
    PassRoleWithStarInActionAndResource "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE" SecurityWarning;
    PassRoleWithStarInResourceAndNotAction "PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION" SecurityWarning;
    MissingPairedConditionKeys "MISSING_PAIRED_CONDITION_KEYS" SecurityWarning;
    DenyWithUnsupportedTagConditionKeyForService "DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE" SecurityWarning;
    DenyNotactionWithUnsupportedTagConditionKeyForService "DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE" SecurityWarning;
    RestrictAccessToServicePrincipal "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL" SecurityWarning;
    MissingConditionKeyForOidcPrincipal "MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL" SecurityWarning;
    MissingGithubRepoConditionKey "MISSING_GITHUB_REPO_CONDITION_KEY" SecurityWarning;
    StringLikeOperatorWithArnConditionKeys "STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS" SecurityWarning;
    DynamodbAttributesWithoutSelect "DYNAMODB_ATTRIBUTES_WITHOUT_SELECT" SecurityWarning;
    S3PrefixInNegativeContext "S3_PREFIX_IN_NEGATIVE_CONTEXT" SecurityWarning;
    ForanyvalueWithAudienceClaimType "FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE" SecurityWarning;
    CreateSlrWithNotResource "CREATE_SLR_WITH_NOT_RESOURCE" Warning;
    CreateSlrWithStarInActionAndNotResource "CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE" Warning;
    CreateSlrWithNotActionAndNotResource "CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE" Warning;
    CreateSlrWithStarInResource "CREATE_SLR_WITH_STAR_IN_RESOURCE" Warning;
    CreateSlrWithStarInActionAndResource "CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE" Warning;
    CreateSlrWithStarInResourceAndNotAction "CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION" Warning;
    DeprecatedGlobalConditionKey "DEPRECATED_GLOBAL_CONDITION_KEY" Warning, "the reference gives it and UNSUPPORTED_GLOBAL_CONDITION_KEY for `aws:ARN` without saying when which: the error is told";
    InvalidDateValue "INVALID_DATE_VALUE" Warning;
    InvalidRoleReference "INVALID_ROLE_REFERENCE" Warning;
    InvalidUserReference "INVALID_USER_REFERENCE" Warning;
    MissingVersion "MISSING_VERSION" Warning;
    UniqueSidsRecommended "UNIQUE_SIDS_RECOMMENDED" Warning;
    WildcardWithoutLikeOperator "WILDCARD_WITHOUT_LIKE_OPERATOR" Warning;
    PolicySizeExceedsIdentityPolicyQuota "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA" Warning;
    PolicySizeExceedsResourcePolicyQuota "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA" Warning;
    TypeMismatch "TYPE_MISMATCH" Warning;
    TypeMismatchBoolean "TYPE_MISMATCH_BOOLEAN" Warning;
    TypeMismatchDate "TYPE_MISMATCH_DATE" Warning;
    TypeMismatchNumber "TYPE_MISMATCH_NUMBER" Warning;
    TypeMismatchString "TYPE_MISMATCH_STRING" Warning;
    SpecificGithubRepoAndBranchRecommended "SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED" Warning;
    PolicySizeExceedsRoleTrustPolicyQuota "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA" Warning;
    RcpMissingRelatedPrincipalConditionKey "RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY" Warning;
    RcpMissingRelatedServicePrincipalConditionKey "RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY" Warning;
    RcpMissingServiceConditionKeyNullCheck "RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK" Warning;
    UseConditionKeyOnlyWithSupportedServices "USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES" Warning;
    EmptyArrayAction "EMPTY_ARRAY_ACTION" Suggestion;
    EmptyArrayCondition "EMPTY_ARRAY_CONDITION" Suggestion;
    EmptyArrayConditionForallvalues "EMPTY_ARRAY_CONDITION_FORALLVALUES" Suggestion;
    EmptyArrayConditionForanyvalue "EMPTY_ARRAY_CONDITION_FORANYVALUE" Suggestion;
    EmptyArrayConditionIfexists "EMPTY_ARRAY_CONDITION_IFEXISTS" Suggestion;
    EmptyArrayPrincipal "EMPTY_ARRAY_PRINCIPAL" Suggestion;
    EmptyArrayResource "EMPTY_ARRAY_RESOURCE" Suggestion;
    EmptyObjectCondition "EMPTY_OBJECT_CONDITION" Suggestion;
    EmptyObjectPrincipal "EMPTY_OBJECT_PRINCIPAL" Suggestion;
    EmptySidValue "EMPTY_SID_VALUE" Suggestion;
    EquivalentToNullFalse "EQUIVALENT_TO_NULL_FALSE" Suggestion;
    EquivalentToNullTrue "EQUIVALENT_TO_NULL_TRUE" Suggestion;
    ImproveIpRange "IMPROVE_IP_RANGE" Suggestion;
    NullWithQualifier "NULL_WITH_QUALIFIER" Suggestion;
    PrivateIpAddressSubset "PRIVATE_IP_ADDRESS_SUBSET" Suggestion;
    PrivateNotIpAddressSubset "PRIVATE_NOT_IP_ADDRESS_SUBSET" Suggestion;
    RedundantAction "REDUNDANT_ACTION" Suggestion;
    RedundantConditionValueNum "REDUNDANT_CONDITION_VALUE_NUM" Suggestion;
    RedundantResource "REDUNDANT_RESOURCE" Suggestion;
    RedundantStatement "REDUNDANT_STATEMENT" Suggestion;
    WildcardInServiceName "WILDCARD_IN_SERVICE_NAME" Suggestion;
    AllowWithUnsupportedTagConditionKeyForService "ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE" Suggestion;
    AllowNotactionWithUnsupportedTagConditionKeyForService "ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE" Suggestion;
    RecommendedConditionKeyForServicePrincipal "RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL" Suggestion;
    IrrelevantConditionKeyInPolicy "IRRELEVANT_CONDITION_KEY_IN_POLICY" Suggestion;
    RedundantKeyDueToWildcardInCondition "REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION" Suggestion;
    RedundantPrincipalInRoleTrustPolicy "REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY" Suggestion;
    RedundantStatementDueToWildcardInCondition "REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION" Suggestion;
    ConfirmAudienceClaimType "CONFIRM_AUDIENCE_CLAIM_TYPE" Suggestion;
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
