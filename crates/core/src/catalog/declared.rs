//! `palisade.toml`: what an organization declares of itself, for controls to hold the estate against.

use super::error::CatalogError;
use serde::Deserialize;
use std::collections::BTreeSet;
use toml::Spanned;

/// What is declared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    /// The regions where things may be; `None` where nothing is declared.
    pub allowed_regions: Option<BTreeSet<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    organization: Organization,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Organization {
    allowed_regions: Option<Spanned<Vec<Spanned<String>>>>,
}

impl Declared {
    /// Reads the file. `known` tells whether a region exists; the name that was perhaps meant, where it does not.
    ///
    /// # Errors
    /// Everything that is wrong, each with its place: an unknown key, an unknown region, a region twice, an empty list.
    pub fn parse(
        path: &str,
        text: &str,
        known: impl Fn(&str) -> Result<(), Option<String>>,
    ) -> Result<Self, Vec<CatalogError>> {
        let file: File =
            toml::from_str(text).map_err(|e| vec![CatalogError::toml(path, text, &e)])?;
        let Some(regions) = file.organization.allowed_regions else {
            return Ok(Self::default());
        };
        let mut errors = Vec::new();
        if regions.get_ref().is_empty() {
            let message = "no region is allowed, so nothing could be anywhere";
            let error = CatalogError::new(path, text, Some(regions.span()), message);
            errors.push(error.with_hint("name the regions, or leave the key out"));
        }
        let mut allowed = BTreeSet::new();
        for region in regions.into_inner() {
            let span = region.span();
            let name = region.into_inner();
            if let Err(near) = known(&name) {
                let message = format!("`{name}` is not a region");
                let hint = near.map_or_else(
                    || "regions are written as `eu-west-1`".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                errors.push(CatalogError::new(path, text, Some(span), message).with_hint(hint));
            } else if !allowed.insert(name.clone()) {
                let message = format!("`{name}` stands here twice");
                errors.push(CatalogError::new(path, text, Some(span), message));
            }
        }
        if errors.is_empty() {
            Ok(Self {
                allowed_regions: Some(allowed),
            })
        } else {
            Err(errors)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Declared, Vec<String>> {
        let known = |region: &str| match region {
            "eu-west-1" | "us-east-1" => Ok(()),
            "eu-wst-1" => Err(Some("eu-west-1".to_owned())),
            _ => Err(None),
        };
        Declared::parse("palisade.toml", text, known)
            .map_err(|all| all.iter().map(CatalogError::one_line).collect())
    }

    #[test]
    fn regions_are_declared() {
        let declared = read("[organization]\nallowed_regions = [\"eu-west-1\"]\n").unwrap();
        let allowed = declared.allowed_regions.unwrap();
        assert_eq!(allowed.into_iter().collect::<Vec<_>>(), ["eu-west-1"]);
        assert_eq!(read("").unwrap(), Declared::default());
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        let wrong = |text: &str| read(text).unwrap_err().join("\n");
        assert_eq!(
            wrong("[organization]\nallowed_regions = [\"eu-west-1\", \"eu-wst-1\", \"x\"]\n"),
            "palisade.toml:2:33: `eu-wst-1` is not a region (hint: did you mean `eu-west-1`?)\n\
             palisade.toml:2:45: `x` is not a region (hint: regions are written as `eu-west-1`)"
        );
        let unknown = wrong("[organization]\nallowed_region = []\n");
        assert!(unknown.starts_with("palisade.toml:2:1: "), "{unknown}");
        let unknown = wrong("[organisation]\n");
        assert!(unknown.starts_with("palisade.toml:1:2: "), "{unknown}");
        assert!(wrong("[organization]\nallowed_regions = []\n").contains("no region is allowed"));
        assert!(
            wrong("[organization]\nallowed_regions = [\"eu-west-1\", \"eu-west-1\"]\n")
                .contains("twice")
        );
    }
}
