//! The mappings that ship: the files of `imports/`.

use schemars::JsonSchema;
use serde::Serialize;

/// A mapping that ships.
///
/// ```
/// use accrue_import::{Mapping, SHIPPED};
///
/// for shipped in SHIPPED {
///     let mapping = Mapping::parse(shipped.name, shipped.text)?;
///     assert_eq!(mapping.title(), shipped.title);
/// }
/// # Ok::<(), accrue::diagnostic::Diagnostics>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Shipped {
    /// Its name: that of its file without `.toml`.
    pub name: &'static str,
    /// The name of its export, for people.
    pub title: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// Embeds the files with these names.
macro_rules! shipped {
    ($($name:literal: $title:literal,)*) => {
        /// Every mapping that ships, by name.
        pub const SHIPPED: &[Shipped] = &[
            $(Shipped { name: $name, title: $title, text: include_str!(concat!("../../imports/", $name, ".toml")) },)*
        ];
    };
}

shipped! {
    "amazon_associates": "Amazon Associates: earnings report",
    "awin": "Awin: transactions report",
    "cj": "CJ Affiliate: commission detail",
    "everflow": "Everflow: conversions",
    "impact": "impact.com: actions",
    "partnerize": "Partnerize: conversion items export",
    "rakuten": "Rakuten Advertising: signature orders report",
    "shareasale": "ShareASale: activity report",
    "shopify_orders": "Shopify: orders export",
    "stripe": "Stripe: payments export",
    "tune": "TUNE: conversion report",
    "woocommerce_orders": "WooCommerce: orders export, one row for each item",
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::Mapping;

    #[test]
    fn every_file_of_the_folder_ships_and_is_a_mapping_with_its_source() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../imports");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".toml").map(str::to_owned))
            .collect();
        files.sort();
        assert_eq!(SHIPPED.iter().map(|shipped| shipped.name).collect::<Vec<_>>(), files);
        for shipped in SHIPPED {
            let mapping =
                Mapping::parse(shipped.name, shipped.text).unwrap_or_else(|faults| panic!("{faults}"));
            assert_eq!(mapping.title(), shipped.title);
            assert!(
                mapping.source().is_some_and(|source| source.starts_with("https://")),
                "{}",
                shipped.name
            );
        }
    }
}
