//! Writes decisions to record batches: a row for each award, or one row for a decision without awards.

use std::sync::{Arc, LazyLock};

use accrue::Decision;
use accrue::decide::{Award, Reason, Role};
use accrue::money::Money;
use accrue::time::Timestamp;
use arrow_array::builder::{
    ArrayBuilder as _, BooleanBuilder, Date32Builder, Decimal128Builder, FixedSizeBinaryBuilder, ListBuilder,
    StringBuilder, TimestampMicrosecondBuilder, UInt32Builder, UInt64Builder,
};
use arrow_array::types::Date32Type;
use arrow_array::{ArrayRef, ListArray, RecordBatch, StructArray};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use rust_decimal::{Decimal, RoundingStrategy};

/// Decimals of every amount. With them the largest amount has 38 digits, the most that a column may have; payouts have at most 4
/// decimals.
const AMOUNT_SCALE: i8 = 9;
const AMOUNT: DataType = DataType::Decimal128(38, AMOUNT_SCALE);

/// Shares have 12 decimals.
const SHARE_SCALE: i8 = 12;
const SHARE: DataType = DataType::Decimal128(13, SHARE_SCALE);

fn moment() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

fn list_of(name: &str, item: DataType) -> Field {
    Field::new(name, DataType::List(Arc::new(Field::new("element", item, false))), false)
}

static LINE: LazyLock<Fields> = LazyLock::new(|| {
    Fields::from(vec![
        Field::new("item", DataType::UInt32, true),
        Field::new("sku", DataType::Utf8, true),
        Field::new("base", AMOUNT, false),
        Field::new("groups", DataType::Utf8, false),
        Field::new("earned", AMOUNT, false),
        Field::new("payout", AMOUNT, false),
    ])
});

static LIMIT: LazyLock<Fields> = LazyLock::new(|| {
    Fields::from(vec![Field::new("limit", DataType::Utf8, false), Field::new("cut", AMOUNT, false)])
});

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    Arc::new(Schema::new(vec![
        Field::new("action", DataType::Utf8, false),
        Field::new("event_type", DataType::Utf8, false),
        Field::new("occurred_at", moment(), false),
        Field::new("order_id", DataType::Utf8, true),
        Field::new("partner", DataType::Utf8, true),
        Field::new("role", DataType::Utf8, true),
        Field::new("share", SHARE, true),
        Field::new("reported_partner", DataType::Utf8, true),
        Field::new("status", DataType::Utf8, false),
        Field::new("currency", DataType::Utf8, true),
        Field::new("base", AMOUNT, false),
        Field::new("payout", AMOUNT, false),
        Field::new("payable", AMOUNT, false),
        Field::new("held", AMOUNT, false),
        Field::new("adjustment", DataType::Utf8, true),
        Field::new("change", AMOUNT, false),
        list_of("lines", DataType::Struct(LINE.clone())),
        list_of("reasons", DataType::Utf8),
        Field::new("release_at", moment(), true),
        Field::new("locks_at", moment(), true),
        Field::new("pays_on", DataType::Date32, true),
        list_of("limits", DataType::Struct(LIMIT.clone())),
        list_of("notices", DataType::Utf8),
        Field::new("touch", DataType::UInt32, true),
        Field::new("contract", DataType::Utf8, true),
        Field::new("version", DataType::UInt32, true),
        Field::new("terms_as_of", moment(), true),
        Field::new("counts", DataType::Boolean, false),
        Field::new("fuel", DataType::UInt64, false),
        Field::new("engine", DataType::Utf8, false),
        Field::new("receipt", DataType::FixedSizeBinary(32), false),
    ]))
});

/// Returns the schema of decisions.
pub fn decision_schema() -> SchemaRef {
    SCHEMA.clone()
}

/// Collects decisions for a batch.
#[derive(Debug)]
pub struct DecisionColumns {
    len: usize,
    action: StringBuilder,
    event_type: StringBuilder,
    occurred_at: TimestampMicrosecondBuilder,
    order_id: StringBuilder,
    partner: StringBuilder,
    role: StringBuilder,
    share: Decimal128Builder,
    reported_partner: StringBuilder,
    status: StringBuilder,
    currency: StringBuilder,
    base: Decimal128Builder,
    payout: Decimal128Builder,
    payable: Decimal128Builder,
    held: Decimal128Builder,
    adjustment: StringBuilder,
    change: Decimal128Builder,
    lines: Lines,
    reasons: ListBuilder<StringBuilder>,
    release_at: TimestampMicrosecondBuilder,
    locks_at: TimestampMicrosecondBuilder,
    pays_on: Date32Builder,
    limits: Limits,
    notices: ListBuilder<StringBuilder>,
    touch: UInt32Builder,
    contract: StringBuilder,
    version: UInt32Builder,
    terms_as_of: TimestampMicrosecondBuilder,
    counts: BooleanBuilder,
    fuel: UInt64Builder,
    engine: StringBuilder,
    receipt: FixedSizeBinaryBuilder,
}

#[derive(Debug)]
struct Lines {
    ends: Vec<i32>,
    item: UInt32Builder,
    sku: StringBuilder,
    base: Decimal128Builder,
    groups: StringBuilder,
    earned: Decimal128Builder,
    payout: Decimal128Builder,
}

