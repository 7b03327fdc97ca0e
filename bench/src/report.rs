//! Figures enter, a table and a JSON file leave.

use std::fmt;
use std::path::Path;

use serde::Serialize;

/// What a figure must keep to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bar {
    /// The ratio, or the figure where there is none, at least this.
    AtLeast(f64),
    /// The ratio, or the figure where there is none, at most this.
    AtMost(f64),
}

/// One measured figure.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// What was measured.
    name: String,
    /// How much.
    figure: f64,
    /// Of what.
    unit: &'static str,
    /// Against the other contender that `name` says.
    ratio: Option<f64>,
    /// What it must keep to.
    bar: Option<Bar>,
    /// Whether it does; true without a bar.
    ok: bool,
}

impl Figure {
    /// A figure without a bar.
    pub fn new(name: impl Into<String>, figure: f64, unit: &'static str) -> Self {
        Self { name: name.into(), figure, unit, ratio: None, bar: None, ok: true }
    }

    /// With a ratio to another contender's.
    pub fn ratio(mut self, ratio: f64) -> Self {
        self.ratio = Some(ratio);
        self
    }

    /// With a bar, on the ratio where there is one.
    pub fn bar(mut self, bar: Bar) -> Self {
        let measured = self.ratio.unwrap_or(self.figure);
        self.ok = match bar {
            Bar::AtLeast(least) => measured >= least,
            Bar::AtMost(most) => measured <= most,
        };
        self.bar = Some(bar);
        self
    }
}

/// All figures of a run.
#[derive(Debug, Default)]
pub struct Report(Vec<Figure>);

impl Report {
    /// Adds a figure.
    pub fn push(&mut self, figure: Figure) {
        self.0.push(figure);
    }

    /// Whether every bar is kept.
    pub fn ok(&self) -> bool {
        self.0.iter().all(|figure| figure.ok)
    }

    /// Writes all figures as JSON.
    pub fn write(&self, path: &Path) -> crate::Result {
        let mut text = serde_json::to_string_pretty(&self.0)?;
        text.push('\n');
        std::fs::write(path, text)?;
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.0.iter().map(|figure| figure.name.chars().count()).max().unwrap_or(0);
        write!(f, "{:width$}  {:>12}  {:<10}  {:>8}  bar", "", "figure", "unit", "ratio")?;
        for figure in &self.0 {
            let ratio = figure.ratio.map(|ratio| format!("{ratio:.2}×")).unwrap_or_default();
            let unit = if figure.ratio.is_some() { "×" } else { "" };
            let bar = match figure.bar {
                Some(Bar::AtLeast(least)) => format!("≥ {least}{unit}"),
                Some(Bar::AtMost(most)) => format!("≤ {most}{unit}"),
                None => String::new(),
            };
            let verdict = match (figure.bar, figure.ok) {
                (None, _) => "",
                (Some(_), true) => "  kept",
                (Some(_), false) => "  MISSED",
            };
            write!(
                f,
                "\n{:width$}  {:>12.3}  {:<10}  {ratio:>8}  {bar}{verdict}",
                figure.name, figure.figure, figure.unit
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_on_the_ratio_where_there_is_one() {
        let figure = || Figure::new("a", 100.0, "ns");
        assert!(figure().ratio(4.0).bar(Bar::AtLeast(4.0)).ok);
        assert!(!figure().ratio(3.9).bar(Bar::AtLeast(4.0)).ok);
        assert!(figure().bar(Bar::AtMost(100.0)).ok);
        assert!(!figure().bar(Bar::AtMost(99.0)).ok);
        let mut report = Report::default();
        report.push(figure());
        assert!(report.ok());
        report.push(figure().bar(Bar::AtMost(99.0)));
        assert!(!report.ok());
        assert!(report.to_string().contains("MISSED"));
    }
}
