//! Rows as AWS answered them: members in the API's own spelling (`vpc_id` is `VpcId`), JSON documents parsed.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::DataType;
use palisade_core::schema::{CALLS, ColumnType, TableSchema};
use serde_json::{Map, Value};

/// The rows of a table, in the order of the snapshot. A row is restored when it is asked for.
#[derive(Debug)]
pub(crate) struct Restored {
    batches: Vec<RecordBatch>,
    columns: Vec<Column>,
}

/// One row: its batch, and its place there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row(usize, usize);

#[derive(Debug)]
struct Column {
    name: String,
    member: String,
    form: Form,
}

/// What becomes of a value: worked out once for a table.
#[derive(Debug)]
enum Form {
    AsIs,
    Json,
    List(Box<Self>),
    Struct(Vec<(String, Self)>),
}

impl Restored {
    /// All batches have the columns of the first.
    pub(crate) fn new(batches: Vec<RecordBatch>, schema: Option<&TableSchema>) -> Self {
        let fields = batches.first().map(RecordBatch::schema_ref);
        let column = |field: &arrow::datatypes::FieldRef| {
            let declared = schema.and_then(|s| s.column(field.name()));
            Column {
                name: field.name().clone(),
                member: match schema {
                    Some(_) => spelled(field.name()),
                    None => field.name().clone(),
                },
                form: Form::of(declared.map(|c| &c.ty), field.data_type()),
            }
        };
        let columns = fields.into_iter().flat_map(|schema| schema.fields());
        Self {
            columns: columns.map(column).collect(),
            batches,
        }
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = Row> {
        let batches = self.batches.iter().enumerate();
        batches.flat_map(|(at, batch)| (0..batch.num_rows()).map(move |row| Row(at, row)))
    }

    /// A text of a row.
    pub(crate) fn text(&self, row: Row, column: &str) -> Option<&str> {
        let values = self.batches.get(row.0)?.column_by_name(column)?;
        let texts = values.as_string_opt::<i32>()?;
        (row.1 < texts.len() && !texts.is_null(row.1)).then(|| texts.value(row.1))
    }

    /// The columns of these names.
    pub(crate) fn columns(&self, wanted: &[&str]) -> Vec<usize> {
        self.wanted(|column| wanted.contains(&column.name.as_str()))
    }

    /// The columns whose members have these names; without names all that AWS answers with.
    pub(crate) fn members(&self, wanted: Option<&[&str]>) -> Vec<usize> {
        self.wanted(|column| match wanted {
            Some(wanted) => wanted.contains(&column.member.as_str()),
            None => column.name != CALLS,
        })
    }

    fn wanted(&self, wanted: impl Fn(&Column) -> bool) -> Vec<usize> {
        let all = self.columns.iter().enumerate();
        let all = all.filter(|(_, column)| wanted(column));
        all.map(|(at, _)| at).collect()
    }

    /// A row with some of its columns; values that are null are left out.
    pub(crate) fn object(&self, row: Row, columns: &[usize]) -> Map<String, Value> {
        let values = self
            .batches
            .get(row.0)
            .map_or(&[][..], RecordBatch::columns);
        let columns = columns
            .iter()
            .filter_map(|at| Some((self.columns.get(*at)?, values.get(*at)?)));
        columns
            .filter(|(_, values)| !values.is_null(row.1))
            .map(|(column, values)| (column.member.clone(), column.form.restore(values, row.1)))
            .collect()
    }
}

impl Form {
    fn of(declared: Option<&ColumnType>, stored: &DataType) -> Self {
        match (declared, stored) {
            (Some(ColumnType::Json), DataType::Utf8) => Self::Json,
            (Some(ColumnType::List(item)), DataType::List(field)) => {
                Self::List(Box::new(Self::of(Some(item), field.data_type())))
            }
            (Some(ColumnType::Struct(types)), DataType::Struct(fields)) => {
                let member = |field: &arrow::datatypes::FieldRef| {
                    let ty = types.iter().find(|(n, _)| n == field.name());
                    let form = Self::of(ty.map(|(_, ty)| ty), field.data_type());
                    (spelled(field.name()), form)
                };
                Self::Struct(fields.iter().map(member).collect())
            }
            _ => Self::AsIs,
        }
    }

    fn restore(&self, values: &dyn Array, row: usize) -> Value {
        if values.is_null(row) {
            return Value::Null;
        }
        match self {
            Self::AsIs => crate::run::whole(values, row),
            Self::Json => {
                let text = values.as_string::<i32>().value(row);
                serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
            }
            Self::List(item) => {
                let items = values.as_list::<i32>().value(row);
                (0..items.len())
                    .map(|at| item.restore(&items, at))
                    .collect()
            }
            Self::Struct(members) => {
                let columns = members.iter().zip(values.as_struct().columns());
                let told = columns.filter(|(_, values)| !values.is_null(row));
                told.map(|((name, form), values)| (name.clone(), form.restore(values, row)))
                    .collect()
            }
        }
    }
}

/// `vpc_id` as `VpcId`.
pub(crate) fn spelled(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for part in name.split('_') {
        let mut chars = part.chars();
        out.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        out.push_str(chars.as_str());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derived::batch;
    use palisade_core::schema::{Column as Declared, Origin};
    use serde_json::json;

    #[test]
    fn rows_are_spelled_as_the_api_spells_them() {
        let ty = "struct<ipv6_ranges list<struct<cidr_ipv6 text>>, target_groups list<json>>";
        let column = |name: &str, ty: &str| Declared {
            name: name.to_owned(),
            ty: ty.parse().unwrap(),
            origin: Origin::List,
        };
        let schema = TableSchema {
            table: "aws_test".to_owned(),
            columns: vec![column("account_id", "text"), column("ip_rule", ty)],
        };
        let rule = json!({ "ipv6_ranges": [{ "cidr_ipv6": "::/0" }], "target_groups": ["{\"TargetGroupArn\":\"a\"}", "b"] });
        let rows = [
            json!({ "account_id": "1", "ip_rule": rule }),
            json!({ "account_id": "2" }),
        ];
        let batches = vec![batch(&schema, &rows).unwrap()];
        let table = Restored::new(batches, Some(&schema));
        let columns = table.members(None);
        let restored = table.rows().map(|row| table.object(row, &columns).into());
        let rule = json!({ "Ipv6Ranges": [{ "CidrIpv6": "::/0" }], "TargetGroups": [{ "TargetGroupArn": "a" }, "b"] });
        assert_eq!(
            restored.collect::<Vec<Value>>(),
            [
                json!({ "AccountId": "1", "IpRule": rule }),
                json!({ "AccountId": "2" })
            ]
        );
        let second = table.rows().nth(1).unwrap();
        assert_eq!(table.text(second, "account_id"), Some("2"));
        let one = table.members(Some(&["AccountId"]));
        assert_eq!(one, table.columns(&["account_id"]));
    }
}
