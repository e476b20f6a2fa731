//! What kind of failure an error code stands for.

use super::error::ErrorKind;
use crate::wire::ServiceError;
use aws_runtime::retries::classifiers::THROTTLING_ERRORS;

/// Codes of throttling that the runtime's list lacks.
const THROTTLED: &[&str] = &[
    "TooManyRequests",
    "ThrottledRequestException",
    "RateExceeded",
];

const EXPIRED: &[&str] = &[
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "TokenRefreshRequired",
];

/// Credentials that AWS does not know. A region that the account has not enabled answers so too.
const CREDENTIALS: &[&str] = &[
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "UnrecognizedClient",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "AuthFailure",
    "InvalidToken",
    "InvalidSecurity",
];

const DENIED: &[&str] = &[
    "UnauthorizedOperation",
    "UnauthorizedException",
    "Unauthorized",
    "UnauthorizedAccess",
    "AuthorizationError",
    "AuthorizationErrorException",
    "NotAuthorized",
    "NotAuthorizedException",
    "Forbidden",
    "ForbiddenException",
    "AllAccessDisabled",
    "AccountProblem",
    "ExplicitDeny",
    "EC2AccessDenied",
    "InsufficientPrivilegesException",
    "AccessDenied",
    "AccessDeniedException",
];

const UNSUPPORTED: &[&str] = &[
    "OptInRequired",
    "SubscriptionRequired",
    "SubscriptionRequiredException",
    "InvalidAction",
    "UnknownOperation",
    "UnknownOperationException",
    "UnsupportedOperation",
    "UnsupportedOperationException",
    "NotImplemented",
    "MethodNotAllowed",
    "OperationNotSupportedException",
    "UnsupportedCommandException",
    "FeatureNotSupported",
    "NotSupportedOperation",
    "ActionNotSupported",
    "EndpointNotAvailable",
];

/// Whether a service asks to slow down.
pub(super) fn is_throttle(error: &ServiceError) -> bool {
    let code = plain(error);
    THROTTLING_ERRORS.contains(&code) || THROTTLED.contains(&code) || error.status == 429
}

/// The code without EC2's prefix.
fn plain(error: &ServiceError) -> &str {
    error.code.strip_prefix("Client.").unwrap_or(&error.code)
}

/// The kind of an error that a service told. `head`: the reply could have no body.
pub(super) fn kind(error: &ServiceError, head: bool) -> ErrorKind {
    let code = plain(error);
    let is_in = |list: &[&str]| list.contains(&code);
    if is_throttle(error) {
        return ErrorKind::Throttled;
    }
    if is_in(EXPIRED) {
        return ErrorKind::Expired;
    }
    // Some services have but one code for both; the words tell.
    if is_in(CREDENTIALS) {
        return if error.message.contains("expired") {
            ErrorKind::Expired
        } else {
            ErrorKind::Credentials
        };
    }
    if is_in(DENIED) || code.starts_with("AccessDenied") || code.ends_with("AccessDenied") {
        return ErrorKind::Denied;
    }
    if is_in(UNSUPPORTED) || error.status == 501 {
        return ErrorKind::Unsupported;
    }
    match (error.status, has_code(error)) {
        (401 | 403, false) => ErrorKind::Denied,
        // A page for people: nobody at this address knows the operation.
        (404 | 405, false) if !head => ErrorKind::Unsupported,
        (500.., _) => ErrorKind::Server,
        _ => ErrorKind::Service,
    }
}

/// The wire layer puts the status where a reply has no code.
fn has_code(error: &ServiceError) -> bool {
    error.code != error.status.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: &str, status: u16, message: &str) -> ErrorKind {
        let error = ServiceError {
            code: code.to_owned(),
            message: message.to_owned(),
            status,
            request_id: None,
            detail: serde_json::Value::Null,
        };
        kind(&error, false)
    }

    #[test]
    fn codes_of_many_services() {
        for (code, status, expected) in [
            ("AccessDenied", 403, ErrorKind::Denied),
            ("AccessDeniedException", 400, ErrorKind::Denied),
            ("UnauthorizedOperation", 403, ErrorKind::Denied),
            ("Client.UnauthorizedOperation", 403, ErrorKind::Denied),
            ("AuthorizationError", 403, ErrorKind::Denied),
            ("KMS.AccessDenied", 400, ErrorKind::Denied),
            ("403", 403, ErrorKind::Denied),
            ("Throttling", 400, ErrorKind::Throttled),
            ("ThrottlingException", 400, ErrorKind::Throttled),
            ("RequestLimitExceeded", 503, ErrorKind::Throttled),
            ("SlowDown", 503, ErrorKind::Throttled),
            ("429", 429, ErrorKind::Throttled),
            ("ExpiredToken", 400, ErrorKind::Expired),
            ("ExpiredTokenException", 403, ErrorKind::Expired),
            ("InvalidClientTokenId", 403, ErrorKind::Credentials),
            ("UnrecognizedClientException", 400, ErrorKind::Credentials),
            ("AuthFailure", 401, ErrorKind::Credentials),
            ("OptInRequired", 401, ErrorKind::Unsupported),
            ("SubscriptionRequiredException", 400, ErrorKind::Unsupported),
            ("UnknownOperationException", 400, ErrorKind::Unsupported),
            ("InvalidAction", 400, ErrorKind::Unsupported),
            ("404", 404, ErrorKind::Unsupported),
            ("501", 501, ErrorKind::Unsupported),
            ("NoSuchBucketPolicy", 404, ErrorKind::Service),
            ("NoSuchEntity", 404, ErrorKind::Service),
            ("ValidationException", 400, ErrorKind::Service),
            ("InternalFailure", 500, ErrorKind::Server),
            ("503", 503, ErrorKind::Server),
        ] {
            assert_eq!(of(code, status, ""), expected, "{code} {status}");
        }
    }

    #[test]
    fn the_words_tell_an_expired_session_from_a_wrong_key() {
        assert_eq!(
            of("InvalidSignatureException", 403, "Signature expired: 2024"),
            ErrorKind::Expired
        );
        assert_eq!(
            of("InvalidSignatureException", 403, "does not match"),
            ErrorKind::Credentials
        );
    }

    #[test]
    fn a_head_reply_without_body_is_no_missing_operation() {
        let error = ServiceError {
            code: "404".to_owned(),
            message: "Not Found".to_owned(),
            status: 404,
            request_id: None,
            detail: serde_json::Value::Null,
        };
        assert_eq!(kind(&error, true), ErrorKind::Service);
    }
}
