//! Statements that can never count: they would be silent otherwise, and somebody relies on them.

use super::attestation::Attestations;
use super::{Catalog, Recommendation};
use std::collections::BTreeSet;

impl Attestations {
    /// A line for each statement that counts nowhere, whatever is found: on what no person has a say in, or for what is no
    /// account.
    #[must_use]
    pub fn unheard(&self, catalog: &Catalog) -> Vec<String> {
        let mut lines = Vec::new();
        for about in &self.about {
            let row = catalog.recommendations.get(&about.recommendation);
            if let Some(decided) = row.and_then(|row| catalog.decided_without_people(row)) {
                lines.push(format!(
                    "warning: {}: nobody can attest `{}`, and the statement does not count: {decided}",
                    about.at, about.recommendation
                ));
            }
            if let Some((account, at)) = &about.account
                && !is_account(account)
            {
                lines.push(format!(
                    "warning: {at}: `{account}` is no account, and the statement on `{}` does not count: an account is 12 digits",
                    about.recommendation
                ));
            }
        }
        lines
    }

    /// Whether any statement is for one account alone.
    #[must_use]
    pub fn name_accounts(&self) -> bool {
        self.about.iter().any(|about| about.account.is_some())
    }

    /// A line for each statement for an account that an estate has not.
    #[must_use]
    pub fn of_strangers(&self, estate: &BTreeSet<String>) -> Vec<String> {
        let named = self.about.iter();
        let named = named.filter_map(|about| Some((about, about.account.as_ref()?)));
        named
            .filter(|(_, (account, _))| is_account(account) && !estate.contains(account))
            .map(|(about, (account, at))| {
                format!(
                    "warning: {at}: the account `{account}` is not in the estate: the statement on `{}` does not count here",
                    about.recommendation
                )
            })
            .collect()
    }
}

impl Catalog {
    /// What decides a recommendation that no person has a say in; nothing of one that asks a person.
    #[must_use]
    pub fn decided_without_people(&self, row: &Recommendation) -> Option<String> {
        if row.asks_a_person() {
            return None;
        }
        let controls: Vec<&str> = self.answering(&row.id).map(|c| c.id.as_str()).collect();
        Some(match (controls.as_slice(), &row.needs) {
            ([], Some(needs)) => format!("nothing decides it yet: {needs}"),
            ([], None) => "it is to be measured, and no control does so yet".to_owned(),
            ([one], _) => format!("the control `{one}` decides it"),
            ([one, two], _) => format!("the controls `{one}` and `{two}` decide it"),
            ([one, two, more @ ..], _) => {
                format!(
                    "the controls `{one}`, `{two}` and {} more decide it",
                    more.len()
                )
            }
        })
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_that_can_never_count_is_told_with_its_place() {
        let entry = |row: &str, account: &str| {
            format!(
                "[[attestation]]\nrecommendation = '{row}'\naccount = '{account}'\nstatement = 's'\nby = 'ada'\ndate = 2026-01-02\nexpires = 2027-01-02\nevidence = 'https://x'\n"
            )
        };
        let here = "111122223333";
        let text = [
            entry("red-team", here),
            entry("red-team", "12"),
            entry("s3-account-block-public-access", here),
            entry("red-team", "999999999999"),
        ]
        .concat();
        let day = "2026-06-01".parse().unwrap();
        let all = Attestations::parse("a.toml", &text, day, |_| true).unwrap();
        let [account, row] = all
            .unheard(&Catalog::embedded().unwrap())
            .try_into()
            .unwrap();
        assert_eq!(
            account,
            "warning: a.toml:11:11: `12` is no account, and the statement on `red-team` does not count: an account is 12 digits"
        );
        assert!(
            row.starts_with(
                "warning: a.toml:18:18: nobody can attest `s3-account-block-public-access`, and the statement does not count: the control"
            ),
            "{row}"
        );
        assert_eq!(
            all.of_strangers(&BTreeSet::from([here.to_owned()])),
            [
                "warning: a.toml:27:11: the account `999999999999` is not in the estate: the statement on `red-team` does not count here"
            ]
        );
        assert!(all.name_accounts() && !Attestations::default().name_accounts());
    }
}
