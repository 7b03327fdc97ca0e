//! The loader of bundles: bytes enter. Reading never panics and takes nothing that is not as it says; what it takes loads,
//! or does not, like the same files in a folder.

use accrue::Rules;
use accrue::digest::Digest;
use accrue::{Engine, Limits};
use accrue_bundle::{Bundle, FIRST_LINE, Kind, Manifest, Trust, most_bytes};

/// Tries one input: as it is, and with the digests that it would need.
pub fn run(data: &[u8]) {
    read(data);
    if let Some(righted) = righted(data) {
        read(&righted);
    }
}

fn read(bytes: &[u8]) {
    let limits = Limits { rule_fuel: 2_000, ..Limits::default() };
    // Nobody has signed it with a key that is trusted.
    assert!(Bundle::read(bytes, &limits, &Trust::Keys(Vec::new())).is_err());
    let bundle = match Bundle::read(bytes, &limits, &Trust::Anyone) {
        Ok(bundle) => bundle,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    assert!(bytes.len() <= most_bytes(&limits));
    for entry in &bundle.manifest().files {
        assert_eq!(Kind::of_path(&entry.path), Some(entry.kind), "{}", entry.path);
        let climbs = entry.path.split('/').any(|part| matches!(part, "" | "." | ".."));
        assert!(!climbs, "{}", entry.path);
        let content = match entry.kind {
            Kind::Module => bundle.modules().get(&entry.path).map(Vec::as_slice),
            Kind::Source | Kind::Component => bundle.source().bytes(&entry.path),
        };
        assert_eq!(content.map(Digest::of), Some(entry.sha256), "{}", entry.path);
    }
    // There is one way to write it.
    let kept: usize = bundle.manifest().files.iter().map(|entry| usize::try_from(entry.bytes).unwrap()).sum();
    assert!(bytes.starts_with(format!("{FIRST_LINE}{}\n", manifest_line(bundle.manifest())).as_bytes()));
    assert!(kept < bytes.len());
    if let Ok(program) =
        Engine::builder().limits(limits).rules(Rules::Interpreted).build().load(bundle.source())
        && let Err(mismatch) = bundle.matches(&program)
    {
        assert!(!mismatch.to_string().is_empty());
    }
}

/// The input with lengths and digests that hold, so that what is behind them is tried too.
fn righted(data: &[u8]) -> Option<Vec<u8>> {
    let mut lines = data.splitn(4, |byte| *byte == b'\n');
    let (_, manifest, _, mut rest) = (lines.next()?, lines.next()?, lines.next()?, lines.next()?);
    let mut manifest: Manifest = serde_json::from_slice(manifest).ok()?;
    let mut contents = Vec::new();
    for entry in &mut manifest.files {
        let length = usize::try_from(entry.bytes).unwrap_or(usize::MAX).min(rest.len());
        let (content, after) = rest.split_at(length);
        entry.bytes = length as u64;
        entry.sha256 = Digest::of(content);
        contents.extend_from_slice(content);
        rest = after;
    }
    let signed = format!("{FIRST_LINE}{}\n", manifest_line(&manifest));
    let signature = format!("unsigned {}\n", Digest::of(signed.as_bytes()));
    Some([signed.as_bytes(), signature.as_bytes(), &contents].concat())
}

fn manifest_line(manifest: &Manifest) -> String {
    serde_json::to_string(manifest).expect("a manifest can be written")
}
