//! Finds which file of a crate imports which: source files in, edges between them out.
//!
//! Works on tokens, so that paths inside macros count like all others. It knows nothing of the order that the files should
//! have. Code under `#[cfg(test)]` is left out, and so are comments.

use crate::Result;
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

/// One file that names an item of another file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Import {
    /// Index of the importing file in [`Crate::files`].
    pub(super) from: usize,
    pub(super) line: usize,
    /// Index of the file that defines what is imported.
    pub(super) to: usize,
    /// The path as it is written.
    pub(super) path: String,
}

/// A module's place in its crate: empty for the root.
type Place = Vec<String>;

/// The modules of a crate, found from its root by `mod` items.
#[derive(Debug, Default)]
pub(super) struct Crate {
    /// Paths of the files, relative to the source folder.
    pub(super) files: Vec<String>,
    modules: BTreeMap<Place, Module>,
    /// Identifiers outside of `use` items, for each file.
    idents: BTreeMap<usize, BTreeSet<String>>,
}

#[derive(Debug, Default)]
struct Module {
    file: usize,
    /// Items defined in the module itself.
    names: BTreeSet<String>,
    uses: Vec<Use>,
    /// Paths in code, each with its line.
    mentions: Vec<(Place, usize)>,
}

/// One leaf of a `use` tree.
#[derive(Debug, Clone)]
struct Use {
    path: Place,
    /// The name it is known by here; `None` for a glob.
    name: Option<String>,
    public: bool,
    line: usize,
}

/// What a path leads to.
enum Target {
    Module(Place),
    /// An item defined in the module at this place.
    ItemOf(Place),
}

impl Target {
    fn module(self) -> Place {
        match self {
            Self::Module(place) | Self::ItemOf(place) => place,
        }
    }
}

/// Re-exports followed for one path: more would be a chain of re-exports that leads back to itself.
const REEXPORTS_MAX: usize = 16;

impl Crate {
    /// Reads a crate from its root file and the texts of all files of its source folder, by relative path.
    pub(super) fn read(root: &str, texts: &BTreeMap<String, String>) -> Result<Self> {
        let mut found = Self::default();
        found.read_file(root.to_owned(), Place::new(), texts)?;
        Ok(found)
    }

    /// All imports between files, in order.
    pub(super) fn imports(&self) -> Vec<Import> {
        let mut imports = BTreeSet::new();
        for (place, module) in &self.modules {
            let mut add = |to: &Place, path: &Place, line: usize| {
                if let Some(to) = self.modules.get(to).map(|module| module.file)
                    && to != module.file
                {
                    imports.insert(Import { from: module.file, line, to, path: path.join("::") });
                }
            };
            for (path, line) in &module.mentions {
                if let Some(to) = self.mentioned(place, path) {
                    add(&to, path, *line);
                }
            }
            for used in &module.uses {
                if let Some(to) = self.resolve(place, &used.path, 0).map(Target::module)
                    && !(used.public && to.starts_with(place) && !self.needs(module, used, &to))
                {
                    add(&to, &used.path, used.line);
                }
            }
        }
        imports.into_iter().collect()
    }

    /// The module that a path in code leads to. `None` for `Name::…` where `Name` is an item: the `use` that brought it counts.
    fn mentioned(&self, from: &Place, path: &[String]) -> Option<Place> {
        let (first, _) = path.split_first()?;
        if !matches!(first.as_str(), "crate" | "self" | "super") {
            self.member(from, first, 0).filter(|first| matches!(first, Target::Module(_)))?;
        }
        self.resolve(from, path, 0).map(Target::module)
    }

    /// Whether the module's file itself needs what it re-exports from the child at `to`.
    fn needs(&self, module: &Module, used: &Use, to: &Place) -> bool {
        let Some(idents) = self.idents.get(&module.file) else { return false };
        match &used.name {
            Some(name) => idents.contains(name),
            None => self.modules.get(to).is_some_and(|to| !to.names.is_disjoint(idents)),
        }
    }

