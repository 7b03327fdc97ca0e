//! Named lists of a program: SKUs, categories, codes, countries.

use std::collections::HashSet;

/// A named list: its values in order, and hashed to test membership.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NamedList {
    values: Vec<String>,
    members: HashSet<String>,
}

impl NamedList {
    /// Returns a list of these values, without repeats.
    pub fn new(values: impl IntoIterator<Item = String>) -> Self {
        let mut list = Self::default();
        for value in values {
            if list.members.insert(value.clone()) {
                list.values.push(value);
            }
        }
        list
    }

    /// Returns whether the list contains exactly this value.
    pub fn contains(&self, value: &str) -> bool {
        self.members.contains(value)
    }

    /// Returns the number of values.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Returns whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Returns the values in order.
    pub fn values(&self) -> &[String] {
        &self.values
    }
}
