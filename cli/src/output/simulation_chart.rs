//! Draws what a draft changes as bars: by step and by partner, gains to the right and losses to the left.

use std::io;

use accrue::money::{Currency, Money};
use plotters::prelude::{
    BLACK, Color as _, DrawingArea, IntoDrawingArea as _, IntoFont as _, RGBColor, Rectangle, SVGBackend,
    Text, WHITE,
};

use super::simulation::Report;
use super::simulation_text::{signed, step_text, sum};
use super::terminal::clean;

/// The width of the chart, of its names and of its amounts, in pixels.
const WIDTH: u32 = 960;
const NAMES: i32 = 380;
const AMOUNTS: i32 = 130;
/// The height of a row, in pixels.
const ROW: i32 = 24;
/// The size of the text, in pixels.
const FONT: i32 = 13;
/// The most characters of a name.
const NAME_CHARS: usize = 52;
/// The most partners of a currency.
const MOST_PARTNERS: usize = 20;

const GAIN: RGBColor = RGBColor(0x2e, 0x7d, 0x32);
const LOSS: RGBColor = RGBColor(0xc6, 0x28, 0x28);

/// A row of the chart.
enum Row {
    Title(String),
    Bar { name: String, change: Money, most: Money, currency: Currency },
}

/// Returns the chart as SVG.
pub(super) fn chart(report: &Report<'_>) -> io::Result<String> {
    let rows = rows(report);
    let height =
        u32::try_from(rows.len()).unwrap_or(u32::MAX).saturating_add(1).saturating_mul(ROW.unsigned_abs());
    let mut svg = String::new();
    {
        let size = (WIDTH, height);
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        draw(&area, &rows).map_err(io::Error::other)?;
    }
    Ok(svg)
}

fn rows(report: &Report<'_>) -> Vec<Row> {
    let of = report.comparison;
    let mut rows = Vec::new();
    for total in &of.totals {
        let currency = total.currency;
        let steps = of.steps.iter().map(|step| {
            let money = step.money.iter().find(|money| money.currency == currency);
            let change = money.map(|money| sum(money.change)).unwrap_or_default();
            (format!("{}. {}", step.number, step_text(step, of)), change)
        });
        let changed = of.partners.iter().filter(|of| of.currency == currency && !of.change.is_zero());
        let partners = changed.take(MOST_PARTNERS).map(|of| (of.partner.clone(), of.change));
        for (title, bars) in [
            (format!("Payouts by change, in {currency}"), steps.collect::<Vec<_>>()),
            (format!("Payouts by partner, in {currency}"), partners.collect()),
        ] {
            let most = bars.iter().map(|(_, change)| Money(change.0.abs())).max().unwrap_or_default();
            if bars.is_empty() {
                continue;
            }
            rows.push(Row::Title(title));
            rows.extend(bars.into_iter().map(|(name, change)| Row::Bar { name, change, most, currency }));
        }
    }
    if rows.is_empty() {
        rows.push(Row::Title("The draft changes no payout".to_owned()));
    }
    rows
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

fn draw(area: &Area<'_>, rows: &[Row]) -> Result<(), String> {
    let fail = |error: &dyn std::fmt::Display| error.to_string();
    area.fill(&WHITE).map_err(|error| fail(&error))?;
    let font = |color: &RGBColor| ("sans-serif", FONT).into_font().color(color);
    let left = NAMES.saturating_add(10);
    let right = i32::try_from(WIDTH).unwrap_or(i32::MAX).saturating_sub(AMOUNTS);
    let middle = left.midpoint(right);
    let half = right.saturating_sub(middle);
    for (n, row) in (0i32..).zip(rows) {
        let top = n.saturating_mul(ROW).saturating_add(ROW / 2);
        let text = |at: i32, text: String, color: &RGBColor| {
            area.draw(&Text::new(text, (at, top.saturating_add(5)), font(color)))
                .map_err(|error| fail(&error))
        };
        match row {
            Row::Title(title) => text(10, title.clone(), &BLACK)?,
            Row::Bar { name, change, most, currency } => {
                let mut shown: String = clean(name);
                if shown.chars().nth(NAME_CHARS).is_some() {
                    shown = shown.chars().take(NAME_CHARS).chain(['…']).collect();
                }
                text(20, shown, &BLACK)?;
                let color = if *change < Money::ZERO { LOSS } else { GAIN };
                let end = middle.saturating_add(length(*change, *most, half));
                let bar = [
                    (middle.min(end), top.saturating_add(3)),
                    (middle.max(end), top.saturating_add(ROW - 5)),
                ];
                area.draw(&Rectangle::new(bar, color.filled())).map_err(|error| fail(&error))?;
                text(right.saturating_add(10), signed(*change, *currency), &color)?;
            }
        }
    }
    area.present().map_err(|error| fail(&error))
}

/// Returns the length of a bar in pixels, to the left if it is below zero.
fn length(change: Money, most: Money, half: i32) -> i32 {
    let share = change.0.checked_div(most.0).and_then(|share| share.checked_mul(half.into()));
    share.and_then(|pixels| pixels.round().to_string().parse().ok()).unwrap_or_default()
}