    /// Follows a path that is written in the module at `from`. `None` if it leads out of the crate.
    fn resolve(&self, from: &Place, path: &[String], depth: usize) -> Option<Target> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => self.walk(Place::new(), rest, depth),
            "self" => self.walk(from.clone(), rest, depth),
            "super" => self.walk(parent(from), rest, depth),
            _ => match self.member(from, first, depth)? {
                Target::Module(place) => self.walk(place, rest, depth),
                item => Some(item),
            },
        }
    }

    fn walk(&self, start: Place, path: &[String], depth: usize) -> Option<Target> {
        let mut place = start;
        for name in path {
            if name == "super" {
                place = parent(&place);
                continue;
            }
            match self.member(&place, name, depth) {
                Some(Target::Module(next)) => place = next,
                Some(item) => return Some(item),
                // Made by a macro, most likely: it belongs to the module that is asked.
                None => return Some(Target::ItemOf(place)),
            }
        }
        Some(Target::Module(place))
    }

    /// What `name` is in a module: a child, an item, or something re-exported.
    fn member(&self, place: &Place, name: &str, depth: usize) -> Option<Target> {
        let module = self.modules.get(place)?;
        let child: Place = place.iter().cloned().chain([name.to_owned()]).collect();
        if self.modules.contains_key(&child) {
            return Some(Target::Module(child));
        }
        if module.names.contains(name) {
            return Some(Target::ItemOf(place.clone()));
        }
        if depth == REEXPORTS_MAX {
            return None;
        }
        let mut named = module.uses.iter().filter(|used| used.name.as_deref() == Some(name));
        let mut globs = module.uses.iter().filter(|used| used.name.is_none());
        named.find_map(|used| self.resolve(place, &used.path, depth + 1)).or_else(|| {
            globs.find_map(|used| match self.resolve(place, &used.path, depth + 1)? {
                Target::Module(of) if of != *place => self.member(&of, name, depth + 1),
                _ => None,
            })
        })
    }

    fn read_file(&mut self, path: String, place: Place, texts: &BTreeMap<String, String>) -> Result {
        let text = texts.get(&path).ok_or_else(|| format!("there is no file {path}"))?;
        let tokens = TokenStream::from_str(text)
            .map_err(|error| format!("{path}:{}: not Rust: {error}", error.span().start().line))?;
        let file = self.files.len();
        self.files.push(path);
        self.modules.insert(place.clone(), Module { file, ..Module::default() });
        let mut reader = Reader { file, texts, found: self };
        reader.read(tokens, &place, true)
    }
}

fn parent(place: &Place) -> Place {
    place.split_last().map(|(_, above)| above.to_vec()).unwrap_or_default()
}

/// Reads the tokens of one file.
struct Reader<'a> {
    file: usize,
    texts: &'a BTreeMap<String, String>,
    found: &'a mut Crate,
}

