//! Lists that nearly always have one entry, because nearly every action has one award.

use smallvec::SmallVec;

/// A list whose first entry needs no memory of its own.
pub(super) type Few<T> = SmallVec<[T; 1]>;
