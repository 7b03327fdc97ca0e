//! Texts of an attack, written short: a template enters, the text leaves. Attacks of megabytes are made when they run, and not
//! stored.
//!
//! | in a template | becomes |
//! |---|---|
//! | `<<fill 930 a>>` | `a`, 930 times |
//! | `<<repeat 1000>>…<<end>>` | what stands between, 1,000 times |
//! | `<<join 1000 ,>>…<<end>>` | the same, with `,` in between |
//! | `<<n>>` | the number of the round of the innermost loop, from 0 |
//! | `<<n 4>>` | the same, with zeros before it up to four digits |
//! | `<<byte 13>>` | the byte with this number, for what TOML does not let through |

/// Writes out a template.
///
/// # Errors
///
/// A sentence about the tag that is not one of the table, or is not closed.
pub(crate) fn expand(template: &str) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    block(template, None, &mut out)?;
    Ok(out)
}

/// Writes out a template up to the `<<end>>` of its loop, and returns what comes after it.
fn block<'t>(mut rest: &'t str, round: Option<usize>, out: &mut Vec<u8>) -> Result<&'t str, String> {
    while let Some((text, tagged)) = rest.split_once("<<") {
        out.extend_from_slice(text.as_bytes());
        let (tag, after) = tagged.split_once(">>").ok_or("`<<` without `>>`")?;
        let words: Vec<&str> = tag.splitn(3, ' ').collect();
        let number = |word: &str| word.parse::<usize>().map_err(|_| format!("`<<{tag}>>`: no number"));
        rest = after;
        match words.as_slice() {
            ["end"] => return round.map(|_| after).ok_or_else(|| "`<<end>>` without a loop".to_owned()),
            ["n"] => out.extend(round.ok_or("`<<n>>` outside of a loop")?.to_string().bytes()),
            ["n", digits] => {
                let n = round.ok_or("`<<n>>` outside of a loop")?;
                out.extend(format!("{n:0width$}", width = number(digits)?).bytes());
            }
            ["fill", count, what] => out.extend(what.repeat(number(count)?).bytes()),
            ["byte", code] => {
                out.push(u8::try_from(number(code)?).map_err(|_| format!("`<<{tag}>>`: no byte"))?)
            }
            ["repeat", count] => rest = looped(after, number(count)?, "", out)?,
            ["join", count, between] => rest = looped(after, number(count)?, between, out)?,
            _ => return Err(format!("`<<{tag}>>` is no tag")),
        }
    }
    if round.is_some() {
        return Err("a loop without `<<end>>`".to_owned());
    }
    out.extend_from_slice(rest.as_bytes());
    Ok("")
}

fn looped<'t>(body: &'t str, count: usize, between: &str, out: &mut Vec<u8>) -> Result<&'t str, String> {
    let mut rest = block(body, Some(0), &mut Vec::new())?;
    for n in 0..count {
        if n > 0 {
            out.extend_from_slice(between.as_bytes());
        }
        rest = block(body, Some(n), out)?;
    }
    Ok(rest)
}

#[test]
fn templates_are_written_out() {
    let text = |template: &str| expand(template).map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(text("a<<fill 3 xy>>b").unwrap(), "axyxyxyb");
    assert_eq!(text("[<<join 3 , >>{<<n>>}<<end>>]").unwrap(), "[{0}, {1}, {2}]");
    assert_eq!(text("<<repeat 2>><<n 3>>:<<join 2 ->><<n>><<end>>;<<end>>!").unwrap(), "000:0-1;001:0-1;!");
    assert_eq!(text("<<repeat 0>>a<<end>>b").unwrap(), "b");
    assert_eq!(text("a<<byte 13>>b").unwrap(), "a\rb");
    for wrong in ["<<n>>", "<<end>>", "<<repeat 2>>", "<<fill x y>>", "<<what>>", "<<fill 2"] {
        assert!(text(wrong).is_err(), "{wrong}");
    }
}
