//! Finds out how cells are written, by what all of them allow.

use crate::dates::DateForm;
use crate::numbers::NumberForm;

/// The forms of dates that are tried, with the order of year, month and day. Of the forms of one order, the first is proposed.
const DATES: [(&str, &str); 24] = [
    ("YYYY-MM-DD", "ymd"),
    ("YYYY/MM/DD", "ymd"),
    ("YYYY.MM.DD", "ymd"),
    ("DD.MM.YYYY", "dmy"),
    ("D.M.YYYY", "dmy"),
    ("DD/MM/YYYY", "dmy"),
    ("D/M/YYYY", "dmy"),
    ("DD-MM-YYYY", "dmy"),
    ("D-M-YYYY", "dmy"),
    ("DD-MMM-YYYY", "dmy"),
    ("DD MMM YYYY", "dmy"),
    ("DD.MM.YY", "dmy"),
    ("D/M/YY", "dmy"),
    ("MM/DD/YYYY", "mdy"),
    ("M/D/YYYY", "mdy"),
    ("MM-DD-YYYY", "mdy"),
    ("M-D-YYYY", "mdy"),
    ("MM.DD.YYYY", "mdy"),
    ("M.D.YYYY", "mdy"),
    ("MM.DD.YY", "mdy"),
    ("M/D/YY", "mdy"),
    ("YY.MM.DD", "ymd"),
    ("YY/MM/DD", "ymd"),
    ("YY-MM-DD", "ymd"),
];
/// The forms of times that may follow a date.
const TIMES: [&str; 8] =
    ["", " HH:mm", " HH:mm:ss", " h:mm A", " h:mm:ss A", "THH:mm:ssZ", " HH:mm:ss Z", " HH:mm:ssZ"];

/// How numbers are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum MarkGuess {
    /// There is no mark, or no number.
    #[default]
    None,
    /// The mark before decimals, and the one between thousands.
    Marks(char, Option<char>),
    /// A single mark with three digits behind it, as in this number.
    Ambiguous(String),
    /// A number that has no known form.
    Unknown(String),
}

/// How dates are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DateGuess {
    /// The cells are empty, or they are dates of a spreadsheet or in RFC 3339: no form is needed.
    Unneeded,
    /// The only form that all cells have.
    Form(String),
    /// Several forms that all cells have.
    Ambiguous(Vec<String>),
    /// A cell that has no known form.
    Unknown(String),
}

/// Returns how numbers are written.
pub(super) fn marks<'c>(cells: impl Iterator<Item = &'c str>) -> MarkGuess {
    let cells: Vec<String> = cells.filter(|cell| !cell.is_empty()).map(number_part).collect();
    let forms = [
        ('.', None),
        (',', None),
        ('.', Some(',')),
        (',', Some('.')),
        ('.', Some('\'')),
        (',', Some(' ')),
        ('.', Some(' ')),
    ];
    let fits = |decimal_mark, thousands_mark| {
        let form = NumberForm { decimal_mark, thousands_mark, currency_marks: Vec::new() };
        move |cell: &String| form.read(cell).is_ok()
    };
    let has_mark = cells.iter().any(|cell| cell.contains([',', '.', '\'', ' ']));
    let possible: Vec<(char, Option<char>)> = forms
        .into_iter()
        .filter(|(decimal, thousands)| cells.iter().all(fits(*decimal, *thousands)))
        .collect();
    if !has_mark {
        return MarkGuess::None;
    }
    let Some((decimal, thousands)) = possible.first().copied() else {
        let odd = cells
            .iter()
            .find(|cell| !forms.iter().any(|(decimal, thousands)| fits(*decimal, *thousands)(cell)));
        return MarkGuess::Unknown(odd.or(cells.first()).cloned().unwrap_or_default());
    };
    // The same digits must be the same number in every form that is possible.
    let number = |cell: &str, (decimal_mark, thousands_mark)| {
        let form = NumberForm { decimal_mark, thousands_mark, currency_marks: Vec::new() };
        form.read(cell).unwrap_or_default().into_owned()
    };
    let differs = |cell: &&String| {
        possible.iter().any(|form| number(cell, *form) != number(cell, (decimal, thousands)))
    };
    match cells.iter().find(differs) {
        Some(cell) => MarkGuess::Ambiguous(cell.clone()),
        None => MarkGuess::Marks(decimal, thousands),
    }
}

