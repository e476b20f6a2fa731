//! `palisade network ...`

use super::{AnswerArgs, CatalogArgs, SourceArgs};
use clap::{Args, Subcommand, ValueEnum};
use std::net::IpAddr;
use std::path::PathBuf;

/// `palisade network ...`
#[derive(Debug, Subcommand)]
pub(crate) enum Network {
    /// What the internet can reach, by interface: ports, sources, path, and the rule that lets it in
    Exposed(Whole),
    /// What can leave for the internet, by interface: ports, destinations, the gateway
    Egress(Whole),
    /// Whether A can reach B: the hops there and back, or everything that is in the way
    Path(Path),
    /// Whether a network keeps the rules of an intent file
    Check(Check),
    /// What opened and what closed for the internet between two snapshots
    Diff(Diff),
    /// The picture of a path or of a VPC
    Graph(Graph),
}

/// Where the network comes from.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Estate {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// Read the JSON that `aws ... describe-*` prints: [accounts/ID/][REGION/]*.json
    #[arg(long, value_name = "DIR", help_heading = "Estate", conflicts_with_all = ["demo", "snapshot"])]
    pub(crate) from_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) catalog: CatalogArgs,
}

/// `palisade network exposed`, `palisade network egress`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  palisade network exposed --demo
  palisade network exposed --from-dir describe --format json
  palisade network egress --snapshot DIR

The same as tables: `palisade query \"select * from network_exposure\"`.")]
pub(crate) struct Whole {
    #[command(flatten)]
    pub(crate) estate: Estate,
    #[command(flatten)]
    pub(crate) form: AnswerArgs,
}

/// `palisade network path`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  palisade network path --from internet --to i-0123456789abcdef0 --port 443
  palisade network path --from tag:tier=web --to tag:tier=db --protocol tcp --port 5432
  palisade network path --from subnet-1 --to 10.2.0.0/16

Places: internet, an address or block, the id of an interface, instance, subnet, VPC, security
group, endpoint, NAT gateway, VPN or virtual private gateway, or tag:KEY=VALUE.")]
pub(crate) struct Path {
    #[command(flatten)]
    pub(crate) ends: Ends,
    /// tcp, udp, icmp, icmpv6 or a number; tcp when only a port is given
    #[arg(long)]
    pub(crate) protocol: Option<String>,
    /// The destination port
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// The source port
    #[arg(long)]
    pub(crate) source_port: Option<u16>,
    /// The packet's source address, where it is not the source's own
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) source_address: Option<IpAddr>,
    #[command(flatten)]
    pub(crate) estate: Estate,
    #[command(flatten)]
    pub(crate) form: AnswerArgs,
}

/// The two ends of a path.
#[derive(Debug, Clone, Args)]
pub(crate) struct Ends {
    /// Where packets come from
    #[arg(long, value_name = "PLACE")]
    pub(crate) from: String,
    /// Where they should go
    #[arg(long, value_name = "PLACE")]
    pub(crate) to: String,
}

/// `palisade network check`
#[derive(Debug, Args)]
#[command(after_help = "Example of an intent file:
  [[rule]]
  name = \"nothing from the internet to databases\"
  from = \"internet\"
  to   = \"tag:tier=db\"
  deny = [\"any\"]
  [[rule]]
  name    = \"web reaches the database on 5432 only\"
  from    = \"tag:tier=web\"
  to      = \"tag:tier=db\"
  only    = [\"tcp 5432\"]
  require = [\"tcp 5432\"]
  [[rule]]
  name        = \"private subnets have no route to an internet gateway\"
  subnets     = \"tag:tier=private\"
  no_route_to = \"internet-gateway\"

Exit status: 0 every rule is kept; 1 one is broken; 3 none is broken, but one depends on what was
not described or is not modelled.")]
pub(crate) struct Check {
    /// The rules, in TOML
    pub(crate) intent: PathBuf,
    #[command(flatten)]
    pub(crate) estate: Estate,
    #[command(flatten)]
    pub(crate) form: AnswerArgs,
}

/// `palisade network diff`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  palisade network diff monday tuesday
  palisade network diff describe-before describe-after --format json")]
pub(crate) struct Diff {
    /// The older snapshot, or folder of describe-* JSON
    pub(crate) older: PathBuf,
    /// The newer one
    pub(crate) newer: PathBuf,
    #[command(flatten)]
    pub(crate) form: AnswerArgs,
    #[command(flatten)]
    pub(crate) catalog: CatalogArgs,
}

/// The languages of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Picture {
    /// A Mermaid flowchart
    Mermaid,
    /// Graphviz
    Dot,
    /// An image
    Svg,
}

/// `palisade network graph`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  palisade network graph --demo --vpc vpc-1 > vpc.mmd
  palisade network graph --from internet --to i-1 --port 22 --format svg --out path.svg")]
pub(crate) struct Graph {
    /// Draw a path: where packets come from
    #[arg(
        long,
        value_name = "PLACE",
        requires = "to",
        required_unless_present = "vpc"
    )]
    pub(crate) from: Option<String>,
    /// Where they should go
    #[arg(long, value_name = "PLACE", requires = "from")]
    pub(crate) to: Option<String>,
    /// tcp, udp, icmp, icmpv6 or a number
    #[arg(long)]
    pub(crate) protocol: Option<String>,
    /// The destination port
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// Draw the subnets of a VPC and where their routes lead
    #[arg(long, value_name = "VPC", conflicts_with_all = ["from", "to"])]
    pub(crate) vpc: Option<String>,
    /// The picture's language
    #[arg(long, value_enum, default_value_t = Picture::Mermaid)]
    pub(crate) format: Picture,
    /// Write here in place of stdout
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) estate: Estate,
}
