//! What the organization's guardrails hold over each account, whatever its own policies allow.
//!
//! Each guardrail is a few probes: requests of a principal that is allowed everything by its own policies. It holds where
//! no probe gets through, for no value of the keys that a direct caller can choose; the first that does is a hole.

use std::collections::{BTreeMap, BTreeSet};

use super::{Account, Estate};
use crate::{
    analyse::{Ask, Reach, reach},
    model::{
        Context, ContextValue, Layers, Level, NamedPolicy, Principal, PrincipalEntry, Template,
    },
};

/// An account outside: no organization has it.
const OUTSIDE: &str = "000000000000";
/// A region that no policy names: it stands for every region that is neither allowed nor spoken of, now or later.
const ELSEWHERE: &str = "xx-elsewhere-1";
/// Holes told of one guardrail.
const TOLD: usize = 3;

/// What is asked of an estate's guardrails.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// The regions where things may be, as declared; none: not declared.
    pub allowed_regions: Option<BTreeSet<String>>,
    /// The regions of each account that were looked at.
    pub regions: BTreeMap<String, Vec<String>>,
    /// The ARNs of each account's own trails.
    pub trails: BTreeMap<String, Vec<String>>,
}

/// The requests that get through a guardrail: it holds where there are none. An error: why it is not decided.
pub type Holes = Result<Vec<String>, String>;

/// The guardrails over an account.
#[derive(Debug, Clone)]
pub struct Guardrails {
    /// The account.
    pub account: String,
    /// Whether it is in the organization.
    pub in_organization: bool,
    /// Whether it is the management account, which guardrails do not bind; none: not known.
    pub is_management: Option<bool>,
    /// Work in regions that are not allowed. Where none are declared: in a region that no policy names.
    pub other_regions: Holes,
    /// Leaving the organization.
    pub leaving: Holes,
    /// Stopping or deleting trails.
    pub trails: Holes,
    /// Work of the root user.
    pub root: Holes,
    /// Access to the account's resources by principals outside the organization.
    pub outside: Holes,
}

/// The guardrails over every account of the estate.
#[must_use]
pub fn guardrails(estate: &Estate, limits: &Limits) -> Vec<Guardrails> {
    let one = |(id, account): (&String, &Account)| {
        let management = estate
            .organization
            .as_ref()
            .map(|found| found.management_account.as_ref());
        let probe = Probes {
            estate,
            limits,
            id,
            account,
        };
        let gap = estate
            .gaps
            .iter()
            .find(|gap| gap.account == *id && gap.what.starts_with("guardrails"));
        let held = |holes: &dyn Fn() -> Holes| match gap {
            Some(gap) => Err(gap.call.clone()),
            None => holes(),
        };
        Guardrails {
            account: id.clone(),
            in_organization: account.in_organization,
            is_management: match management {
                // Alone it manages nothing.
                None => Some(false),
                Some(known) => known.map(|management| management == id),
            },
            other_regions: held(&|| probe.other_regions()),
            leaving: held(&|| probe.leaving()),
            trails: held(&|| probe.trails()),
            root: held(&|| probe.root()),
            outside: held(&|| probe.outside()),
        }
    };
    estate.accounts.iter().map(one).collect()
}

struct Probes<'a> {
    estate: &'a Estate,
    limits: &'a Limits,
    id: &'a str,
    account: &'a Account,
}

/// One request.
struct Probe {
    action: &'static str,
    resource: String,
    region: String,
}

impl Probe {
    fn told(&self) -> String {
        format!("{} in {}", self.action, self.region)
    }
}

