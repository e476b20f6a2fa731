//! The answer of `GetServiceLastAccessedDetails`, as the AWS CLI prints it.

use jiff::Timestamp;
use serde::Deserialize;

use super::{ActionAccessed, LastAccessed, ServiceAccessed};

/// A longer answer is none: there are fewer than 1,000 services.
const LONGEST: usize = 64 << 20;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Details {
    job_status: Option<String>,
    job_type: Option<String>,
    is_truncated: Option<bool>,
    services_last_accessed: Option<Vec<Service>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Service {
    service_namespace: String,
    last_authenticated: Option<Timestamp>,
    tracked_actions_last_accessed: Option<Vec<Tracked>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tracked {
    action_name: String,
    last_accessed_time: Option<Timestamp>,
}

/// Reads the answer of `aws iam get-service-last-accessed-details` (IAM API Reference, GetServiceLastAccessedDetails).
///
/// # Errors
/// What is wrong with it, or that it is not the whole answer.
pub fn last_accessed(text: &str) -> Result<LastAccessed, String> {
    if text.len() > LONGEST {
        return Err(format!("this has more than {LONGEST} bytes"));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let details: Details = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if let Some(status) = details.job_status.filter(|status| status != "COMPLETED") {
        return Err(format!(
            "the job is {status}: ask again when it is COMPLETED"
        ));
    }
    if details.is_truncated == Some(true) {
        return Err("this is one page of several: ask for the next with its Marker".to_owned());
    }
    let by_action = details.job_type.as_deref() == Some("ACTION_LEVEL");
    let services = details
        .services_last_accessed
        .ok_or("`ServicesLastAccessed` is missing")?;
    Ok(LastAccessed {
        services: services
            .into_iter()
            .map(|service| ServiceAccessed {
                namespace: service.service_namespace,
                last: service.last_authenticated,
                actions: service
                    .tracked_actions_last_accessed
                    .map(|actions| {
                        actions
                            .into_iter()
                            .map(|action| ActionAccessed {
                                name: action.action_name,
                                last: action.last_accessed_time,
                            })
                            .collect()
                    })
                    .or_else(|| by_action.then(Vec::new)),
            })
            .collect(),
    })
}