#[derive(Debug)]
struct Limits {
    ends: Vec<i32>,
    limit: StringBuilder,
    cut: Decimal128Builder,
}

fn amounts() -> Decimal128Builder {
    Decimal128Builder::new().with_data_type(AMOUNT)
}

fn moments() -> TimestampMicrosecondBuilder {
    TimestampMicrosecondBuilder::new().with_data_type(moment())
}

fn texts() -> ListBuilder<StringBuilder> {
    ListBuilder::new(StringBuilder::new()).with_field(Field::new("element", DataType::Utf8, false))
}

/// Returns an amount in billionths. An amount with more decimals is rounded half up.
fn billionths(amount: Money) -> i128 {
    let scale = AMOUNT_SCALE.unsigned_abs().into();
    let amount = match amount.0.scale() > scale {
        true => amount.0.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero),
        false => amount.0,
    };
    padded(amount, scale)
}

/// Returns a share in units of its last decimal.
fn trillionths(share: Decimal) -> i128 {
    padded(share, SHARE_SCALE.unsigned_abs().into())
}

fn padded(amount: Decimal, scale: u32) -> i128 {
    let missing = scale.saturating_sub(amount.scale());
    // Cannot overflow: 29 digits and 9 zeros are fewer than the 39 digits of the type.
    amount.mantissa().saturating_mul(10i128.saturating_pow(missing))
}

fn micros(at: Timestamp) -> i64 {
    at.utc().timestamp_micros()
}

impl Default for DecisionColumns {
    fn default() -> Self {
        Self::new()
    }
}

impl DecisionColumns {
    /// Returns columns without rows.
    pub fn new() -> Self {
        Self {
            len: 0,
            action: StringBuilder::new(),
            event_type: StringBuilder::new(),
            occurred_at: moments(),
            order_id: StringBuilder::new(),
            partner: StringBuilder::new(),
            role: StringBuilder::new(),
            share: Decimal128Builder::new().with_data_type(SHARE),
            reported_partner: StringBuilder::new(),
            status: StringBuilder::new(),
            currency: StringBuilder::new(),
            base: amounts(),
            payout: amounts(),
            payable: amounts(),
            held: amounts(),
            adjustment: StringBuilder::new(),
            change: amounts(),
            lines: Lines {
                ends: vec![0],
                item: UInt32Builder::new(),
                sku: StringBuilder::new(),
                base: amounts(),
                groups: StringBuilder::new(),
                earned: amounts(),
                payout: amounts(),
            },
            reasons: texts(),
            release_at: moments(),
            locks_at: moments(),
            pays_on: Date32Builder::new(),
            limits: Limits { ends: vec![0], limit: StringBuilder::new(), cut: amounts() },
            notices: texts(),
            touch: UInt32Builder::new(),
            contract: StringBuilder::new(),
            version: UInt32Builder::new(),
            terms_as_of: moments(),
            counts: BooleanBuilder::new(),
            fuel: UInt64Builder::new(),
            engine: StringBuilder::new(),
            receipt: FixedSizeBinaryBuilder::new(32),
        }
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds a decision: a row for each of its awards, or one row without a partner if it has no awards.
    ///
    /// # Errors
    ///
    /// None for a decision of the engine.
    pub fn push(&mut self, decision: &Decision) -> Result<(), ArrowError> {
        if decision.awards.is_empty() {
            return self.row(decision, None);
        }
        decision.awards.iter().try_for_each(|award| self.row(decision, Some(award)))
    }

    fn row(&mut self, decision: &Decision, award: Option<&Award>) -> Result<(), ArrowError> {
        self.len += 1;
        self.action.append_value(&decision.action);
        self.event_type.append_value(&decision.event_type);
        self.occurred_at.append_value(micros(decision.occurred_at));
        self.order_id.append_option(decision.order_id.as_ref());
        self.partner.append_option(award.map(|award| &award.partner));
        self.role.append_option(award.and_then(|award| award.role).map(Role::text));
        self.share.append_option(award.and_then(|award| award.share).map(trillionths));
        self.status.append_value(award.map_or(decision.status, |award| award.status).text());
        self.currency.append_option(award.map(|award| award.currency.code()));
        let amount = |of: fn(&Award) -> Money| award.map_or(0, |award| billionths(of(award)));
        self.base.append_value(amount(|award| award.base));
        self.payout.append_value(amount(|award| award.payout));
        self.payable.append_value(amount(Award::payable));
        self.held.append_value(amount(Award::held));
        self.adjustment.append_option(decision.history.last().map(|last| &last.adjustment));
        self.change.append_value(award.map_or(0, |award| billionths(decision.change(award))));
        self.lines.push(award);
        let reasons: &[Reason] = award.map_or(&decision.reasons, |award| &award.reasons);
        self.reported_partner.append_option(reasons.iter().find_map(|reason| reason.partner.as_ref()));
        for reason in reasons {
            self.reasons.values().append_value(&reason.code);
        }
        self.reasons.append(true);
        self.release_at.append_option(award.and_then(|award| award.release_at).map(micros));
        self.locks_at.append_option(award.and_then(|award| award.locks_at).map(micros));
        self.pays_on.append_option(award.and_then(|award| award.pays_on).map(Date32Type::from_naive_date));
        for cut in award.iter().flat_map(|award| &award.limits) {
            self.limits.limit.append_value(&cut.limit);
            self.limits.cut.append_value(billionths(cut.cut));
        }
        self.limits.ends.push(end(self.limits.cut.len()));
        for notice in award.iter().flat_map(|award| &award.notices) {
            self.notices.values().append_value(&notice.code);
        }
        self.notices.append(true);
        self.touch.append_option(award.and_then(|award| award.touch));
        let contract = award.map(|award| &award.contract);
        self.contract.append_option(contract.map(|contract| &contract.name));
        self.version.append_option(contract.map(|contract| contract.version));
        self.terms_as_of.append_option(contract.map(|contract| micros(contract.terms_as_of)));
        self.counts.append_value(award.is_some_and(|award| award.counts));
        self.fuel.append_value(award.map_or(0, |award| award.fuel));
        self.engine.append_value(&decision.engine);
        self.receipt.append_value(decision.receipt.0)
    }

    /// Returns the rows as a batch; the columns are empty afterwards.
    pub fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        self.len = 0;
        RecordBatch::try_new(
            decision_schema(),
            vec![
                Arc::new(self.action.finish()),
                Arc::new(self.event_type.finish()),
                Arc::new(self.occurred_at.finish()),
                Arc::new(self.order_id.finish()),
                Arc::new(self.partner.finish()),
                Arc::new(self.role.finish()),
                Arc::new(self.share.finish()),
                Arc::new(self.reported_partner.finish()),
                Arc::new(self.status.finish()),
                Arc::new(self.currency.finish()),
                Arc::new(self.base.finish()),
                Arc::new(self.payout.finish()),
                Arc::new(self.payable.finish()),
                Arc::new(self.held.finish()),
                Arc::new(self.adjustment.finish()),
                Arc::new(self.change.finish()),
                self.lines.finish()?,
                Arc::new(self.reasons.finish()),
                Arc::new(self.release_at.finish()),
                Arc::new(self.locks_at.finish()),
                Arc::new(self.pays_on.finish()),
                self.limits.finish()?,
                Arc::new(self.notices.finish()),
                Arc::new(self.touch.finish()),
                Arc::new(self.contract.finish()),
                Arc::new(self.version.finish()),
                Arc::new(self.terms_as_of.finish()),
                Arc::new(self.counts.finish()),
                Arc::new(self.fuel.finish()),
                Arc::new(self.engine.finish()),
                Arc::new(self.receipt.finish()),
            ],
        )
    }
}