impl Reader<'_> {
    /// Reads tokens of the module at `place`: its items if `items`, else the inside of one.
    fn read(&mut self, tokens: TokenStream, place: &Place, items: bool) -> Result {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut rest = tokens.as_slice();
        let mut public = false;
        while let [token, after @ ..] = rest {
            rest = after;
            match (token, after) {
                (TokenTree::Punct(hash), [TokenTree::Group(attribute), after @ ..])
                    if hash.as_char() == '#' =>
                {
                    rest = if is_test(attribute) { skip_item(after) } else { after };
                }
                // A lifetime.
                (TokenTree::Punct(tick), [_, after @ ..]) if tick.as_char() == '\'' => rest = after,
                (TokenTree::Ident(word), _) if word == "pub" => {
                    public = true;
                    if let [TokenTree::Group(scope), after @ ..] = after
                        && scope.delimiter() == Delimiter::Parenthesis
                    {
                        rest = after;
                    }
                    continue;
                }
                (TokenTree::Ident(word), _) if word == "use" => {
                    let end = after.iter().position(|token| is_punct(token, ';')).unwrap_or(after.len());
                    let (tree, after) = after.split_at(end);
                    rest = after;
                    self.read_use(tree, &Place::new(), place, public);
                }
                (TokenTree::Ident(word), [TokenTree::Ident(name), after @ ..]) if word == "mod" => {
                    rest = after;
                    self.read_module(&name.to_string(), after.first(), place)?;
                    if let [TokenTree::Group(_), after @ ..] = after {
                        rest = after;
                    }
                }
                (TokenTree::Ident(word), _) => {
                    if items && let Some(name) = defined(word, after) {
                        self.module(place).names.insert(name);
                    }
                    rest = self.read_path(word, after, place);
                    // What a macro at the place of an item makes is mostly items.
                    if items
                        && let [TokenTree::Punct(bang), TokenTree::Group(made), after @ ..] = rest
                        && bang.as_char() == '!'
                    {
                        rest = after;
                        self.read(made.stream(), place, true)?;
                    }
                }
                (TokenTree::Group(group), _) => self.read(group.stream(), place, false)?,
                _ => {}
            }
            public = false;
        }
        Ok(())
    }

    fn read_module(&mut self, name: &str, body: Option<&TokenTree>, place: &Place) -> Result {
        let child: Place = place.iter().cloned().chain([name.to_owned()]).collect();
        if let Some(TokenTree::Group(body)) = body {
            self.found.modules.insert(child.clone(), Module { file: self.file, ..Module::default() });
            return self.read(body.stream(), &child, true);
        }
        let path = child.join("/");
        let of_its_own = format!("{path}.rs");
        let file = if self.texts.contains_key(&of_its_own) { of_its_own } else { format!("{path}/mod.rs") };
        self.found.read_file(file, child, self.texts)
    }

    /// Reads a path that starts with `first`; what is left of the tokens.
    fn read_path<'t>(&mut self, first: &Ident, after: &'t [TokenTree], place: &Place) -> &'t [TokenTree] {
        let mut path = vec![first.to_string()];
        let mut rest = after;
        while let [a, b, TokenTree::Ident(name), after @ ..] = rest
            && is_punct(a, ':')
            && is_punct(b, ':')
        {
            path.push(name.to_string());
            rest = after;
        }
        self.found.idents.entry(self.file).or_default().insert(first.to_string());
        if path.len() > 1 {
            self.module(place).mentions.push((path, first.span().start().line));
        }
        rest
    }

    /// Reads a `use` tree below `prefix`.
    fn read_use(&mut self, tree: &[TokenTree], prefix: &Place, place: &Place, public: bool) {
        let mut path = prefix.clone();
        let mut line = 0;
        let mut name = None;
        let mut words = tree.iter();
        while let Some(token) = words.next() {
            match token {
                TokenTree::Ident(word) if word == "as" => {
                    name = words.next().map(ToString::to_string);
                }
                TokenTree::Ident(word) => {
                    line = word.span().start().line;
                    path.push(word.to_string());
                }
                TokenTree::Group(group) => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    for tree in inner.split(|token| is_punct(token, ',')).filter(|tree| !tree.is_empty()) {
                        self.read_use(tree, &path, place, public);
                    }
                    return;
                }
                token if is_punct(token, '*') => {
                    let line = token.span().start().line;
                    self.module(place).uses.push(Use { path, name: None, public, line });
                    return;
                }
                _ => {}
            }
        }
        if path.last().is_some_and(|last| last == "self") && path.len() > 1 {
            path.pop();
        }
        let name = name.or_else(|| path.last().cloned());
        self.module(place).uses.push(Use { path, name, public, line });
    }

    fn module(&mut self, place: &Place) -> &mut Module {
        self.found.modules.entry(place.clone()).or_default()
    }
}

/// The name of the item that starts here, if one does.
fn defined(word: &Ident, after: &[TokenTree]) -> Option<String> {
    let name = match (word.to_string().as_str(), after) {
        (
            "struct" | "enum" | "union" | "fn" | "const" | "static" | "type" | "trait",
            [TokenTree::Ident(name), ..],
        ) => name,
        ("macro_rules", [_, TokenTree::Ident(name), ..]) => name,
        _ => return None,
    };
    Some(name.to_string())
}

/// Whether an attribute keeps its item for tests: `cfg(test)`, or `cfg(all(test, …))`.
fn is_test(attribute: &Group) -> bool {
    let text: String = attribute.stream().to_string().split_whitespace().collect();
    text == "cfg(test)" || text.starts_with("cfg(all(test,")
}

/// What comes after the item that starts here.
fn skip_item(tokens: &[TokenTree]) -> &[TokenTree] {
    let is_use = tokens.iter().take(3).any(|token| matches!(token, TokenTree::Ident(word) if word == "use"));
    let end = tokens.iter().position(|token| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace && !is_use,
        token => is_punct(token, ';'),
    });
    end.and_then(|end| tokens.get(end + 1..)).unwrap_or_default()
}

fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}
