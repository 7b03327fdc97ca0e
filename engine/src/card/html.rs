//! Draws a card as one HTML page that needs nothing else and prints on A4.

use std::fmt::Write as _;

use super::model::{Card, Entry, Line, Piece, Sentence};
use super::sentence;

/// The style of the page. It prints in two columns, so that the card of a usual contract takes two sheets at most.
const STYLE: &str = include_str!("card.css");

impl Card {
    /// Returns the card as a self-contained HTML page, with a style for paper. Text of the brand is escaped.
    pub fn html(&self) -> String {
        let title = escaped(&sentence::text(&self.title).replace('`', ""));
        let mut out = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{}</h1>\n",
            inline(&self.title)
        );
        for note in &self.notes {
            let _ = writeln!(out, "<p>{}</p>", inline(note));
        }
        out.push_str("</header>\n");
        for contract in &self.contracts {
            let _ = writeln!(out, "<article>\n<h2>{}</h2>", inline(&contract.title));
            if let Some(file) = &contract.file {
                let (file, digest) = (escaped(file), escaped(&contract.digest.short()));
                let _ = writeln!(out, "<p class=\"source\">{file} · {digest}</p>");
            }
            out.push_str("<div class=\"sections\">\n");
            for section in &contract.sections {
                let _ = writeln!(out, "<section>\n<h3>{}</h3>", inline(&section.heading));
                section.entries.iter().for_each(|entry| drawn(entry, &mut out));
                out.push_str("</section>\n");
            }
            out.push_str("</div>\n</article>\n");
        }
        out.push_str("</body>\n</html>\n");
        out
    }
}

fn drawn(entry: &Entry, out: &mut String) {
    match &entry.name {
        Some(name) => {
            let _ = write!(out, "<dl><dt>{}</dt><dd>", escaped(name));
            lines(&entry.lines, out);
            out.push_str("</dd></dl>\n");
        }
        None => lines(&entry.lines, out),
    }
}

fn lines(lines: &[Line], out: &mut String) {
    for line in lines {
        let class = match line.depth {
            0 => String::new(),
            depth => format!(" class=\"d{}\"", depth.min(6)),
        };
        let _ = writeln!(out, "<p{class}>{}</p>", inline(&line.sentence));
    }
}

fn inline(sentence: &Sentence) -> String {
    let mut out = String::new();
    for piece in sentence {
        let text = escaped(piece.text());
        match piece {
            Piece::Text { .. } => out.push_str(&text),
            Piece::Name { .. } => {
                let _ = write!(out, "<code>{text}</code>");
            }
            Piece::Number { .. } => {
                let _ = write!(out, "<b>{text}</b>");
            }
        }
    }
    out
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