/// Returns the end of a range of lines. A batch has far fewer lines than the type can count.
fn end(len: usize) -> i32 {
    i32::try_from(len).unwrap_or(i32::MAX)
}

impl Lines {
    fn push(&mut self, award: Option<&Award>) {
        for (award, line) in award.iter().flat_map(|award| award.lines.iter().map(move |line| (award, line)))
        {
            self.item.append_option(line.item);
            self.sku.append_option(line.sku.as_ref());
            self.base.append_value(billionths(line.base));
            self.groups.append_value(award.groups_of(line).join("|"));
            self.earned.append_value(billionths(line.earned));
            self.payout.append_value(billionths(line.payout));
        }
        self.ends.push(end(self.payout.len()));
    }

    fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.item.finish()),
            Arc::new(self.sku.finish()),
            Arc::new(self.base.finish()),
            Arc::new(self.groups.finish()),
            Arc::new(self.earned.finish()),
            Arc::new(self.payout.finish()),
        ];
        list(&LINE, std::mem::replace(&mut self.ends, vec![0]), columns)
    }
}

impl Limits {
    fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let columns: Vec<ArrayRef> = vec![Arc::new(self.limit.finish()), Arc::new(self.cut.finish())];
        list(&LIMIT, std::mem::replace(&mut self.ends, vec![0]), columns)
    }
}

fn list(fields: &Fields, ends: Vec<i32>, columns: Vec<ArrayRef>) -> Result<ArrayRef, ArrowError> {
    let structs = StructArray::try_new(fields.clone(), columns, None)?;
    let element = Arc::new(Field::new("element", DataType::Struct(fields.clone()), false));
    let offsets = OffsetBuffer::new(ScalarBuffer::from(ends));
    Ok(Arc::new(ListArray::try_new(element, offsets, Arc::new(structs), None)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_any_size_fit() {
        let amount = |text: &str| Decimal::from_str_exact(text).map(|number| billionths(Money(number)));
        assert_eq!(amount("9.36"), Ok(9_360_000_000));
        assert_eq!(amount("-0.0000000005"), Ok(-1));
        assert_eq!(amount("0.33333333333333333333333333"), Ok(333_333_333));
        assert_eq!(billionths(Money(Decimal::MAX)), Decimal::MAX.mantissa() * 1_000_000_000);
        assert!(billionths(Money(Decimal::MAX)) < 10i128.pow(38));
    }
}
