//! Actions and condition keys as their documentation spells them.

use super::Authorization;
use crate::validate::global_keys;

impl Authorization {
    /// A pattern of actions in the spelling of the actions that it matches: `s3:get*` is `s3:Get*`. What is not known here
    /// stays as it is.
    #[must_use]
    pub fn spelled_action(&self, pattern: &str) -> String {
        let known = pattern.split_once(':').and_then(|(prefix, name)| {
            let service = self.service(prefix)?;
            let name = match service.action(name) {
                Some(action) => action.name.clone(),
                None => service
                    .actions
                    .iter()
                    .find_map(|action| laid_over(name, &action.name))?,
            };
            Some(format!("{}:{name}", service.prefix))
        });
        known.unwrap_or_else(|| pattern.to_owned())
    }

    /// A condition key in its documented spelling: `aws:principalorgid` is `aws:PrincipalOrgID`. The part that users name
    /// stays as it is, and so does what is not known here.
    #[must_use]
    pub fn spelled_key(&self, key: &str) -> String {
        let spelled = |name: &str| -> Option<String> {
            // `aws:PrincipalTag/` and `s3:ExistingObjectTag/<key>` take a tag's key.
            let fixed = name.split(['<', '$']).next()?;
            let is_open = fixed.len() < name.len() || fixed.ends_with('/');
            let (start, rest) = key.split_at_checked(fixed.len())?;
            let is_it = start.eq_ignore_ascii_case(fixed) && (is_open != rest.is_empty());
            is_it.then(|| format!("{fixed}{rest}"))
        };
        let (prefix, _) = key.split_once(':').unwrap_or_default();
        let own = self.service(prefix).into_iter();
        let mut own = own.flat_map(|service| &service.keys);
        own.find_map(|key| spelled(&key.name))
            .or_else(|| global_keys().find_map(spelled))
            .unwrap_or_else(|| key.to_owned())
    }
}

/// The pattern in the letters of a name that it matches, letter case aside.
fn laid_over(pattern: &str, name: &str) -> Option<String> {
    let lower = name.to_lowercase();
    let mut spelled = String::with_capacity(pattern.len());
    let mut from = 0;
    let mut rest = pattern;
    while !rest.is_empty() {
        let end = rest.find(['*', '?']).unwrap_or(rest.len());
        let (text, after) = rest.split_at_checked(end)?;
        let wanted = text.to_lowercase();
        let start = if rest.len() == pattern.len() {
            lower.starts_with(&wanted).then_some(0)?
        } else if after.is_empty() {
            lower
                .ends_with(&wanted)
                .then(|| lower.len() - wanted.len())
                .filter(|start| *start >= from)?
        } else {
            from + lower.get(from..)?.find(&wanted)?
        };
        from = start + wanted.len();
        spelled.push_str(name.get(start..from)?);
        let mut wildcards = after.chars();
        if let Some(wildcard) = wildcards.next() {
            spelled.push(wildcard);
            if wildcard == '?' {
                from += 1;
            }
        }
        rest = wildcards.as_str();
    }
    Some(spelled)
}

#[cfg(test)]
mod tests {
    use super::laid_over;

    #[test]
    fn patterns_in_the_letters_of_names() {
        let over = |pattern: &str, name: &str| laid_over(pattern, name).unwrap_or_default();
        assert_eq!(over("get*", "GetObject"), "Get*");
        assert_eq!(over("*object", "GetObject"), "*Object");
        assert_eq!(over("g?t*acl", "GetObjectAcl"), "G?t*Acl");
        assert_eq!(over("*", "GetObject"), "*");
        assert_eq!(over("put*", "GetObject"), "");
    }
}
