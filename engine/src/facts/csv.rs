//! Reads actions from CSV, one at a time: each is an action or a reject.
//!
//! Consecutive rows with one id are one action. Each row may add an item and a touch; the other cells may be in any of the rows,
//! and must not differ. An exactly repeated touch counts once, so that rows joined from two tables do no harm.

use std::io::{self, BufRead};

use super::action::Action;
use super::action_columns::ActionColumns;
use super::error::{FactError, FactErrors, Record, Reject};
use super::row_groups::{RowGroup, RowGroups};
use super::rows::{Row, Rows};
use super::words::shown;
use crate::limits::Limits;
use crate::time::Zone;

/// Reads actions from CSV with a header, whose columns may be in any order. An empty cell is a missing field; the entries of a
/// list are separated by `;`.
#[derive(Debug)]
pub struct CsvActions<R> {
    rows: Rows<R>,
    header: String,
    columns: ActionColumns,
    groups: RowGroups<String, Row>,
}

impl<R: BufRead> CsvActions<R> {
    /// Reads the header from `input`.
    ///
    /// # Errors
    ///
    /// [`FactErrors`] when a column is unknown, repeated or missing, because no row could be trusted.
    pub fn new(input: R, limits: &Limits) -> Result<Self, FactErrors> {
        let mut rows = Rows::new(input, limits.action_bytes);
        let first = match rows.next_row() {
            Ok(Some(row)) => row,
            Ok(None) => {
                let message = "the file is empty; its first line names the columns, such as `id,event_type,occurred_at`";
                return Err(FactError::whole(message).into());
            }
            Err(error) => return Err(FactError::whole(format!("the file cannot be read: {error}")).into()),
        };
        let columns = ActionColumns::of_header(&first)?;
        let header = String::from_utf8_lossy(&first.text).into_owned();
        Ok(Self { rows, header, columns, groups: RowGroups::new(limits) })
    }

    /// Reads moments without an offset as times of this zone. Without a zone they are refused.
    pub fn in_zone(self, zone: Zone) -> Self {
        Self { columns: self.columns.in_zone(zone), ..self }
    }

    /// Returns the header line, for a rejects file.
    pub fn header(&self) -> &str {
        &self.header
    }

    /// Returns the error that ended reading before the end of the input, if there was one.
    pub fn failure(&self) -> Option<&io::Error> {
        self.groups.failure()
    }
}

impl<R: BufRead> Iterator for CsvActions<R> {
    type Item = Result<Record, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        let Self { rows, columns, groups, .. } = self;
        let id = |row: &Row| Some(row.cell(columns.id).to_owned()).filter(|id| !id.is_empty());
        let group =
            groups.next_group(|| Ok(rows.next_row()?.map(|row| (id(&row), row))), |row| row.text.len())?;
        let of = |group: &[Row]| group.first().and_then(id);
        Some(match group {
            RowGroup::Whole(group) => match columns.action(&group) {
                Ok(action) => Ok(record(group, action)),
                Err(errors) => {
                    let id = of(&group);
                    Err(reject(group, id, errors))
                }
            },
            RowGroup::Unfinished(group) => {
                let message = "the file could not be read further, so this action may not be whole";
                let id = of(&group);
                Err(reject(group, id, FactError::field("id", message).into()))
            }
            RowGroup::TooLarge(group) => {
                let id = of(&group);
                let message =
                    groups.too_large(&format!("action `{}`", shown(id.as_deref().unwrap_or_default())));
                Err(reject(group, id, FactError::field("id", message).into()))
            }
        })
    }
}

fn record(group: Vec<Row>, action: Action) -> Record {
    let (first_line, last_line, text, _) = joined(group);
    let text = String::from_utf8(text)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    Record { action, first_line, last_line, text }
}

fn reject(group: Vec<Row>, id: Option<String>, errors: FactErrors) -> Reject {
    let (first_line, _, text, complete) = joined(group);
    Reject { first_line, text, complete, id, errors: errors.on_line(first_line) }
}

