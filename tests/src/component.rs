//! The engine's component under wasmtime: programs, facts and actions enter through its WIT world; what it answers
//! leaves as JSON, to be compared with what the native library says.
//!
//! The component is built by `cargo xtask component`, which is run once and needs no network, or it is the file that the
//! environment variable `ACCRUE_COMPONENT` names. Its values are passed without generated bindings, so that nothing here
//! is unsafe.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use accrue::Source;
use accrue::facts::FactKind;
use accrue::limits::Limits;
use serde_json::{Map, Value, json};
use wasmtime::component::{Component, Func, Instance, Linker, ResourceAny, Val};
use wasmtime::{Config, Engine, OptLevel, Store};

use crate::folder::root;

/// The interface that the component exports.
const INTERFACE: &str = "accrue:engine/decisions@0.1.0";

/// An instance of the component.
pub struct Guest {
    store: Store<()>,
    instance: Instance,
    functions: BTreeMap<String, Func>,
}

/// Something that lives in an instance: a program, reference facts, totals.
#[derive(Clone, Copy, Debug)]
pub struct Handle(ResourceAny);

/// A decision's text, or the error as JSON.
pub type Answer = Result<String, Value>;

/// What keeps the component from answering at all.
pub type Trouble = String;

fn built() -> Result<&'static (Engine, Component), Trouble> {
    static BUILT: OnceLock<Result<(Engine, Component), Trouble>> = OnceLock::new();
    BUILT.get_or_init(build).as_ref().map_err(Clone::clone)
}

fn build() -> Result<(Engine, Component), Trouble> {
    let bytes = bytes()?;
    let mut config = Config::new();
    // Most of what is tested runs a few times only.
    config.cranelift_opt_level(OptLevel::None);
    let engine = Engine::new(&config).map_err(|error| format!("{error:#}"))?;
    let component = Component::new(&engine, bytes).map_err(|error| format!("{error:#}"))?;
    Ok((engine, component))
}

