//! Streams the actions of all inputs, a batch at a time.
//!
//! Whether inputs are in order is known only at their end. So a caller may read them with [`Order::AsGiven`] first, and hold back
//! what it makes of the batches. If the inputs turn out not to be in order, the caller drops that and reads them again with
//! [`Order::Sorted`].

use accrue::Program;
use indicatif::ProgressBar;

use super::batch::Batch;
use super::input::Input;
use super::order_check::OrderCheck;
use super::reader::InputReader;
use super::sorting::Sorting;
use crate::exit::Failure;

/// The order in which actions are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The order of the inputs, which [`ActionStream::was_in_order`] judges at the end.
    AsGiven,
    /// The order of (occurred-at, id), each id once. The inputs are read twice.
    Sorted,
}

/// The actions and rejected lines of all inputs.
pub(crate) struct ActionStream<'a> {
    reader: InputReader<'a>,
    way: Way<'a>,
    /// A failure that is returned after the lines before it.
    failure: Option<Failure>,
}

enum Way<'a> {
    AsGiven(OrderCheck),
    Sorted(Box<Sorting<'a>>),
}

impl<'a> ActionStream<'a> {
    /// Opens the inputs. `bar` moves with what is read.
    pub(crate) fn open(
        inputs: &'a [Input],
        order: Order,
        program: &'a Program,
        bar: &'a ProgressBar,
    ) -> Result<Self, Failure> {
        Self::with(inputs, order, program, true, bar)
    }

    /// Opens the inputs like [`ActionStream::open`], for a caller that decides the actions by several programs: what one of them does
    /// not take is returned, too.
    pub(crate) fn open_for_several(
        inputs: &'a [Input],
        order: Order,
        program: &'a Program,
        bar: &'a ProgressBar,
    ) -> Result<Self, Failure> {
        Self::with(inputs, order, program, false, bar)
    }

    fn with(
        inputs: &'a [Input],
        order: Order,
        program: &'a Program,
        validates: bool,
        bar: &'a ProgressBar,
    ) -> Result<Self, Failure> {
        let way = match order {
            Order::AsGiven => Way::AsGiven(OrderCheck::new()),
            Order::Sorted => Way::Sorted(Box::new(Sorting::new(inputs, program, validates, bar)?)),
        };
        let reader = InputReader::new(inputs, program.limits(), bar, order == Order::AsGiven);
        Ok(Self { reader, way, failure: None })
    }

    /// Reads the next batch into `batch`, whose memory is used again. Returns `false` if there is nothing more to read: all
    /// was read, or the inputs are not in order.
    pub(crate) fn next(&mut self, batch: &mut Batch<'a>) -> Result<bool, Failure> {
        let Self { reader, way, failure } = self;
        if let Some(failure) = failure.take() {
            return Err(failure);
        }
        let order = match way {
            Way::AsGiven(order) => order,
            Way::Sorted(sorting) => return batch.fill(failure, || sorting.line(reader)),
        };
        while order.rises {
            if let Some(rows) = reader.rows(batch)? {
                return order.accept_rows(rows);
            }
            let any = batch.fill(failure, || match reader.line()? {
                Some(line) if order.accept_line(&line)? => Ok(Some(line)),
                _ => Ok(None),
            })?;
            if any || !reader.is_at_rows() {
                return Ok(any && order.rises);
            }
        }
        Ok(false)
    }

    /// Returns whether the batches were in order and no id was there twice. If not, what was made of them is void.
    pub(crate) fn was_in_order(self) -> Result<bool, Failure> {
        match self.way {
            Way::AsGiven(order) => order.holds(),
            Way::Sorted(_) => Ok(true),
        }
    }
}