pub(super) fn joined(group: Vec<Row>) -> (u64, u64, Vec<u8>, bool) {
    let mut rows = group.into_iter();
    let first = rows.next().unwrap_or_default();
    rows.fold(
        (first.first_line, first.last_line, first.text, first.complete),
        |(from, _, mut text, complete), row| {
            text.push(b'\n');
            text.extend(row.text);
            (from, row.last_line, text, complete && row.complete)
        },
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;
    use crate::facts::Attribute;

    const HEADER: &str = "id,event_type,occurred_at,amount,promo_codes,customer.status,item.sku,item.quantity,item.amount,touch.partner,touch.at,touch.kind,attributes.size\n";
    const AT: &str = "2026-03-01T10:00:00Z";

    fn read(rows: &str) -> Vec<Result<Record, Reject>> {
        let text = format!("{HEADER}{}", rows.replace("AT", AT));
        CsvActions::new(io::BufReader::with_capacity(7, text.as_bytes()), &Limits::default())
            .unwrap()
            .collect()
    }

    fn faults(result: &Result<Record, Reject>) -> Vec<String> {
        result.as_ref().unwrap_err().errors.0.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn rows_of_one_id_are_one_action() {
        let read = read(
            "a1,sale,AT,30.00,X; y,new,A,2,10.00,p,AT,click,5\na1,,,,,,B,,20.00,p,AT,click,\na2,lead,AT,,,,,,,,,,\n",
        );
        let first = read[0].as_ref().unwrap();
        assert_eq!((first.first_line, first.last_line), (2, 3));
        assert_eq!(first.action.items.len(), 2);
        assert_eq!(first.action.items[0].quantity, 2);
        assert_eq!(first.action.items[1].quantity, 1);
        assert_eq!(first.action.touches.len(), 1);
        assert_eq!(first.action.promo_codes, ["X", "y"]);
        assert_eq!(first.action.attributes["size"], Attribute::Text("5".into()));
        assert!(first.text.ends_with("p,2026-03-01T10:00:00Z,click,"));
        assert_eq!(read[1].as_ref().unwrap().action.amount, None);
        assert_eq!(read.len(), 2);
    }

    #[test]
    fn the_same_facts_as_json() {
        let csv = &read("a1,sale,AT,30.00,,new,,,,p,AT,click,\n")[0];
        let json = format!(
            r#"{{"id":"a1","event_type":"sale","occurred_at":"{AT}","amount":30.00,"customer":{{"status":"new"}},"touches":[{{"partner":"p","at":"{AT}","kind":"click"}}]}}"#
        );
        assert_eq!(csv.as_ref().unwrap().action, super::super::read_action(&json).unwrap());
    }

    #[test]
    fn every_fault_names_line_and_column() {
        let read = read(
            "a1,sale,yesterday,x,,,A,1.5,,p,AT,clik,\na2,sale,AT,1,,new,,,,,,,\na2,,,2,,,,,,,,,\na3,sale\n,sale,AT,,,,,,,,,,\n",
        );
        let first = faults(&read[0]);
        assert!(
            first.iter().any(|f| f.starts_with("line 2: occurred_at: `yesterday` is not a moment")),
            "{first:?}"
        );
        assert!(first.iter().any(|f| f.starts_with("line 2: amount: `x` is not a decimal")), "{first:?}");
        assert!(
            first.iter().any(|f| f.starts_with("line 2: item.quantity: expected a whole number")),
            "{first:?}"
        );
        assert!(first.iter().any(|f| f.starts_with("line 2: item.amount: needed")), "{first:?}");
        assert!(first.iter().any(|f| f.contains("write `click`, `impression` or `code`")), "{first:?}");
        assert_eq!(faults(&read[1]), ["line 4: amount: `2` here, but `1` on line 3 of the same action"]);
        assert_eq!(faults(&read[2]), ["line 5: this row has 2 cells, but the header has 13"]);
        assert_eq!(faults(&read[3]), ["line 6: id: this cell is empty, and every action needs it"]);
        assert_eq!(
            read[1].as_ref().unwrap_err().text,
            format!("a2,sale,{AT},1,,new,,,,,,,\na2,,,2,,,,,,,,,").as_bytes()
        );
    }

    #[test]
    fn a_broken_row_spoils_its_whole_action_and_no_other() {
        let read = read("a1,sale,AT,1,,,A,,1,,,,\na1,,,,,,B\na2,sale,AT,1,,,,,,,,,\n");
        assert!(read[0].is_err());
        assert!(read[1].is_ok());
    }

    #[test]
    fn headers() {
        let header =
            |text: &str| CsvActions::new(text.as_bytes(), &Limits::default()).unwrap_err().to_string();
        assert!(header("").contains("the file is empty"));
        assert!(header("id,event_type,ocurred_at\n").contains("did you mean `occurred_at`"));
        assert!(header("id,event_type\n").contains("occurred_at: this column is missing"));
        assert!(header("id,event_type,occurred_at,id\n").contains("id: this column appears twice"));
        assert!(header("id;event_type;occurred_at\n").contains("separated by commas"));
    }

    #[test]
    fn too_many_rows_are_rejected_whole() {
        let limits = Limits { items: 2, touches: 1, ..Limits::default() };
        let mut text = HEADER.to_owned();
        for _ in 0..8 {
            text.push_str(&format!("a1,sale,{AT},1,,,A,,1,,,,\n"));
        }
        text.push_str(&format!("a2,sale,{AT},1,,,A,,1,,,,\n"));
        let read: Vec<_> = CsvActions::new(text.as_bytes(), &limits).unwrap().collect();
        assert_eq!(read.iter().map(Result::is_ok).collect::<Vec<_>>(), [false, false, false, true]);
    }
}
