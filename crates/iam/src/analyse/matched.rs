//! Which statements match at each point of a question's dimensions, and how much work it is to see that.

use super::{
    Unknown,
    classes::Classes,
    points::{self, Assignment},
    space::Matches,
    steps::{Steps, matching},
};
use crate::{
    eval,
    model::{Context, Request, Statement, Template},
};

/// For each dimension and point, the statements that match there, and its class.
pub(super) fn dimensions(
    statements: &[&Statement],
    actions: &[String],
    resources: &[String],
    free: &[Vec<Assignment>],
    base: &Request,
    steps: &Steps,
) -> Result<Vec<Vec<Matches>>, Unknown> {
    let matching = |test: &dyn Fn(&Statement) -> bool, class: &dyn Fn(usize) -> bool| {
        Matches::new(
            statements
                .iter()
                .map(|statement| test(statement))
                .chain((0..Classes::COUNT).map(class)),
        )
    };
    steps.take(work(statements, actions, resources, free))?;
    let mut request = base.clone();
    let mut dimensions = vec![
        actions
            .iter()
            .map(|action| {
                request.action = action.to_lowercase();
                let own = Classes::of_action(&request.action);
                matching(
                    &|statement| eval::action(&statement.actions, &request),
                    &|class| class >= Classes::ACTIONS || class == own,
                )
            })
            .collect(),
    ];
    dimensions.push(
        resources
            .iter()
            .map(|resource| {
                request.resource.clone_from(resource);
                let own = Classes::ACTIONS + Classes::of_resource(resource);
                matching(
                    &|statement| eval::resource(statement.resources.as_ref(), &request),
                    &|class| class < Classes::ACTIONS || class == own,
                )
            })
            .collect(),
    );
    for points in free {
        let keys = keys(points);
        dimensions.push(
            points
                .iter()
                .map(|point| {
                    let context = points::told(point);
                    matching(&|statement| met_on(&keys, statement, &context), &|_| true)
                })
                .collect(),
        );
    }
    Ok(dimensions)
}

/// The keys that the points of a dimension tell: all tell the same.
pub(super) fn keys(points: &[Assignment]) -> Vec<&str> {
    let first = points.first().into_iter().flatten();
    first.map(|(key, _)| key.as_str()).collect()
}

/// Whether a statement's conditions on some of the keys are met.
pub(super) fn met_on(keys: &[&str], statement: &Statement, context: &Context) -> bool {
    let conditions = statement.conditions.iter();
    conditions
        .filter(|condition| keys.contains(&condition.key.as_str()))
        .all(|condition| eval::met::<bool>(condition, context))
}

/// How much work it is to match all points with all statements.
pub(super) fn work(
    statements: &[&Statement],
    actions: &[String],
    resources: &[String],
    free: &[Vec<Assignment>],
) -> usize {
    let all = |texts: &[String], patterns: &mut dyn Iterator<Item = &Template>| -> usize {
        let lengths: Vec<usize> = patterns.map(|pattern| pattern.text().len()).collect();
        let one = |text: &String| -> usize {
            let lengths = lengths.iter();
            lengths.map(|length| matching(*length, text.len())).sum()
        };
        // Few texts are long: those that are not are all alike.
        let short = String::new();
        let plain = one(&short) + statements.len();
        let of = |text: &String| if text.len() < 32 { plain } else { one(text) };
        texts.iter().map(of).fold(0, usize::saturating_add)
    };
    let by_action = all(
        actions,
        &mut statements.iter().flat_map(|found| &found.actions.patterns),
    );
    let by_resource = all(
        resources,
        &mut statements
            .iter()
            .flat_map(|found| &found.resources)
            .flat_map(|found| &found.patterns),
    );
    let conditions = statements.iter().flat_map(|found| &found.conditions);
    let values: usize = conditions.map(|condition| 1 + condition.values.len()).sum();
    let points: usize = free.iter().map(Vec::len).sum();
    let by_key = points.saturating_mul(statements.len() + values);
    by_action.saturating_add(by_resource).saturating_add(by_key)
}