/// The component: the one that is named, or one built by the cargo that runs the tests.
///
/// # Errors
///
/// What cargo said, when it does not build.
pub fn bytes() -> Result<Vec<u8>, Trouble> {
    let read = |path: PathBuf| {
        std::fs::read(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))
    };
    if let Some(path) = std::env::var_os("ACCRUE_COMPONENT") {
        return read(path.into());
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["run", "--quiet", "--package", "xtask", "--", "component"])
        .current_dir(root())
        .output()
        .map_err(|error| format!("cargo does not start: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    read(PathBuf::from(printed.lines().last().unwrap_or_default()))
}

impl Guest {
    /// A fresh instance. There is nothing to link it with.
    ///
    /// # Errors
    ///
    /// When the component does not build or wants an import.
    pub fn new() -> Result<Self, Trouble> {
        let (engine, component) = built()?;
        let mut store = Store::new(engine, ());
        let instance = Linker::new(engine)
            .instantiate(&mut store, component)
            .map_err(|error| format!("the component does not start: {error:#}"))?;
        Ok(Self { store, instance, functions: BTreeMap::new() })
    }

    fn function(&mut self, name: &str) -> Result<Func, Trouble> {
        if let Some(function) = self.functions.get(name) {
            return Ok(*function);
        }
        let missing = || format!("the component exports no `{name}`");
        let interface =
            self.instance.get_export_index(&mut self.store, None, INTERFACE).ok_or_else(missing)?;
        let index =
            self.instance.get_export_index(&mut self.store, Some(&interface), name).ok_or_else(missing)?;
        let function = self.instance.get_func(&mut self.store, index).ok_or_else(missing)?;
        self.functions.insert(name.to_owned(), function);
        Ok(function)
    }

    fn call(&mut self, name: &str, arguments: &[Val]) -> Result<Val, Trouble> {
        let mut answer = [Val::Bool(false)];
        let function = self.function(name)?;
        function
            .call(&mut self.store, arguments, &mut answer)
            .map_err(|error| format!("`{name}` trapped: {error:#}"))?;
        let [answer] = answer;
        Ok(answer)
    }

    fn handle(&mut self, name: &str, arguments: &[Val]) -> Result<Handle, Trouble> {
        match self.call(name, arguments)? {
            Val::Resource(handle) => Ok(Handle(handle)),
            other => Err(format!("`{name}` gave {other:?}")),
        }
    }

    /// Lets go of what a handle stands for.
    ///
    /// # Errors
    ///
    /// When the component traps.
    pub fn drop(&mut self, handle: Handle) -> Result<(), Trouble> {
        handle
            .0
            .resource_drop(&mut self.store)
            .map_err(|error| format!("a handle cannot be dropped: {error:#}"))
    }

    /// `program.load`: the program, or the error as JSON.
    ///
    /// # Errors
    ///
    /// When the component traps.
    pub fn load(&mut self, source: &Source, limits: &Limits) -> Result<Result<Handle, Value>, Trouble> {
        let files = source.paths().map(|path| {
            record([("path", text(path)), ("content", bytes_of(source.bytes(path).unwrap_or_default()))])
        });
        let limits = limits
            .list()
            .into_iter()
            .map(|limit| record([("name", text(limit.name)), ("at-most", Val::U64(limit.at_most))]));
        let arguments = [Val::List(files.collect()), Val::List(limits.collect())];
        match self.call("[static]program.load", &arguments)? {
            Val::Result(Ok(Some(program))) => match *program {
                Val::Resource(handle) => Ok(Ok(Handle(handle))),
                other => Err(format!("`program.load` gave {other:?}")),
            },
            Val::Result(Err(Some(error))) => Ok(Err(to_json(&error))),
            other => Err(format!("`program.load` gave {other:?}")),
        }
    }

    /// `program.warnings`, as JSON.
    ///
    /// # Errors
    ///
    /// When the component traps.
    pub fn warnings(&mut self, program: Handle) -> Result<Value, Trouble> {
        self.call("[method]program.warnings", &[Val::Resource(program.0)]).map(|answer| to_json(&answer))
    }

    /// `program.digest`.
    ///
    /// # Errors
    ///
    /// When the component traps.
    pub fn digest(&mut self, program: Handle) -> Result<Value, Trouble> {
        self.call("[method]program.digest", &[Val::Resource(program.0)]).map(|answer| to_json(&answer))
    }

    /// `program.counters`.
    ///
    /// # Errors
    ///
    /// When the component traps.
    pub fn counters(&mut self, program: Handle) -> Result<Handle, Trouble> {
        self.handle("[method]program.counters", &[Val::Resource(program.0)])
    }

    /// `counters.entries`, as JSON.
    ///
    /// # Errors
    ///
    /// When the component traps.
    pub fn entries(&mut self, counters: Handle) -> Result<Value, Trouble> {
        self.call("[method]counters.entries", &[Val::Resource(counters.0)]).map(|answer| to_json(&answer))
    }

    /// `counters.snapshot`, which is JSON.
    ///
    /// # Errors
    ///
    /// When the component traps.
    pub fn snapshot(&mut self, counters: Handle) -> Result<String, Trouble> {
        match self.call("[method]counters.snapshot", &[Val::Resource(counters.0)])? {
            Val::String(text) => Ok(text),
            other => Err(format!("`counters.snapshot` gave {other:?}")),
        }
    }

    /// `counters.restore`.
    ///
    /// # Errors
    ///
    /// When the component traps, or refuses the snapshot.
    pub fn restore(&mut self, snapshot: &str) -> Result<Handle, Trouble> {
        match self.call("[static]counters.restore", &[text(snapshot)])? {
            Val::Result(Ok(Some(counters))) => match *counters {
                Val::Resource(handle) => Ok(Handle(handle)),
                other => Err(format!("`counters.restore` gave {other:?}")),
            },
            other => Err(format!("`counters.restore` gave {other:?}")),
        }
    }

    /// `program.close-periods`: nothing, or the error as JSON.
    ///
    /// # Errors
    ///
    /// When the component traps.
    pub fn close_periods(
        &mut self,
        program: Handle,
        until: &str,
        counters: Handle,
    ) -> Result<Result<(), Value>, Trouble> {
        let arguments = [Val::Resource(program.0), text(until), Val::Resource(counters.0)];
        nothing(self.call("[method]program.close-periods", &arguments)?)
    }

    /// `program.close`: the decisions' texts, or the refusal as JSON.
    ///
    /// # Errors
    ///
    /// When the component traps.
    pub fn close(
        &mut self,
        program: Handle,
        until: &str,
        [known, counted]: [Handle; 2],
    ) -> Result<Result<Value, Value>, Trouble> {
        let arguments =
            [Val::Resource(program.0), text(until), Val::Resource(known.0), Val::Resource(counted.0)];
        either(self.call("[method]program.close", &arguments)?)
    }

    /// `program.next-close`, as JSON.
    ///
    /// # Errors
    ///
    /// When the component traps.
    pub fn next_close(&mut self, program: Handle, after: &str) -> Result<Value, Trouble> {
        let arguments = [Val::Resource(program.0), text(after)];
        self.call("[method]program.next-close", &arguments).map(|answer| to_json(&answer))
    }

    /// `program.adjust`: the action and the decision as they stand, or the refusal as JSON.
    ///
    /// # Errors
    ///
    /// When the component traps.
    pub fn adjust(
        &mut self,
        program: Handle,
        [adjustment, action, decision]: [&str; 3],
        [known, counted]: [Handle; 2],
    ) -> Result<Result<Value, Value>, Trouble> {
        let arguments = [
            Val::Resource(program.0),
            text(adjustment),
            text(action),
            text(decision),
            Val::Resource(known.0),
            Val::Resource(counted.0),
        ];
        either(self.call("[method]program.adjust", &arguments)?)
    }

    /// `reference`, filled with these files; what was wrong with each is JSON.
    ///
    /// # Errors
    ///
    /// When the component traps.
    pub fn reference(
        &mut self,
        files: &[(FactKind, String, Vec<u8>)],
    ) -> Result<(Handle, Vec<Value>), Trouble> {
        let handle = self.handle("[constructor]reference", &[])?;
        let mut errors = Vec::new();
        for (_, name, content) in files {
            let arguments = [Val::Resource(handle.0), text(name), bytes_of(content)];
            errors.push(match self.call("[method]reference.read", &arguments)? {
                Val::Result(Err(Some(errors))) => to_json(&errors),
                _ => json!([]),
            });
        }
        Ok((handle, errors))
    }

    /// `program.decide`, or `program.explain` when `traced`: the decision's text, or the error as JSON.
    ///
    /// # Errors
    ///
    /// When the component traps.
    pub fn decide(
        &mut self,
        program: Handle,
        action: &str,
        [known, counted]: [Handle; 2],
        traced: bool,
    ) -> Result<Result<String, Value>, Trouble> {
        let name = if traced { "[method]program.explain" } else { "[method]program.decide" };
        let arguments =
            [Val::Resource(program.0), text(action), Val::Resource(known.0), Val::Resource(counted.0)];
        decision(self.call(name, &arguments)?)
    }

    /// `counters.apply`, or `counters.revert` when `back`: nothing, or the error as JSON.
    ///
    /// # Errors
    ///
    /// When the component traps.
    pub fn apply(
        &mut self,
        decision: &str,
        counters: Handle,
        back: bool,
    ) -> Result<Result<(), Value>, Trouble> {
        let name = if back { "[method]counters.revert" } else { "[method]counters.apply" };
        nothing(self.call(name, &[Val::Resource(counters.0), text(decision)])?)
    }

    /// `program.decide-all`: indices, each with the decision's text or the error as JSON.
    ///
    /// # Errors
    ///
    /// When the component traps.
    pub fn decide_all(
        &mut self,
        program: Handle,
        actions: &[String],
        [known, counted]: [Handle; 2],
    ) -> Result<Vec<(usize, Answer)>, Trouble> {
        let actions = Val::List(actions.iter().map(|action| text(action)).collect());
        let arguments = [Val::Resource(program.0), actions, Val::Resource(known.0), Val::Resource(counted.0)];
        let Val::List(all) = self.call("[method]program.decide-all", &arguments)? else {
            return Err("`decide-all` gave no list".to_owned());
        };
        all.into_iter()
            .map(|one| match one {
                Val::Record(fields) => {
                    let [(_, Val::U32(index)), (_, answer)] = <[_; 2]>::try_from(fields)
                        .map_err(|fields| format!("a decided action is {fields:?}"))?
                    else {
                        return Err("a decided action has no index".to_owned());
                    };
                    Ok((index as usize, decision(answer)?))
                }
                other => Err(format!("a decided action is {other:?}")),
            })
            .collect()
    }
}

/// Returns a result as JSON.
fn either(answer: Val) -> Result<Result<Value, Value>, Trouble> {
    match answer {
        Val::Result(Ok(Some(value))) => Ok(Ok(to_json(&value))),
        Val::Result(Err(Some(error))) => Ok(Err(to_json(&error))),
        other => Err(format!("no result, but {other:?}")),
    }
}

fn nothing(answer: Val) -> Result<Result<(), Value>, Trouble> {
    match answer {
        Val::Result(Ok(None)) => Ok(Ok(())),
        Val::Result(Err(Some(error))) => Ok(Err(to_json(&error))),
        other => Err(format!("an answer is {other:?}")),
    }
}

fn decision(answer: Val) -> Result<Result<String, Value>, Trouble> {
    match answer {
        Val::Result(Ok(Some(decision))) => match *decision {
            Val::String(text) => Ok(Ok(text)),
            other => Err(format!("a decision is {other:?}")),
        },
        Val::Result(Err(Some(error))) => Ok(Err(to_json(&error))),
        other => Err(format!("a decision is {other:?}")),
    }
}

fn text(text: &str) -> Val {
    Val::String(text.to_owned())
}

fn bytes_of(bytes: &[u8]) -> Val {
    Val::List(bytes.iter().copied().map(Val::U8).collect())
}

fn record<const N: usize>(fields: [(&str, Val); N]) -> Val {
    Val::Record(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Records as objects, options as a value or null, variants as an object of one key, or text where there is no payload.
fn to_json(value: &Val) -> Value {
    match value {
        Val::U32(number) => json!(number),
        Val::U64(number) => json!(number),
        Val::S64(number) => json!(number),
        Val::String(text) | Val::Enum(text) => json!(text),
        Val::List(values) => values.iter().map(to_json).collect(),
        Val::Record(fields) => Value::Object(
            fields.iter().map(|(name, value)| (name.clone(), to_json(value))).collect::<Map<_, _>>(),
        ),
        Val::Option(value) => value.as_deref().map_or(Value::Null, to_json),
        Val::Variant(case, Some(value)) => json!({ case: to_json(value) }),
        Val::Variant(case, None) => json!(case),
        // Nothing else is in the world's errors.
        other => json!(format!("{other:?}")),
    }
}
