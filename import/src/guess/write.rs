//! Writes a proposed mapping as TOML, with the questions that are left.

use super::cells::{DateGuess, MarkGuess};
use super::{Findings, names};

/// The columns that every action needs.
const REQUIRED: [&str; 2] = ["id", "occurred_at"];

/// A proposal while it is written.
struct Draft {
    toml: String,
    notes: Vec<String>,
    questions: Vec<String>,
}

impl Findings {
    /// Writes the proposal: the text, the notes and the questions. `stem` is the name of the export.
    pub(super) fn write(&self, stem: &str) -> (String, Vec<String>, Vec<String>) {
        let mut guess = Draft { toml: String::new(), notes: Vec::new(), questions: Vec::new() };
        guess.line(&format!("title = {}", text(stem)));
        guess.line("# Complete the lines that begin with `# ?`: remove `# ?` once a line is right.");
        self.write_file(&mut guess);
        self.write_values(&mut guess);
        self.write_columns(&mut guess);
        if !self.others.is_empty() {
            let others: Vec<String> = self.others.iter().map(|name| text(name)).collect();
            guess.section("rows");
            guess.line(&format!("ignore = [{}]", others.join(", ")));
            guess.notes.push(format!("these columns are left aside: {}", self.others.join(", ")));
        }
        if let Some((column, cells)) = &self.status {
            let cells: Vec<String> = cells.iter().map(|cell| text(cell)).collect();
            guess.toml.push('\n');
            guess.line("# ? [status]");
            guess.line(&format!("# ? column = {}", text(column)));
            guess.line(&format!(
                "# ? approved = [{}]  # move cells to `pending = […]` or `reversed = […]`",
                cells.join(", ")
            ));
            guess.questions.push(format!(
                "which cells of `{column}` mean that a transaction is pending, approved or reversed?"
            ));
        }
        if self.is_cut {
            guess.notes.push("only the first rows were looked at; an import checks all of them".to_owned());
        }
        (guess.toml, guess.notes, guess.questions)
    }

    fn write_file(&self, guess: &mut Draft) {
        let delimiter =
            if self.delimiter == b'\t' { "tab".to_owned() } else { char::from(self.delimiter).to_string() };
        guess
            .notes
            .push(format!("cells are separated at `{delimiter}`, which each import finds out for itself"));
        if self.is_encoding_open {
            guess.section("file");
            guess.line("# ? encoding = \"windows-1252\"  # or another, such as \"iso-8859-2\"");
            guess.questions.push("in which encoding is the file? It is not UTF-8".to_owned());
        }
    }

    fn write_values(&self, guess: &mut Draft) {
        guess.section("values");
        match &self.marks {
            MarkGuess::None => {}
            MarkGuess::Marks(decimal, thousands) => {
                guess.line(&format!("decimal_mark = {}", text(&decimal.to_string())));
                if let Some(thousands) = thousands {
                    guess.line(&format!("thousands_mark = {}", text(&thousands.to_string())));
                }
                guess.notes.push(format!("decimals stand behind `{decimal}`, as all amounts allow"));
            }
            MarkGuess::Ambiguous(cell) => {
                let mark =
                    cell.chars().find(|letter| !letter.is_ascii_digit() && *letter != '-').unwrap_or('.');
                let (decimal, other) = if mark == ',' { (',', '.') } else { ('.', ',') };
                guess.line(&format!(
                    "# ? decimal_mark = \"{decimal}\"  # or \"{other}\", with thousands_mark = \"{decimal}\""
                ));
                guess
                    .questions
                    .push(format!("does `{mark}` in `{cell}` stand before decimals, or between thousands?"));
            }
            MarkGuess::Unknown(cell) => {
                guess.line("# ? decimal_mark = \".\"");
                guess.questions.push(format!("what is the number in `{cell}`?"));
            }
        }
        if !self.currency_marks.is_empty() {
            let marks: Vec<String> = self.currency_marks.iter().map(|mark| text(mark)).collect();
            guess.line(&format!("currency_marks = [{}]", marks.join(", ")));
            guess.notes.push(format!(
                "{} beside amounts is dropped; name the currency in `currency`",
                marks.join(", ")
            ));
        }
        match &self.dates {
            DateGuess::Unneeded => {}
            DateGuess::Form(form) => {
                guess.line(&format!("dates = [{}]", text(form)));
                guess.notes.push(format!("dates have the form `{form}`, as all cells allow"));
            }
            DateGuess::Ambiguous(forms) => {
                let forms: Vec<String> = forms.iter().map(|form| format!("[{}]", text(form))).collect();
                if let Some((first, others)) = forms.split_first() {
                    guess.line(&format!("# ? dates = {first}  # or {}", others.join(" or ")));
                }
                guess.questions.push(
                    "which number of a date is the day? Every cell can be read in several orders".to_owned(),
                );
            }
            DateGuess::Unknown(cell) => {
                guess.line("# ? dates = [\"DD.MM.YYYY HH:mm\"]");
                guess.questions.push(format!("which form has the date `{cell}`?"));
            }
        }
        if self.needs_zone {
            guess.line("# ? time_zone = \"Europe/Berlin\"");
            guess.questions.push("in which time zone are the dates? They have no offset".to_owned());
        }
    }

    fn write_columns(&self, guess: &mut Draft) {
        guess.section("columns");
        for wanted in
            REQUIRED.into_iter().filter(|wanted| !self.columns.iter().any(|(target, _)| target == wanted))
        {
            guess.line(&format!("# ? {wanted} = \"…\""));
            guess.questions.push(format!("which column is `{wanted}`?"));
        }
        guess.line("# ? event_type = { value = \"sale\" }");
        guess.questions.push(
            "what are the transactions: the event type `sale`, or another one of your program?".to_owned(),
        );
        for (target, name) in &self.columns {
            let key = if target.contains('.') { text(target) } else { (*target).to_owned() };
            let column = text(name);
            match *target {
                "promo_codes" if self.has_commas => {
                    guess.line(&format!("{key} = {{ column = {column}, list = \",\" }}"));
                    guess.notes.push(format!("commas in `{name}` separate codes"));
                }
                "customer.status" if !self.customers.is_empty() => {
                    let cells: Vec<String> =
                        self.customers.iter().map(|cell| format!("{} = \"new\"", text(cell))).collect();
                    let values = cells.join(", ");
                    guess.line(&format!("# ? {key} = {{ column = {column}, values = {{ {values} }} }}  # each is \"new\" or \"existing\""));
                    guess.questions.push(format!(
                        "which cells of `{name}` mean a new customer, and which an existing one?"
                    ));
                }
                _ => guess.line(&format!("{key} = {column}")),
            }
        }
        if self.columns.iter().any(|(target, _)| names::is_amount(target))
            && !self.columns.iter().any(|(target, _)| *target == "currency")
        {
            guess
                .notes
                .push("there is no column for the currency, so amounts are in the program's".to_owned());
        }
    }
}

impl Draft {
    fn line(&mut self, line: &str) {
        self.toml.push_str(line);
        self.toml.push('\n');
    }

    fn section(&mut self, name: &str) {
        self.toml.push_str(&format!("\n[{name}]\n"));
    }
}

/// Returns a text as TOML has it.
fn text(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
