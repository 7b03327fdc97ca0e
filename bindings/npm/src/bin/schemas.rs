//! Prints one JSON Schema of everything that the package gives out and takes. The types of TypeScript are made from it.

use accrue::analyse::{Analysis, DraftComparison};
use accrue::card::Card;
use accrue::coverage::Coverage;
use accrue::decide::Decision;
use accrue::diagnostic::Diagnostic;
use accrue::due::Due;
use accrue::explain::{Explanation, PartnerView, Waterfall};
use accrue::facts::{Action, Adjustment, FactError};
use accrue::overview::ProgramOverview;
use accrue_assist::grid::{CellEdit, CellPlace, Table};
use accrue_assist::{Completion, Hover, QuickFix, SemanticToken, SignatureHelp, Symbol, TextEdit};
use accrue_history::{FactFault, Row, SummaryData, TestResults};
use accrue_import::{Guess, Preview, Shipped};
use accrue_simulate::Comparison;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::json;

fn main() {
    let mut generator = SchemaGenerator::default();
    fn add<T: JsonSchema>(generator: &mut SchemaGenerator) {
        let _ = generator.subschema_for::<T>();
    }
    for add in [
        add::<Action>,
        add::<Adjustment>,
        add::<Analysis>,
        add::<Card>,
        add::<Coverage>,
        add::<Decision>,
        add::<Diagnostic>,
        add::<DraftComparison>,
        add::<Due>,
        add::<Explanation>,
        add::<FactError>,
        add::<PartnerView>,
        add::<ProgramOverview>,
        add::<Waterfall>,
        add::<CellEdit>,
        add::<CellPlace>,
        add::<Comparison>,
        add::<Completion>,
        add::<Guess>,
        add::<Hover>,
        add::<Preview>,
        add::<Shipped>,
        add::<QuickFix>,
        add::<SemanticToken>,
        add::<SignatureHelp>,
        add::<Symbol>,
        add::<Table>,
        add::<TextEdit>,
        add::<FactFault>,
        add::<Row<'static>>,
        add::<SummaryData>,
        add::<TestResults>,
    ] {
        add(&mut generator);
    }
    let definitions = generator.take_definitions(true);
    println!("{:#}", json!({ "$defs": definitions }));
}
