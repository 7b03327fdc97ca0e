//! Reads numbers as exports write them, and returns them as the engine reads them: digits with a point before decimals.
//!
//! Works on the text alone, so that no digit is lost.

use std::borrow::Cow;

/// How an export writes numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NumberForm {
    /// The mark before decimals.
    pub(crate) decimal_mark: char,
    /// The mark between groups of three digits.
    pub(crate) thousands_mark: Option<char>,
    /// Texts before or after an amount that are dropped.
    pub(crate) currency_marks: Vec<String>,
}

impl Default for NumberForm {
    fn default() -> Self {
        Self { decimal_mark: '.', thousands_mark: None, currency_marks: Vec::new() }
    }
}

impl NumberForm {
    /// Returns a number as the engine reads it.
    ///
    /// # Errors
    ///
    /// A sentence about why the text is no number of this form, and what to write in the mapping.
    pub(crate) fn read<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, String> {
        // The usual case: the text is what the engine reads.
        if self.decimal_mark == '.'
            && let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"))
            && [whole, fraction].into_iter().all(is_digits)
        {
            return Ok(Cow::Borrowed(text));
        }
        let shown = || text.chars().take(40).collect::<String>();
        let (negative, bare) = self.bare(text);
        let (whole, fraction) = match bare.split_once(self.decimal_mark) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (bare, None),
        };
        let Some(whole) = self.ungrouped(whole).filter(|whole| is_digits(whole)) else {
            return Err(format!("`{}` is not a number; {}", shown(), self.remedy(bare)));
        };
        if fraction.is_some_and(|fraction| !is_digits(fraction)) {
            return Err(format!("`{}` is not a number; {}", shown(), self.remedy(bare)));
        }
        let sign = if negative { "-" } else { "" };
        Ok(Cow::Owned(match fraction {
            Some(fraction) => format!("{sign}{whole}.{fraction}"),
            None => format!("{sign}{whole}"),
        }))
    }

    /// Writes a number that has a point before decimals, such as a cell of a spreadsheet, in this form.
    pub(crate) fn write(&self, number: &str) -> String {
        number.replace('.', self.decimal_mark.encode_utf8(&mut [0; 4]))
    }

    /// Returns whether a number is negative, and its text without sign and currency.
    fn bare<'t>(&self, text: &'t str) -> (bool, &'t str) {
        let (mut negative, mut text) = (false, text.trim());
        loop {
            let before = text;
            if !negative && let Some(rest) = text.strip_prefix(['-', '\u{2212}']) {
                negative = true;
                text = rest.trim_start();
            }
            for mark in &self.currency_marks {
                let end = text.strip_suffix(mark.as_str());
                text = text.strip_prefix(mark.as_str()).or(end).unwrap_or(text).trim();
            }
            if text.len() == before.len() {
                return (negative, text);
            }
        }
    }

    /// Returns the digits of a whole number without the marks between its groups. `None` if a group has not three digits.
    fn ungrouped(&self, whole: &str) -> Option<String> {
        let Some(mark) = self.thousands_mark else { return Some(whole.to_owned()) };
        let groups: Vec<&str> = whole.split(|letter| same_mark(letter, mark)).collect();
        let (first, rest) = groups.split_first()?;
        let whole_groups = rest.iter().all(|group| group.len() == 3) && (rest.is_empty() || first.len() <= 3);
        whole_groups.then(|| groups.concat())
    }

    /// Returns what to do about a text that is no number of this form.
    fn remedy(&self, bare: &str) -> String {
        let odd = bare.chars().find(|letter| !letter.is_ascii_digit() && !self.knows(*letter));
        match odd {
            Some(letter @ (',' | '.' | '\'' | '\u{2019}' | ' ' | '\u{A0}' | '\u{202F}')) => {
                let letter = if letter.is_whitespace() { ' ' } else { letter };
                format!(
                    "if `{letter}` separates thousands or decimals, write `thousands_mark` or `decimal_mark` under [values]"
                )
            }
            Some(letter) if !letter.is_ascii() || letter.is_alphabetic() || letter == '$' => {
                "if this is a currency, write it into `currency_marks` under [values]".to_owned()
            }
            _ => format!("expected digits, with `{}` before decimals", self.decimal_mark),
        }
    }

    fn knows(&self, letter: char) -> bool {
        letter == self.decimal_mark || self.thousands_mark.is_some_and(|mark| same_mark(letter, mark))
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns whether a letter is the mark, as spreadsheets vary it: any blank, either apostrophe.
fn same_mark(letter: char, mark: char) -> bool {
    match mark {
        ' ' => matches!(letter, ' ' | '\u{A0}' | '\u{202F}'),
        '\'' => matches!(letter, '\'' | '\u{2019}'),
        _ => letter == mark,
    }
}

/// Returns the text of a whole number without decimals that are all zero: `2.0` and `2.00` are `2`.
pub(crate) fn whole(number: &str) -> &str {
    match number.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|byte| byte == b'0') => whole,
        _ => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(decimal_mark: char, thousands_mark: Option<char>) -> NumberForm {
        NumberForm {
            decimal_mark,
            thousands_mark,
            currency_marks: vec!["€".into(), "EUR".into(), "$".into()],
        }
    }

    #[test]
    fn numbers_of_many_countries() {
        for (text, decimal, thousands, expected) in [
            ("1.537,66", ',', Some('.'), "1537.66"),
            ("1,234,567.5", '.', Some(','), "1234567.5"),
            ("1\u{202F}234,50", ',', Some(' '), "1234.50"),
            ("1\u{2019}234.50", '.', Some('\''), "1234.50"),
            ("-12", '.', None, "-12"),
            ("\u{2212}$ 12.50", '.', None, "-12.50"),
            ("EUR -12.50", '.', None, "-12.50"),
            ("12,50 €", ',', None, "12.50"),
            ("0.1000000000000000055511151231", '.', None, "0.1000000000000000055511151231"),
        ] {
            let form = form(decimal, thousands);
            assert_eq!(form.read(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_of_the_form_is_refused() {
        for (text, decimal, thousands, expected) in [
            ("1,234.56", '.', None, "thousands_mark"),
            ("1.23.456,00", ',', Some('.'), "expected digits"),
            ("12.3456", ',', Some('.'), "expected digits"),
            ("£5", '.', None, "currency_marks"),
            ("1e3", '.', None, "currency_marks"),
            ("--5", '.', None, "expected digits"),
            ("", '.', None, "expected digits"),
            ("5.", '.', None, "expected digits"),
            ("(5.00)", '.', None, "expected digits"),
        ] {
            let problem = form(decimal, thousands).read(text).err().unwrap_or_default();
            assert!(problem.contains(expected), "{text}: {problem}");
        }
    }

    #[test]
    fn whole_numbers_may_have_zeros_behind_the_point() {
        assert_eq!((whole("2"), whole("2.00"), whole("2.50")), ("2", "2", "2.50"));
    }
}