/// Returns the texts before and behind a number, which may be a currency.
pub(super) fn currency_marks(cell: &str) -> Vec<String> {
    let is_number =
        |letter: char| letter.is_ascii_digit() || "-.,'".contains(letter) || letter.is_whitespace();
    let marks = cell.split(is_number).filter(|mark| !mark.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    if cell.contains(|letter: char| letter.is_ascii_digit()) { marks } else { Vec::new() }
}

/// Returns a number without what may be a currency before or behind it.
fn number_part(cell: &str) -> String {
    cell.trim_matches(|letter: char| !letter.is_ascii_digit() && letter != '-').to_owned()
}

/// Returns how dates are written.
pub(super) fn dates<'c>(cells: impl Iterator<Item = &'c str>) -> DateGuess {
    let cells: Vec<&str> = cells.filter(|cell| !cell.is_empty()).collect();
    if cells.iter().all(|cell| crate::dates::read(cell, &[], Some(accrue::time::Zone::UTC)).is_ok()) {
        return DateGuess::Unneeded;
    }
    let reads = |form: &DateForm, cell: &str| matches!(form.read(cell), Some(Some(_)));
    let (mut possible, mut orders): (Vec<DateForm>, Vec<&str>) = (Vec::new(), Vec::new());
    let mut is_known = vec![false; cells.len()];
    for (date, order) in DATES {
        let forms = TIMES.iter().filter_map(|time| DateForm::parse(&format!("{date}{time}")).ok());
        for form in forms {
            let read: Vec<bool> = cells.iter().map(|cell| reads(&form, cell)).collect();
            is_known.iter_mut().zip(&read).for_each(|(is, read)| *is |= read);
            if read.iter().all(|read| *read) && !orders.contains(&order) {
                orders.push(order);
                possible.push(form);
            }
        }
    }
    match possible.as_slice() {
        [] => {
            let odd = cells.iter().zip(is_known).find(|(_, is_known)| !is_known).map(|(cell, _)| cell);
            DateGuess::Unknown(odd.or(cells.first()).copied().unwrap_or_default().to_owned())
        }
        [only] => DateGuess::Form(only.text().to_owned()),
        several => DateGuess::Ambiguous(several.iter().map(|form| form.text().to_owned()).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_what_all_numbers_allow() {
        let found = |cells: &[&str]| marks(cells.iter().copied());
        assert_eq!(found(&["1.537,66", "12,50 €"]), MarkGuess::Marks(',', Some('.')));
        assert_eq!(found(&["$1,234.56", "5"]), MarkGuess::Marks('.', Some(',')));
        assert_eq!(found(&["12,50"]), MarkGuess::Marks(',', None));
        assert_eq!(found(&["1.234"]), MarkGuess::Ambiguous("1.234".into()));
        assert_eq!(found(&["1.234", "5.50"]), MarkGuess::Marks('.', None));
        assert_eq!(found(&["5", ""]), MarkGuess::None);
        assert_eq!(found(&["5.5.5"]), MarkGuess::Unknown("5.5.5".into()));
    }

    #[test]
    fn dates_are_what_all_cells_allow() {
        let found = |cells: &[&str]| dates(cells.iter().copied());
        assert_eq!(found(&["28.03.2026 09:01"]), DateGuess::Form("DD.MM.YYYY HH:mm".into()));
        assert_eq!(found(&["2/3/2026", "13/3/2026"]), DateGuess::Form("D/M/YYYY".into()));
        assert_eq!(found(&["2/13/2026 9:01 PM"]), DateGuess::Form("M/D/YYYY h:mm A".into()));
        assert_eq!(
            found(&["02/03/2026"]),
            DateGuess::Ambiguous(vec!["DD/MM/YYYY".into(), "MM/DD/YYYY".into()])
        );
        assert!(matches!(found(&["02/02/2026"]), DateGuess::Ambiguous(_)));
        assert_eq!(
            found(&["12/11/10"]),
            DateGuess::Ambiguous(vec!["D/M/YY".into(), "M/D/YY".into(), "YY/MM/DD".into()])
        );
        assert_eq!(found(&["2026-03-02 09:01:00"]), DateGuess::Unneeded);
        assert_eq!(found(&["soon"]), DateGuess::Unknown("soon".into()));
    }
}
