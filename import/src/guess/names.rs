//! The names that exports give to the columns of actions, in English, German and French.

/// Columns of actions and the names that exports have for them: in lower case, letters and digits alone.
const NAMES: [(&str, &[&str]); 15] = [
    (
        "id",
        &[
            "id",
            "orderid",
            "ordernumber",
            "orderno",
            "order",
            "transactionid",
            "transaction",
            "conversionid",
            "saleid",
            "reference",
            "bestellnummer",
            "bestellnr",
            "bestellung",
            "auftragsnummer",
            "auftrag",
            "transaktionsid",
            "transaktion",
            "numerodecommande",
            "numcommande",
            "ndecommande",
            "commande",
            "nocommande",
            "idcommande",
            "idtransaction",
        ],
    ),
    (
        "occurred_at",
        &[
            "date",
            "datetime",
            "timestamp",
            "time",
            "orderdate",
            "transactiondate",
            "conversiondate",
            "eventdate",
            "createdat",
            "created",
            "saledate",
            "datum",
            "zeitpunkt",
            "bestelldatum",
            "transaktionsdatum",
            "datumuhrzeit",
            "dateheure",
            "datedecommande",
            "datecommande",
            "datedetransaction",
        ],
    ),
    (
        "amount",
        &[
            "amount",
            "saleamount",
            "orderamount",
            "ordervalue",
            "total",
            "totalamount",
            "revenue",
            "value",
            "netamount",
            "price",
            "betrag",
            "umsatz",
            "bestellwert",
            "warenkorbwert",
            "warenwert",
            "summe",
            "nettobetrag",
            "montant",
            "montanttotal",
            "chiffredaffaires",
            "valeur",
            "prix",
        ],
    ),
    ("subtotal", &["subtotal", "zwischensumme", "soustotal"]),
    ("discount", &["discount", "discountamount", "rabatt", "nachlass", "remise", "reduction"]),
    ("tax", &["tax", "taxes", "vat", "steuer", "mwst", "umsatzsteuer", "tva", "taxe"]),
    ("shipping", &["shipping", "shippingcost", "versand", "versandkosten", "livraison", "fraisdeport"]),
    ("currency", &["currency", "currencycode", "wahrung", "waehrung", "devise", "monnaie"]),
    (
        "promo_codes",
        &[
            "vouchercode",
            "voucher",
            "coupon",
            "couponcode",
            "promocode",
            "discountcode",
            "discountcodes",
            "gutschein",
            "gutscheincode",
            "rabattcode",
            "codepromo",
            "bonderduction",
            "bondereduction",
        ],
    ),
    (
        "credit.partner",
        &[
            "publisher",
            "publisherid",
            "affiliate",
            "affiliateid",
            "partner",
            "partnerid",
            "publisherreference",
            "pid",
            "affiliateref",
            "werbepartner",
            "affilie",
            "editeur",
            "partenaire",
        ],
    ),
    (
        "customer.status",
        &[
            "newcustomer",
            "newcustomeryn",
            "customertype",
            "customerstatus",
            "neukunde",
            "kundenstatus",
            "nouveauclient",
        ],
    ),
    ("customer.country", &["country", "countrycode", "customercountry", "land", "pays"]),
    (
        "item.sku",
        &["sku", "lineitemsku", "productsku", "productsskus", "artikelnummer", "artnr", "referencearticle"],
    ),
    (
        "status",
        &[
            "status",
            "state",
            "transactionstatus",
            "commissionstatus",
            "salestatus",
            "zustand",
            "statut",
            "etat",
        ],
    ),
    ("item.quantity", &["quantity", "qty", "lineitemquantity", "menge", "anzahl", "quantite"]),
];

/// Returns the column of actions that a column of an export is, or `status`; `None` if its name is not known.
pub(super) fn target(name: &str) -> Option<&'static str> {
    let plain = plain(name);
    NAMES.iter().find(|(_, names)| names.contains(&plain.as_str())).map(|(target, _)| *target)
}

/// Returns whether a column of actions holds amounts.
pub(super) fn is_amount(target: &str) -> bool {
    matches!(target, "amount" | "subtotal" | "discount" | "tax" | "shipping")
}

/// Returns a name in lower case without marks and accents.
fn plain(name: &str) -> String {
    let letter = |letter: char| match letter {
        'à' | 'â' | 'ä' => Some('a'),
        'é' | 'è' | 'ê' | 'ë' => Some('e'),
        'î' | 'ï' => Some('i'),
        'ô' | 'ö' => Some('o'),
        'ù' | 'û' | 'ü' => Some('u'),
        'ç' => Some('c'),
        letter => letter.is_alphanumeric().then_some(letter),
    };
    name.to_lowercase().chars().filter_map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_three_languages() {
        for (name, expected) in [
            ("Order ID", "id"),
            ("Bestell-Nr.", "id"),
            ("N° de commande", "id"),
            ("Währung", "currency"),
            ("New Customer (Y/N)", "customer.status"),
            ("Numéro de commande", "id"),
            ("Code promo", "promo_codes"),
        ] {
            assert_eq!(target(name), Some(expected), "{name}");
        }
        assert_eq!(target("Comment"), None);
    }

    #[test]
    fn no_name_is_listed_twice_and_all_are_plain() {
        let all: Vec<&str> = NAMES.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        for name in &all {
            assert_eq!(plain(name), *name);
            assert_eq!(all.iter().filter(|other| *other == name).count(), 1, "{name}");
        }
    }
}
