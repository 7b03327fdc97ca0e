//! Changes of inputs as a fuzzer makes them: seeds and choices enter, a new input leaves.

use accrue_tests::choices::Choices;

/// Changes one of the seeds: bytes replaced, cut out, repeated, words put in, another seed's end. There is at least one seed.
pub fn changed<S: AsRef<[u8]>>(choices: &mut Choices<'_>, seeds: &[S], words: &[String]) -> Vec<u8> {
    let mut input = seeds[choices.below(seeds.len())].as_ref().to_vec();
    for _ in 0..=choices.below(4) {
        let at = choices.below(input.len().max(1));
        let end = (at + choices.below(30)).min(input.len());
        match choices.below(6) {
            0 if at < input.len() => input[at] = choices.byte(),
            1 => drop(input.drain(at.min(end)..end)),
            2 => {
                let piece = input[at.min(end)..end].to_vec();
                let to = choices.below(input.len() + 1);
                input.splice(to..to, piece);
            }
            3 => {
                let other = seeds[choices.below(seeds.len())].as_ref();
                let from = choices.below(other.len().max(1)).min(other.len());
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            _ if !words.is_empty() => {
                let word = &words[choices.below(words.len())];
                let at = at.min(input.len());
                input.splice(at..at, word.bytes());
            }
            _ => input.insert(at.min(input.len()), choices.byte()),
        }
    }
    input
}
