//! A requirement of a framework, by `framework:id` or by an id that only one framework has.

use palisade_core::catalog::{Catalog, Control, Framework, Recommendation, Requirement};
use palisade_core::near;
use palisade_report::{Options, Page};
use std::io::{self, Write};

/// A requirement with its framework.
#[derive(Debug, Clone, Copy)]
pub(super) struct Required<'c> {
    framework: &'c Framework,
    requirement: &'c Requirement,
}

/// The requirements that a name means: of the framework before its colon, or of every framework that has the id.
pub(super) fn called<'c>(catalog: &'c Catalog, name: &str) -> Vec<Required<'c>> {
    let parts = name.split_once(':');
    let (of, id) = parts.map_or((None, name), |(of, id)| (Some(of), id));
    catalog
        .frameworks
        .values()
        .filter(|framework| of.is_none_or(|of| framework.id.eq_ignore_ascii_case(of)))
        .flat_map(|framework| {
            let requirements = framework.requirements.iter();
            requirements.map(move |requirement| Required {
                framework,
                requirement,
            })
        })
        .filter(|one| one.requirement.id.eq_ignore_ascii_case(id))
        .collect()
}

/// Names near to one of a framework that has no such requirement.
pub(super) fn suggested(catalog: &Catalog, name: &str) -> Option<String> {
    let (of, id) = name.split_once(':')?;
    let framework = catalog.frameworks.get(of)?;
    let ids = framework.requirements.iter().map(|r| &r.id);
    let near: Vec<String> = near::near(id, ids)
        .into_iter()
        .map(|id| format!("{of}:{id}"))
        .collect();
    let all = format!("`palisade explain {of}` lists its requirements");
    Some(near::question(&near).unwrap_or(all))
}

impl Required<'_> {
    /// `framework:id`.
    pub(super) fn name(&self) -> String {
        format!("{}:{}", self.framework.id, self.requirement.id)
    }

    /// Whether a control has this requirement among its names, as its framework calls itself.
    pub(super) fn is_carried_by(&self, control: &Control) -> bool {
        let name = self.name();
        control.also.iter().any(|a| a.eq_ignore_ascii_case(&name))
    }

    /// Writes what it asks, what decides it, and the rows that it is mapped to with their controls.
    pub(super) fn explain(
        &self,
        out: &mut dyn Write,
        catalog: &Catalog,
        options: Options,
    ) -> io::Result<()> {
        let requirement = self.requirement;
        let mut page = Page::new(Box::new(out), options);
        page.title(&requirement.title)?;
        page.dim(0, &format!("{} · {}", self.name(), self.framework.title))?;
        page.line("")?;
        if let Some(group) = &requirement.group {
            page.pair("group", group)?;
        }
        if let Some(phase) = requirement.phase {
            page.pair("phase", &phase.to_string())?;
        }
        if let Some(evidence) = requirement.evidence {
            page.pair("evidence", evidence.as_str())?;
        }
        if let Some(gap) = &requirement.gap {
            page.pair("not mapped", gap)?;
        }
        let named = self.framework.named(catalog);
        let own = named.of(requirement);
        if !own.is_empty() {
            page.heading("Decided by the controls of its name")?;
        }
        for control in own {
            page.text(2, &said(control))?;
        }
        page.heading(match (own, requirement.partly) {
            ([], _) => "Answered by",
            (_, true) => "And by, since these controls see a part of it",
            (_, false) => "Part of, and decided without the rest of",
        })?;
        if requirement.recommendations.is_empty() {
            page.text(2, "no recommendation")?;
        }
        for id in &requirement.recommendations {
            if let Some(row) = catalog.recommendations.get(id) {
                answer(&mut page, catalog, row)?;
            }
        }
        page.flush()
    }
}

/// A recommendation, and what decides it.
fn answer(page: &mut Page<'_>, catalog: &Catalog, row: &Recommendation) -> io::Result<()> {
    page.text(2, &format!("{}: {}", row.id, row.title))?;
    let mut none = true;
    for control in catalog.answering(&row.id) {
        none = false;
        page.dim(4, &said(control))?;
    }
    let by_people = row.asks_a_person();
    match (none, &row.needs) {
        (true, _) if by_people => page.dim(4, &format!("a person: `palisade attest {}`", row.id)),
        (true, Some(needs)) => page.dim(4, &format!("nothing yet: {needs}")),
        (true, None) => page.dim(4, "nothing yet"),
        (false, _) => Ok(()),
    }
}

fn said(control: &Control) -> String {
    format!("{} ({}): {}", control.id, control.severity, control.title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requirement_is_found_by_its_framework_or_alone() {
        let catalog = Catalog::embedded().unwrap();
        let names = |name: &str| -> Vec<String> {
            let found = called(&catalog, name);
            found.iter().map(Required::name).collect()
        };
        assert_eq!(names("cis-aws-7.0:2.4"), ["cis-aws-7.0:2.4"]);
        assert_eq!(
            names("sec03-bp07"),
            ["well-architected-security:SEC03-BP07"]
        );
        assert_eq!(names("2.4").len(), 2);
        assert!(names("securityhub:S3.1").is_empty());
        assert!(
            suggested(&catalog, "cis-aws-7.0:2.44")
                .unwrap()
                .contains("cis-aws-7.0:2.4")
        );
        assert_eq!(suggested(&catalog, "nothing:2.4"), None);
    }
}
