//! The guard: checks that the bytes of a component are small enough to be compiled.
//!
//! This module must not compile or validate. It counts sizes in one pass, and stops at the first limit that is exceeded.

use wasmparser::{ComponentExternName, FunctionBody, Operator, Parser, Payload, TypeRef};

use crate::error::LoadError;
use crate::limits::GuardLimits;

/// Bytes of a page of linear memory.
const PAGE: u64 = 64 << 10;

/// The sizes counted so far.
struct Counts<'l> {
    limits: &'l GuardLimits,
    memory_bytes: u64,
    table_elements: u64,
    functions: u64,
    code_bytes: u64,
    joins: u64,
    types: u64,
    inner_imports: u64,
    items: u64,
    data_bytes: u64,
    segments: u64,
    modules: u64,
    components: u64,
}

fn bounded(what: &'static str, found: u64, limit: u64) -> Result<(), LoadError> {
    if found > limit { Err(LoadError::TooLarge { what, found, limit }) } else { Ok(()) }
}

fn malformed(error: wasmparser::BinaryReaderError) -> LoadError {
    LoadError::Malformed(error.message().to_owned())
}

/// Checks a component against the limits. `memory_bytes` and `table_elements` are the most that the runtime can grant.
pub(crate) fn check(
    bytes: &[u8],
    limits: &GuardLimits,
    memory_bytes: usize,
    table_elements: usize,
) -> Result<(), LoadError> {
    bounded("bytes", bytes.len() as u64, limits.bytes as u64)?;
    if Parser::is_core_wasm(bytes) {
        return Err(LoadError::CoreModule);
    }
    if !Parser::is_component(bytes) {
        return Err(LoadError::Malformed("it does not begin like one".to_owned()));
    }
    let mut counts = Counts {
        limits,
        memory_bytes: memory_bytes as u64,
        table_elements: table_elements as u64,
        functions: 0,
        code_bytes: 0,
        joins: 0,
        types: 0,
        inner_imports: 0,
        items: 0,
        data_bytes: 0,
        segments: 0,
        modules: 0,
        components: 0,
    };
    let mut depth = 0u64;
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.map_err(malformed)?;
        match payload {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => {
                depth += 1;
                bounded("levels of nesting", depth, u64::from(limits.nesting))?;
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        counts.count(payload, depth == 0)?;
    }
    Ok(())
}

impl Counts<'_> {
    fn count(&mut self, payload: Payload<'_>, outermost: bool) -> Result<(), LoadError> {
        let limits = self.limits;
        match payload {
            Payload::ComponentImportSection(imports) if outermost => {
                if let Some(import) = imports.into_iter().next() {
                    let ComponentExternName { name, .. } = import.map_err(malformed)?.name;
                    return Err(LoadError::Import(name.chars().take(100).collect()));
                }
            }
            Payload::ComponentImportSection(imports) => self.inner_imports(imports.count())?,
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    self.inner_imports(1)?;
                    match import.map_err(malformed)?.ty {
                        TypeRef::Memory(memory) => self.memory(memory.initial)?,
                        TypeRef::Table(table) => self.table(table.initial)?,
                        _ => {}
                    }
                }
            }
            Payload::ModuleSection { .. } => {
                self.modules += 1;
                bounded("core modules", self.modules, u64::from(limits.modules))?;
            }
            Payload::ComponentSection { .. } => {
                self.components += 1;
                bounded("inner components", self.components, u64::from(limits.components))?;
            }
            Payload::TypeSection(types) => {
                for group in types {
                    for ty in group.map_err(malformed)?.types() {
                        let parts = match &ty.composite_type.inner {
                            wasmparser::CompositeInnerType::Func(func) => {
                                func.params().len() + func.results().len()
                            }
                            _ => 0,
                        };
                        self.types(1 + parts as u64)?;
                    }
                }
            }
            Payload::CoreTypeSection(types) => self.types(u64::from(types.count()))?,
            // Their parts are bounded by the bytes, and only the types that cross the component's border are compiled.
            Payload::ComponentTypeSection(types) => self.types(u64::from(types.count()))?,
            Payload::MemorySection(memories) => {
                for memory in memories {
                    self.items(1)?;
                    self.memory(memory.map_err(malformed)?.initial)?;
                }
            }
            Payload::TableSection(tables) => {
                for table in tables {
                    self.items(1)?;
                    self.table(table.map_err(malformed)?.ty.initial)?;
                }
            }
            Payload::GlobalSection(globals) => self.items(globals.count())?,
            Payload::ExportSection(exports) => self.items(exports.count())?,
            Payload::TagSection(tags) => self.items(tags.count())?,
            Payload::InstanceSection(instances) => self.items(instances.count())?,
            Payload::ComponentInstanceSection(instances) => self.items(instances.count())?,
            Payload::ComponentAliasSection(aliases) => self.items(aliases.count())?,
            Payload::ComponentCanonicalSection(functions) => self.items(functions.count())?,
            Payload::ComponentExportSection(exports) => self.items(exports.count())?,
            Payload::FunctionSection(functions) => {
                self.functions += u64::from(functions.count());
                bounded("functions", self.functions, u64::from(limits.functions))?;
            }
            Payload::DataSection(segments) => {
                for segment in segments {
                    self.segment()?;
                    self.data_bytes += segment.map_err(malformed)?.data.len() as u64;
                    bounded("bytes of data", self.data_bytes, limits.data_bytes as u64)?;
                }
            }
            Payload::ElementSection(segments) => {
                for segment in segments {
                    self.segment()?;
                    let count = match segment.map_err(malformed)?.items {
                        wasmparser::ElementItems::Functions(items) => items.count(),
                        wasmparser::ElementItems::Expressions(_, items) => items.count(),
                    };
                    bounded("elements of a table", u64::from(count), self.table_elements)?;
                }
            }
            Payload::CodeSectionEntry(body) => self.function(&body)?,
            _ => {}
        }
        Ok(())
    }

    fn types(&mut self, more: u64) -> Result<(), LoadError> {
        self.types += more;
        bounded("types and their parts", self.types, u64::from(self.limits.types))
    }

    fn inner_imports(&mut self, more: u32) -> Result<(), LoadError> {
        self.inner_imports += u64::from(more);
        bounded("imports between its modules", self.inner_imports, u64::from(self.limits.inner_imports))
    }

    fn items(&mut self, more: u32) -> Result<(), LoadError> {
        self.items += u64::from(more);
        bounded("globals, exports, aliases and instances", self.items, u64::from(self.limits.items))
    }

    fn segment(&mut self) -> Result<(), LoadError> {
        self.segments += 1;
        bounded("segments", self.segments, u64::from(self.limits.segments))
    }

    fn memory(&self, pages: u64) -> Result<(), LoadError> {
        bounded("bytes of memory to begin with", pages.saturating_mul(PAGE), self.memory_bytes)
    }

    fn table(&self, elements: u64) -> Result<(), LoadError> {
        bounded("elements of a table", elements, self.table_elements)
    }

    /// Counts a function: its size, its locals, and the product of its blocks and locals.
    fn function(&mut self, body: &FunctionBody<'_>) -> Result<(), LoadError> {
        let limits = self.limits;
        let bytes = body.range().len() as u64;
        bounded("bytes in one function", bytes, limits.function_bytes as u64)?;
        self.code_bytes += bytes;
        bounded("bytes of code", self.code_bytes, limits.code_bytes as u64)?;
        let mut locals = 0u64;
        for local in body.get_locals_reader().map_err(malformed)? {
            locals += u64::from(local.map_err(malformed)?.0);
            bounded("locals in one function", locals, u64::from(limits.locals))?;
        }
        let (mut blocks, mut targets) = (1u64, 0u64);
        for operator in body.get_operators_reader().map_err(malformed)? {
            match operator.map_err(malformed)? {
                Operator::Block { .. }
                | Operator::Loop { .. }
                | Operator::If { .. }
                | Operator::BrIf { .. } => {
                    blocks += 1;
                }
                Operator::BrTable { targets: table } => {
                    blocks += 1;
                    targets += u64::from(table.len());
                    bounded(
                        "targets of jump tables in one function",
                        targets,
                        u64::from(limits.jump_targets),
                    )?;
                }
                _ => {}
            }
        }
        let joins = (blocks + targets).saturating_mul(locals);
        bounded("blocks times locals in one function", joins, limits.joins)?;
        self.joins = self.joins.saturating_add(joins);
        bounded("blocks times locals in all functions", self.joins, limits.joins_in_all)
    }
}
