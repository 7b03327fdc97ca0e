//! The keys of TOML files, by their JSON Schemas: which keys a table has, what each is for, and which values it takes.

use std::sync::LazyLock;

use accrue::language::key_order;
use serde_json::Value as Json;

/// The schema of contracts.
pub(crate) static CONTRACT: LazyLock<Schema> =
    LazyLock::new(|| Schema::new(accrue::contract_schema().to_value(), key_order("Contract")));

/// The schema of `program.toml`.
pub(crate) static PROGRAM: LazyLock<Schema> =
    LazyLock::new(|| Schema::new(accrue::program_schema().to_value(), key_order("Program")));

/// A JSON Schema.
#[derive(Debug)]
pub(crate) struct Schema {
    root: Json,
    order: Vec<String>,
}

/// A part of a schema: what may stand at one place of a file. Alternatives stand side by side.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node<'s> {
    parts: Vec<&'s Json>,
    /// The names of the definitions of its tables.
    names: Vec<&'s str>,
    pub(crate) doc: &'s str,
}

/// A key of a table.
#[derive(Clone, Debug)]
pub(crate) struct Key<'s> {
    pub(crate) name: &'s str,
    pub(crate) doc: &'s str,
    pub(crate) required: bool,
    pub(crate) node: Node<'s>,
}

/// A value that a schema names.
#[derive(Clone, Debug)]
pub(crate) struct Word<'s> {
    /// The value as TOML writes it.
    pub(crate) toml: String,
    pub(crate) doc: &'s str,
}

impl Schema {
    /// Returns a schema whose first table has its keys in this order.
    pub(crate) fn new(root: Json, order: &[&str]) -> Self {
        Self { root, order: order.iter().map(|key| (*key).to_owned()).collect() }
    }

    pub(crate) fn root(&self) -> Node<'_> {
        let mut node = Node { doc: doc(&self.root), ..Node::default() };
        self.add(&self.root, &mut node, 0);
        node
    }

    /// Returns what may stand at a path of keys, without the numbers of entries.
    pub(crate) fn at(&self, path: &[&str]) -> Option<Node<'_>> {
        let mut node = self.root();
        for name in path {
            node = self.child(&node, name)?;
        }
        Some(node)
    }

    /// Returns what may stand under a key. The entries of a list are looked into.
    pub(crate) fn child<'s>(&'s self, node: &Node<'s>, name: &str) -> Option<Node<'s>> {
        let tables = self.entries(node);
        let of = |part: &'s Json| {
            part.get("properties")
                .and_then(|keys| keys.get(name))
                .or_else(|| part.get("additionalProperties").filter(|values| values.is_object()))
        };
        let found: Vec<&Json> = tables.parts.iter().copied().filter_map(of).collect();
        let first = found.first()?;
        let mut child = Node { doc: doc(first), ..Node::default() };
        found.iter().for_each(|part| self.add(part, &mut child, 0));
        if child.doc.is_empty() {
            child.doc = child.parts.first().map_or("", |part| doc(part));
        }
        Some(child)
    }

    /// Returns what the entries of a list may be; the node itself where it is no list.
    pub(crate) fn entries<'s>(&'s self, node: &Node<'s>) -> Node<'s> {
        let mut entries = Node { doc: node.doc, names: node.names.clone(), ..Node::default() };
        for part in &node.parts {
            match part.get("items") {
                Some(items) => self.add(items, &mut entries, 0),
                None => entries.parts.push(part),
            }
        }
        entries
    }

    /// Adds a part with its alternatives; references are followed.
    fn add<'s>(&'s self, part: &'s Json, node: &mut Node<'s>, depth: usize) {
        if depth > 8 {
            return;
        }
        if let Some(reference) = part.get("$ref").and_then(Json::as_str) {
            let name = reference.strip_prefix("#/$defs/").unwrap_or_default();
            if let Some(found) = self.root.get("$defs").and_then(|defs| defs.get(name)) {
                node.names.push(name);
                self.add(found, node, depth + 1);
            }
            return;
        }
        for several in ["anyOf", "oneOf"] {
            if let Some(parts) = part.get(several).and_then(Json::as_array) {
                parts.iter().for_each(|part| self.add(part, node, depth + 1));
                return;
            }
        }
        node.parts.push(part);
    }

    /// Returns the keys that a table may have, in their order.
    pub(crate) fn keys<'s>(&'s self, node: &Node<'s>) -> Vec<Key<'s>> {
        let tables = self.entries(node);
        let mut keys: Vec<Key<'s>> = Vec::new();
        // `table` is needed only by what stands for a table of `tables/`.
        let several = tables.parts.iter().filter(|part| part.get("properties").is_some()).count();
        for part in &tables.parts {
            let Some(properties) = part.get("properties").and_then(Json::as_object) else { continue };
            let required = part.get("required").and_then(Json::as_array);
            for (name, value) in properties {
                if keys.iter().any(|key| key.name == name) {
                    continue;
                }
                let mut node = Node { doc: doc(value), ..Node::default() };
                self.add(value, &mut node, 0);
                let doc = if node.doc.is_empty() {
                    node.parts.first().map_or("", |part| doc(part))
                } else {
                    node.doc
                };
                let required = (several == 1 || name != "table")
                    && required.is_some_and(|required| required.iter().any(|key| key == name));
                keys.push(Key { name, doc, required, node });
            }
        }
        let order: Vec<&str> = if tables.names.is_empty() {
            self.order.iter().map(String::as_str).collect()
        } else {
            // A table of `tables/` in the place of entries is what few write.
            let (others, own): (Vec<&str>, Vec<&str>) =
                tables.names.iter().partition(|name| **name == "TableRef");
            own.into_iter().chain(others).flat_map(key_order).copied().collect()
        };
        keys.sort_by_key(|key| order.iter().position(|name| *name == key.name).unwrap_or(usize::MAX));
        keys
    }
}

