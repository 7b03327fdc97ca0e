//! The codes of countries, and what people write for them.

/// The codes of ISO 3166-1 alpha-2, and `XK` for Kosovo, which has none and is written so everywhere.
const CODES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY \
                     BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK \
                     FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR \
                     IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK \
                     ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM \
                     PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF \
                     TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// A code, and what people write for it besides: other codes in use, and names in English, German and French.
const OTHERS: &[(&str, &[&str])] = &[
    ("AT", &["AUT", "AUSTRIA", "ÖSTERREICH", "OESTERREICH", "AUTRICHE"]),
    ("AU", &["AUS", "AUSTRALIA"]),
    ("BE", &["BEL", "BELGIUM", "BELGIEN", "BELGIQUE"]),
    ("BR", &["BRA", "BRAZIL"]),
    ("CA", &["CAN", "CANADA", "KANADA"]),
    ("CH", &["CHE", "SUI", "SWITZERLAND", "SCHWEIZ", "SUISSE"]),
    ("CN", &["CHN", "CHINA"]),
    ("CZ", &["CZE", "CZECHIA", "CZECH REPUBLIC", "TSCHECHIEN"]),
    ("DE", &["DEU", "GER", "GERMANY", "DEUTSCHLAND", "ALLEMAGNE"]),
    ("DK", &["DNK", "DEN", "DENMARK", "DÄNEMARK", "DANEMARK"]),
    ("ES", &["ESP", "SPAIN", "SPANIEN", "ESPAGNE"]),
    ("FI", &["FIN", "FINLAND", "FINNLAND"]),
    ("FR", &["FRA", "FRANCE", "FRANKREICH"]),
    ("GB", &["UK", "GBR", "EN", "UNITED KINGDOM", "GREAT BRITAIN", "ENGLAND"]),
    ("GR", &["EL", "GRC", "GREECE", "GRIECHENLAND", "GRÈCE"]),
    ("IE", &["IRL", "IRELAND", "IRLAND"]),
    ("IN", &["IND", "INDIA"]),
    ("IT", &["ITA", "ITALY", "ITALIEN", "ITALIE"]),
    ("JP", &["JPN", "JAPAN"]),
    ("NL", &["NLD", "NED", "NETHERLANDS", "HOLLAND", "NIEDERLANDE", "PAYS-BAS"]),
    ("NO", &["NOR", "NORWAY", "NORWEGEN"]),
    ("PL", &["POL", "POLAND", "POLEN", "POLOGNE"]),
    ("PT", &["PRT", "POR", "PORTUGAL"]),
    ("SE", &["SWE", "SWEDEN", "SCHWEDEN", "SUÈDE"]),
    ("US", &["USA", "UNITED STATES", "AMERICA"]),
];

/// Returns whether ISO 3166 has this code, or it is in use for a country that has none.
pub(crate) fn has_country(code: &str) -> bool {
    code.len() == 2 && CODES.split(' ').any(|known| known == code)
}

/// Returns the code of the country that a text stands for; `None` if that is not known.
pub(crate) fn country_meant(text: &str) -> Option<&'static str> {
    let text = text.trim().to_uppercase();
    let code = CODES.split(' ').find(|known| *known == text);
    code.or_else(|| OTHERS.iter().find(|(_, others)| others.contains(&text.as_str())).map(|(code, _)| *code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_each_is_there_once() {
        let codes: Vec<&str> = CODES.split(' ').collect();
        assert!(codes.is_sorted());
        assert_eq!(codes.len(), 250);
        assert!(
            OTHERS
                .iter()
                .all(|(code, others)| has_country(code) && !others.iter().any(|other| has_country(other)))
        );
    }

    #[test]
    fn what_people_write_for_a_country() {
        assert_eq!(country_meant("uk"), Some("GB"));
        assert_eq!(country_meant("Deutschland"), Some("DE"));
        assert_eq!(country_meant("Atlantis"), None);
    }
}
