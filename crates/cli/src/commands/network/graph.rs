//! `palisade network graph`

use crate::args::{Graph, Picture};
use crate::failure::{Done, Failure};
use crate::terminal::Terminal;
use palisade_network::ask::{GraphFormat, PathQuestion, path_graph, vpc_graph};
use std::io::Write as _;

/// Draws a path or a VPC.
pub(super) fn run(args: &Graph, terminal: &Terminal) -> Result<Done, Failure> {
    let network = super::network(&args.estate, terminal)?;
    let format = match args.format {
        Picture::Mermaid => GraphFormat::Mermaid,
        Picture::Dot => GraphFormat::Dot,
        Picture::Svg => GraphFormat::Svg,
    };
    let picture = match (&args.vpc, &args.from, &args.to) {
        (Some(vpc), _, _) => {
            if !network.estate.vpcs.contains_key(vpc) {
                let known: Vec<&str> = network
                    .estate
                    .vpcs
                    .keys()
                    .map(String::as_str)
                    .take(5)
                    .collect();
                return Err(Failure::usage(format!("`{vpc}` is no VPC of this estate"))
                    .hint(format!("there are {}", known.join(", "))));
            }
            vpc_graph(&network, vpc, format)
        }
        (None, Some(from), Some(to)) => {
            let question = PathQuestion {
                from: from.clone(),
                to: to.clone(),
                protocol: args.protocol.clone(),
                port: args.port,
                ..PathQuestion::default()
            };
            let answer = network.path(&question).map_err(super::wrong)?;
            path_graph(&answer, format)
        }
        (None, _, _) => {
            return Err(Failure::usage(
                "name a path (`--from`, `--to`) or a `--vpc`",
            ));
        }
    };
    let mut output = terminal.output(args.out.as_deref())?;
    output.write_all(picture.as_bytes())?;
    output.finish()?;
    Ok(Done::Clean)
}
