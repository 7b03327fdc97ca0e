//! Fenced code blocks: Markdown enters, the blocks with their tags and lines leave.

/// A code block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// What stands after the three backticks.
    pub(crate) tag: String,
    /// What stands between the fences.
    pub(crate) text: String,
    /// The line of the opening fence, from 1.
    pub(crate) line: usize,
}

/// The blocks of a page.
pub(crate) fn of(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<(Block, String, usize)> = None;
    for (number, line) in page.lines().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let fence: String = line.trim_start().chars().take_while(|c| *c == '`').collect();
        match &mut open {
            None if fence.len() >= 3 => {
                let tag = line.trim_start()[fence.len()..].trim().to_owned();
                open = Some((Block { tag, text: String::new(), line: number + 1 }, fence, indent));
            }
            None => {}
            Some((_, opening, _)) if fence.len() >= opening.len() && line.trim() == fence => {
                blocks.extend(open.take().map(|(block, _, _)| block));
            }
            Some((block, _, indent)) => {
                // A block inside a list is indented as a whole.
                let strip = line.len() - line.trim_start_matches(' ').len();
                block.text.push_str(&line[strip.min(*indent)..]);
                block.text.push('\n');
            }
        }
    }
    assert!(open.is_none(), "a code block is never closed: {open:?}");
    blocks
}

#[test]
fn blocks_are_found_with_their_tags() {
    let page =
        "a\n```toml,fragment\nx = 1\n```\n\n- b\n  ```console\n  $ c\n    d\n  ```\n````text\n```\n````\n";
    let found: Vec<(String, String, usize)> = of(page).into_iter().map(|b| (b.tag, b.text, b.line)).collect();
    let expected = [("toml,fragment", "x = 1\n", 2), ("console", "$ c\n  d\n", 7), ("text", "```\n", 11)];
    assert_eq!(found, expected.map(|(tag, text, line)| (tag.to_owned(), text.to_owned(), line)));
}