impl Probes<'_> {
    fn other_regions(&self) -> Holes {
        let allowed = self.limits.allowed_regions.as_ref();
        let mut others = vec![ELSEWHERE.to_owned()];
        if let Some(allowed) = allowed {
            let named = self.regions().iter().cloned().chain(self.named());
            let named: BTreeSet<String> =
                named.filter(|region| !allowed.contains(region)).collect();
            others.extend(named);
        }
        let probes = others.into_iter().map(|region| self.instance(region));
        self.ask(&self.member("role/palisade-probe")?, probes)
    }

    fn leaving(&self) -> Holes {
        let probe = Probe {
            action: "organizations:LeaveOrganization",
            resource: "*".to_owned(),
            region: self.global().to_owned(),
        };
        self.ask(&self.member("role/palisade-probe")?, [probe])
    }

    fn trails(&self) -> Holes {
        let own = self.limits.trails.get(self.id);
        let mut trails: Vec<(String, String)> = own
            .into_iter()
            .flatten()
            .filter_map(|arn| Some((arn.clone(), arn.split(':').nth(3)?.to_owned())))
            .collect();
        if trails.is_empty() {
            // A trail that is made later: in every region where something may be.
            trails = self
                .homes()
                .into_iter()
                .map(|region| {
                    let arn = self.arn("cloudtrail", &region, "trail/palisade-probe");
                    (arn, region)
                })
                .collect();
        }
        let probes = trails.into_iter().flat_map(|(resource, region)| {
            ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail"].map(|action| Probe {
                action,
                resource: resource.clone(),
                region: region.clone(),
            })
        });
        self.ask(&self.member("role/palisade-probe")?, probes)
    }

    fn root(&self) -> Holes {
        let mut probes: Vec<Probe> = self
            .homes()
            .into_iter()
            .map(|region| self.instance(region))
            .collect();
        for (action, resource) in [
            ("iam:CreateUser", self.arn("iam", "", "user/palisade-probe")),
            (
                "s3:DeleteBucket",
                format!("arn:{}:s3:::palisade-probe", self.partition()),
            ),
        ] {
            let region = if action.starts_with("iam") {
                self.global().to_owned()
            } else {
                self.homes().into_iter().next().unwrap_or_default()
            };
            probes.push(Probe {
                action,
                resource,
                region,
            });
        }
        self.ask(&self.member("root")?, probes)
    }

    /// One probe for each of the services that resource control policies began with, and that hold data or keys
    /// ("Resource control policies", Organizations User Guide).
    fn outside(&self) -> Holes {
        let region = self.homes().into_iter().next().unwrap_or_default();
        let object = format!("arn:{}:s3:::palisade-probe/key", self.partition());
        let own = |service: &str, resource: &str| self.arn(service, &region, resource);
        let role = self.arn("iam", "", "role/palisade-probe");
        let secret = own("secretsmanager", "secret:palisade-probe-aaaaaa");
        let probes = [
            ("s3:GetObject", object),
            ("sqs:SendMessage", own("sqs", "palisade-probe")),
            ("kms:Decrypt", own("kms", "key/palisade-probe")),
            ("secretsmanager:GetSecretValue", secret),
            ("sts:AssumeRole", role),
        ]
        .map(|(action, resource)| Probe {
            action,
            resource,
            region: region.clone(),
        });
        let caller = format!(
            "arn:{}:iam::{OUTSIDE}:role/palisade-probe",
            self.partition()
        );
        self.ask(&Principal::parse(&caller)?, probes)
    }

    /// The probes that get through, the first few of them.
    fn ask(&self, principal: &Principal, probes: impl IntoIterator<Item = Probe>) -> Holes {
        let member = principal.account.as_deref() == Some(self.id);
        let layers = Layers {
            identity: vec![NamedPolicy::everything("allowed everything", None)],
            resource: (!member).then(|| {
                NamedPolicy::everything("allows everybody", Some(PrincipalEntry::Everyone))
            }),
            scps: if member {
                self.account.scps.clone()
            } else {
                Vec::new()
            },
            rcps: self.account.rcps.clone(),
            ..self.estate.guarded(None)
        };
        let mut holes = Vec::new();
        let mut open = None;
        for probe in probes {
            let context = self.context(principal, member, &probe);
            let answer = reach(&Ask {
                layers: &layers,
                principal,
                actions: &[Template::new(&probe.action.to_lowercase(), false, false)],
                resources: &[Template::new(&probe.resource, probe.resource == "*", false)],
                resource_account: Some(self.id),
                context: &context,
                domains: &BTreeMap::new(),
                barred: &[],
                anybody: false,
            });
            match answer {
                Reach::Can(found) => {
                    let keys: Vec<&str> = found
                        .chosen
                        .iter()
                        .filter(|(_, value)| value.is_some())
                        .map(|(key, _)| key.as_str())
                        .collect();
                    let with = if keys.is_empty() {
                        String::new()
                    } else {
                        format!(", with {}", keys.join(", "))
                    };
                    holes.push(format!("{}{with}", probe.told()));
                }
                Reach::Cannot => {}
                Reach::Unknown(why) => open = Some(format!("{}: {why}", probe.told())),
            }
            if holes.len() == TOLD {
                break;
            }
        }
        match open {
            Some(open) if holes.is_empty() => Err(open),
            _ => Ok(holes),
        }
    }

    /// A direct request of a principal without tags, on a resource without tags.
    fn context(&self, principal: &Principal, member: bool, probe: &Probe) -> Context {
        let mut context = self.estate.told(Some(self.id));
        let mut set = |key: &str, value: &str| {
            context.set(key, ContextValue::One(value.to_owned()));
        };
        set("aws:RequestedRegion", &probe.region);
        set("aws:ViaAWSService", "false");
        if let Some(arn) = &principal.arn {
            set("aws:PrincipalArn", arn);
        }
        if member {
            if let Some(id) = self.estate.organization_of(Some(self.id)) {
                set("aws:PrincipalOrgID", id);
            }
        } else {
            set("aws:PrincipalOrgID", "o-elsewhere00");
            let paths = vec!["o-elsewhere00/r-else/ou-else-elsewhere/".to_owned()];
            context.set("aws:PrincipalOrgPaths", ContextValue::Many(paths));
        }
        for key in ["aws:calledvia", "aws:calledviafirst", "aws:calledvialast"] {
            context.set_absent(key);
        }
        for prefix in ["aws:principaltag/", "aws:resourcetag/", "aws:requesttag/"] {
            context.close(prefix);
        }
        context
    }

    fn member(&self, resource: &str) -> Result<Principal, String> {
        Principal::parse(&self.arn("iam", "", resource))
    }

    fn instance(&self, region: String) -> Probe {
        Probe {
            action: "ec2:RunInstances",
            resource: self.arn("ec2", &region, "instance/i-00000000000000000"),
            region,
        }
    }

    fn arn(&self, service: &str, region: &str, resource: &str) -> String {
        let partition = self.partition();
        format!("arn:{partition}:{service}:{region}:{}:{resource}", self.id)
    }

    fn regions(&self) -> &[String] {
        self.limits.regions.get(self.id).map_or(&[], Vec::as_slice)
    }

    /// Where the account may work: the regions that were looked at, of those that are allowed.
    fn homes(&self) -> Vec<String> {
        let allowed = self.limits.allowed_regions.as_ref();
        let is_allowed = |region: &&String| allowed.is_none_or(|all| all.contains(*region));
        let homes: Vec<String> = self.regions().iter().filter(is_allowed).cloned().collect();
        if !homes.is_empty() {
            return homes;
        }
        let any = allowed.into_iter().flatten().next();
        vec![any.cloned().unwrap_or_else(|| self.global().to_owned())]
    }

    /// The regions that the policies over the account name.
    fn named(&self) -> impl Iterator<Item = String> {
        let statements = |level: &Level| -> Vec<String> {
            level
                .policies
                .iter()
                .flat_map(|policy| &policy.policy.statements)
                .flat_map(|statement| &statement.conditions)
                .filter(|condition| condition.key == "aws:requestedregion")
                .flat_map(|condition| condition.values.iter().cloned())
                .filter(|region| !region.contains(['*', '?', '$']))
                .collect()
        };
        let all: Vec<String> = self.account.scps.iter().flat_map(statements).collect();
        all.into_iter()
    }

    fn partition(&self) -> &'static str {
        match self.regions().first().map_or("", String::as_str) {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }

    /// The region of global services.
    fn global(&self) -> &'static str {
        match self.partition() {
            "aws-cn" => "cn-northwest-1",
            "aws-us-gov" => "us-gov-west-1",
            _ => "us-east-1",
        }
    }
}
