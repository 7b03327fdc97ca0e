//! Named lists of a program: SKUs, categories, codes, countries.

use std::collections::HashSet;

/// A named list, in its own order for reading and hashed for membership.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NamedList {
    values: Vec<String>,
    members: HashSet<String>,
}

impl NamedList {
    /// A list of these values; repeats are dropped.
    pub fn new(values: impl IntoIterator<Item = String>) -> Self {
        let mut list = Self::default();
        for value in values {
            if list.members.insert(value.clone()) {
                list.values.push(value);
            }
        }
        list
    }

    /// Whether it has this value, to the letter.
    pub fn contains(&self, value: &str) -> bool {
        self.members.contains(value)
    }

    /// How many values it has.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Its values in order.
    pub fn values(&self) -> &[String] {
        &self.values
    }
}