fn doc(part: &Json) -> &str {
    part.get("description").and_then(Json::as_str).unwrap_or_default()
}

impl<'s> Node<'s> {
    fn is(&self, kind: &str) -> bool {
        self.parts.iter().any(|part| match part.get("type") {
            Some(Json::String(of)) => of == kind,
            Some(Json::Array(of)) => of.iter().any(|of| of == kind),
            _ => false,
        })
    }

    /// Returns whether a table stands here.
    pub(crate) fn is_table(&self) -> bool {
        self.is("object")
    }

    /// Returns whether a list stands here.
    pub(crate) fn is_list(&self) -> bool {
        self.is("array")
    }

    pub(crate) fn is_bool(&self) -> bool {
        self.is("boolean")
    }

    pub(crate) fn is_integer(&self) -> bool {
        self.is("integer")
    }

    pub(crate) fn is_text(&self) -> bool {
        self.is("string")
    }

    /// Returns whether any names may stand here as keys.
    pub(crate) fn has_names(&self) -> bool {
        self.parts.iter().any(|part| part.get("additionalProperties").is_some_and(Json::is_object))
    }

    /// Returns whether a value must look like this pattern.
    pub(crate) fn has_pattern(&self, part_of: &str) -> bool {
        let patterns = self.parts.iter().filter_map(|part| part.get("pattern")?.as_str());
        patterns.into_iter().any(|pattern| pattern.contains(part_of))
    }

    /// Returns the values that the schema names.
    pub(crate) fn words(&self) -> Vec<Word<'s>> {
        let mut words = Vec::new();
        for part in &self.parts {
            let values = part.get("enum").and_then(Json::as_array).into_iter().flatten();
            for value in values.chain(part.get("const")) {
                let toml = match value {
                    Json::String(text) => format!("\"{text}\""),
                    Json::Bool(value) => value.to_string(),
                    Json::Number(number) => number.to_string(),
                    _ => continue,
                };
                words.push(Word { toml, doc: doc(part) });
            }
        }
        if self.is_bool() && words.is_empty() {
            words.extend(["true", "false"].map(|word| Word { toml: word.to_owned(), doc: "" }));
        }
        words
    }

    /// Returns what may stand here, in a word or two.
    pub(crate) fn kind(&self) -> &'static str {
        let words = self.words();
        match () {
            () if self.is_table() && self.is_text() => "amount",
            () if self.is_list() => "list",
            () if self.is_table() => "table",
            () if self.is_bool() && words.len() <= 2 => "true or false",
            () if !words.is_empty() => "word",
            () if self.has_pattern("%") => "percentage",
            () if self.has_pattern("(\\.[0-9]") => "decimal",
            () if self.has_pattern("[0-9]{4}-") => "date",
            () if self.is_integer() => "number",
            () => "text",
        }
    }
}
