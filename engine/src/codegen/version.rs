//! Builds a whole module: restrictions and payout groups in one function, or in a traced module each rule in a function of its
//! own.

use wasm_encoder::{
    CodeSection, ConstExpr, CustomSection, DataSection, ElementSection, Elements, EntityType, ExportKind,
    ExportSection, FunctionSection, ImportSection, MemorySection, MemoryType, RefType, TableSection,
    TableType, TypeSection, ValType,
};

use super::code::{Gen, Parts, Shared, State};
use super::describe::{SECTION, describe};
use super::entry::{ANSWER_HEAD, Entry, EntryKind, Index as About, LONGEST_ENTRY};
use super::function::{Body, Label, at, count};
use super::group_index;
use super::helpers::Helper;
use super::image::Image;
use super::layout::{HEAD, LIST, Layout};
use super::module::pages;
use super::rep::Rep;
use super::size::{CodeSize, Excess};
use super::{Import, Mode, Module};
use crate::lang::Rule;
use crate::run::GroupKeys;
use crate::terms::{Choose, Group, PayoutPer, Pays, RestrictionBody, Terms, Verdict, Version};

const I32: ValType = ValType::I32;
const I64: ValType = ValType::I64;

/// The most rules in one function, and the most bytes of their text. The time to compile a function to native code grows faster
/// than its size, and the number of its locals is limited; beyond these bounds each rule has a function of its own.
const INLINE: usize = 64;
const INLINE_TEXT: u64 = 24 << 10;

/// The result types of the function that runs a record or a part of it: fuel and output.
const STEP: [ValType; 2] = [I64, I32];

/// Returns the module, or what it has too much of. Generating ends soon after a bound is exceeded.
pub(super) fn module(
    terms: &Terms,
    version: &Version,
    rules: &[&Rule],
    way: Mode,
    rule_fuel: u64,
) -> Result<Module, Excess> {
    let most = way.most();
    let index = (way != Mode::Traced).then(|| GroupKeys::new(version)).flatten();
    let layout = Layout::new(terms, version, rules, way != Mode::Small);
    most.less(CodeSize { data: Image::bytes_of(terms, &layout), ..CodeSize::default() })?;
    let mut image = Image::new(terms, &layout);
    let index = index.map(|keys| group_index::placed(&keys, &layout, &mut image));
    let shared = Shared {
        layout: &layout,
        exact: way == Mode::Traced,
        budget: i64::try_from(rule_fuel).unwrap_or(i64::MAX),
        lists: image.lists.clone(),
        helpers: Import::COUNT + count(Helper::ALL.len()),
    };
    let mut parts = Parts::new(most);
    parts.size.data(image.bytes.len() as u64);
    let (name, main, table) = if way == Mode::Traced {
        let mut table = Vec::new();
        for rule in rules {
            if parts.size.is_over() {
                break;
            }
            table.push(rule_function(&shared, &mut parts, rule));
        }
        ("rule", dispatcher(&shared, &mut parts), table)
    } else {
        let mut table = Vec::new();
        let main = decide_function(&shared, &mut parts, version, index.as_ref(), &mut table);
        ("decide", main, table)
    };
    let size = parts.size.settle()?;
    let free = image.end().next_multiple_of(16).max(16);
    let description = describe(terms, version, &layout, way, free);
    let bytes = assemble(&shared, &parts, &image, &Outline { name, main, table, free, description });
    Ok(Module { way, bytes, size, free, sites: parts.sites, layout })
}

/// The inputs of the sections besides the functions.
struct Outline {
    name: &'static str,
    main: u32,
    table: Vec<u32>,
    free: u32,
    description: Vec<u8>,
}

fn assemble(shared: &Shared<'_>, parts: &Parts, image: &Image, outline: &Outline) -> Vec<u8> {
    let mut types = parts.types.clone();
    let mut ty = |params: &[ValType], results: &[ValType]| {
        let found = types.iter().position(|(p, r)| p == params && r == results);
        count(found.unwrap_or_else(|| {
            types.push((params.to_vec(), results.to_vec()));
            types.len() - 1
        }))
    };
    let mut imports = ImportSection::new();
    for import in Import::ALL {
        let (params, results) = import.signature();
        imports.import("accrue", import.name(), EntityType::Function(ty(params, results)));
    }
    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    let helper = ty(&[I32, I32], &[I32]);
    for each in Helper::ALL {
        functions.function(helper);
        code.function(&each.code(count(shared.layout.texts.len())));
    }
    for (ty, function) in &parts.functions {
        functions.function(*ty);
        if let Some(function) = function {
            code.function(function);
        }
    }
    let mut type_section = TypeSection::new();
    for (params, results) in types {
        type_section.ty().function(params, results);
    }
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: u64::from(pages(outline.free)),
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 0);
    exports.export(outline.name, ExportKind::Func, shared.helpers + outline.main);
    let mut module = wasm_encoder::Module::new();
    module.section(&type_section).section(&imports).section(&functions);
    let mut elements = ElementSection::new();
    // The table may be empty: a traced module of a version without rules still needs it for its indirect call.
    let mut tables = TableSection::new();
    let size = outline.table.len() as u64;
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: size,
        maximum: Some(size),
        shared: false,
    });
    let called: Vec<u32> = outline.table.iter().map(|number| shared.helpers + number).collect();
    elements.active(None, &ConstExpr::i32_const(0), Elements::Functions(called.into()));
    module.section(&tables).section(&memories).section(&exports).section(&elements);
    module.section(&code);
    let mut data = DataSection::new();
    if !image.bytes.is_empty() {
        data.active(0, &ConstExpr::i32_const(0), image.bytes.iter().copied());
        module.section(&data);
    }
    module.section(&CustomSection { name: SECTION.into(), data: outline.description.as_slice().into() });
    module.finish()
}

/// Generates the function of one rule of a traced module. It takes the state and returns fuel and output.
fn rule_function<'a>(shared: &Shared<'a>, parts: &mut Parts, rule: &'a Rule) -> u32 {
    let functions = Gen::own_functions(shared, parts, rule);
    let ty = parts.ty(&State::TYPES, &STEP);
    let number = parts.reserve(ty);
    let mut gen_ = Gen::new(shared, parts, count(State::TYPES.len()));
    let kept = gen_.rule_body(rule, functions);
    match kept {
        Some(kept) if kept.rep == Rep::Bool => {
            let word = kept.words.first().copied().unwrap_or_default();
            gen_.write(
                Entry::of(EntryKind::Value),
                |gen_| {
                    gen_.body.get(word);
                    gen_.body.put().i64_extend_i32_u();
                },
                |gen_| gen_.body.i64(0),
            );
        }
        Some(kept) => gen_.number(Entry::of(EntryKind::Value), &kept),
        None => gen_.mark(EntryKind::End, About::Known(0)),
    }
    gen_.close();
    let body = gen_.body;
    parts.define(number, body, Some(rule));
    number
}

/// Generates `rule(number, record, item, out, out_end) -> out`.
fn dispatcher(shared: &Shared<'_>, parts: &mut Parts) -> u32 {
    let step = parts.ty(&State::TYPES, &STEP);
    let ty = parts.ty(&[I32; 5], &[I32]);
    let number = parts.reserve(ty);
    let mut body = Body::new(5);
    let (end, fuel) = (body.local(I32), body.local(I64));
    body.get(1);
    body.get(2);
    body.get(4);
    body.i64(shared.budget);
    body.get(3);
    body.get(0);
    body.put().call_indirect(0, step);
    body.set(end);
    body.set(fuel);
    body.get(end);
    body.put().i32_eqz();
    body.when();
    // The rule failed: the fault replaces its entries.
    body.get(3);
    body.i32(EntryKind::Fault as i32);
    body.put().i32_store(at(0, 2));
    body.get(3);
    body.get(1);
    body.put().i32_load(at(HEAD.site, 2)).i32_store(at(4, 2));
    body.get(3);
    body.get(1);
    body.put().i64_load(at(HEAD.fuel, 3)).i64_store(at(8, 3));
    body.get(3);
    body.i32((8 + 8 * EntryKind::Fault.words()).cast_signed());
    body.put().i32_add();
    body.set(end);
    body.otherwise();
    body.get(1);
    body.get(fuel);
    body.put().i64_store(at(HEAD.fuel, 3));
    body.end();
    body.get(end);
    parts.define(number, body, None);
    number
}

/// Generates `decide(first, count, out, out_end) -> out`, which runs all rules on each record.
fn decide_function<'a>(
    shared: &Shared<'a>,
    parts: &mut Parts,
    version: &'a Version,
    index: Option<&group_index::Placed>,
    table: &mut Vec<u32>,
) -> u32 {
    let ty = parts.ty(&[I32; 4], &[I32]);
    let number = parts.reserve(ty);
    let all = version.restrictions.len() + version.payout.groups.len();
    let apart = all > INLINE || CodeSize::text_of(version).text > INLINE_TEXT;
    let groups = Groups::new(shared, parts, version, index, apart, table);
    let restrictions: Vec<(u32, Option<u32>)> = version
        .restrictions
        .iter()
        .enumerate()
        .map_while(|(n, restriction)| {
            if parts.size.is_over() {
                return None;
            }
            let rule = restriction.body.rule();
            let functions = rule.map_or(0, |rule| Gen::own_functions(shared, parts, rule));
            let own = apart.then(|| {
                let ty = parts.ty(&State::TYPES, &[I32, I64, I32]);
                let number = parts.reserve(ty);
                let mut gen_ = Gen::new(shared, parts, count(State::TYPES.len()));
                let refused = gen_.body.local(I32);
                gen_.restriction(version, n, functions, refused);
                gen_.body.get(refused);
                gen_.close_with(1);
                let body = gen_.body;
                parts.define(number, body, rule);
                number
            });
            Some((functions, own))
        })
        .collect();

    let mut body = Body::new(4);
    // The address of the answer being written, and the end of the room for answers.
    let (answer, out_end) = (2, 3);
    let state = State {
        record: 0,
        item: body.local(I32),
        out_end: body.local(I32),
        fuel: body.local(I64),
        out: body.local(I32),
    };
    let (head, longest) = (ANSWER_HEAD.cast_signed(), LONGEST_ENTRY.cast_signed());
    // The last address at which an entry may begin.
    body.get(out_end);
    body.i32(longest);
    body.put().i32_sub();
    body.set(state.out_end);
    let done = body.block();
    let again = body.head();
    body.get(1);
    body.put().i32_eqz();
    body.br_if(done);
    // Stop if there is no room for the head of an answer and one entry.
    body.get(out_end);
    body.get(answer);
    body.put().i32_sub();
    body.i32(head + longest);
    body.put().i32_lt_s();
    body.br_if(done);
    body.i64(0);
    body.set(state.fuel);
    body.get(answer);
    body.i32(head);
    body.put().i32_add();
    body.set(state.out);
    body.get(answer);
    body.i32(0);
    body.put().i32_store(at(0, 2));
    let decided = body.block();

    let mut gen_ = Gen::within(shared, parts, body, state);
    let refused = gen_.body.local(I32);
    gen_.body.i32(0);
    gen_.body.set(refused);
    let one = gen_.body.local(I32);
    for (n, (functions, own)) in restrictions.iter().enumerate() {
        match own {
            None => gen_.restriction(version, n, *functions, refused),
            Some(own) => {
                gen_.call_part(*own, Some(one));
                gen_.body.get(refused);
                gen_.body.get(one);
                gen_.body.put().i32_or();
                gen_.body.set(refused);
            }
        }
    }
    // Run the pay phase only if the host allows it and no restriction has refused.
    gen_.body.get(gen_.state.record);
    gen_.body.put().i32_load(at(HEAD.pay, 2));
    gen_.body.get(refused);
    gen_.body.put().i32_eqz().i32_and();
    gen_.body.when();
    gen_.pay(version, &groups);
    gen_.body.end();
    gen_.body.br(decided);
    gen_.body.end();

    // The module gave up: the answer has no entries.
    let mut body = gen_.body;
    body.get(answer);
    body.i32(1);
    body.put().i32_store(at(0, 2));
    body.get(answer);
    body.i32(head);
    body.put().i32_add();
    body.set(state.out);
    body.end();
    body.get(answer);
    body.get(state.fuel);
    body.put().i64_store(at(8, 3));
    body.get(answer);
    body.get(state.out);
    body.get(answer);
    body.put().i32_sub();
    body.i32(head);
    body.put().i32_sub().i32_store(at(4, 2));
    body.get(state.out);
    body.set(answer);
    body.get(state.record);
    body.put().i32_load(at(HEAD.next, 2));
    body.set(state.record);
    body.get(1);
    body.i32(1);
    body.put().i32_sub();
    body.set(1);
    body.br(again);
    body.end();
    body.end();
    body.get(answer);
    parts.define(number, body, None);
    number
}

/// How the payout groups of a version are tried.
struct Groups<'i> {
    /// For each group: the functions of its rules, and the function of the group itself, if it has one; the default payout is
    /// last.
    each: Vec<(Vec<u32>, Option<u32>)>,
    index: Option<&'i group_index::Placed>,
}

impl<'i> Groups<'i> {
    fn new<'a>(
        shared: &Shared<'a>,
        parts: &mut Parts,
        version: &'a Version,
        index: Option<&'i group_index::Placed>,
        apart: bool,
        table: &mut Vec<u32>,
    ) -> Self {
        let mut each = Vec::new();
        for (n, group) in version.groups().enumerate() {
            if parts.size.is_over() {
                break;
            }
            let functions: Vec<u32> =
                group.rules().map(|rule| Gen::own_functions(shared, parts, rule)).collect();
            let listed = n < version.payout.groups.len();
            let own = (listed && (apart || index.is_some())).then(|| {
                let ty = parts.ty(&State::TYPES, &[I32, I64, I32]);
                let number = parts.reserve(ty);
                let mut gen_ = Gen::new(shared, parts, count(State::TYPES.len()));
                let matched = gen_.body.local(I32);
                gen_.group(group, count(n), &functions, Then::Set(matched));
                gen_.body.get(matched);
                gen_.close_with(1);
                let body = gen_.body;
                parts.define(number, body, group.rules().last());
                table.push(number);
                number
            });
            each.push((functions, own));
        }
        Self { each, index }
    }
}

/// What follows if a group matches.
#[derive(Clone, Copy, Debug)]
enum Then {
    /// Set this local.
    Set(u32),
    /// Leave this block.
    Leave(Label),
    /// Continue.
    GoOn,
}

impl<'a> Gen<'a, '_> {
    /// Ends a function that returns fuel and output.
    fn close(&mut self) {
        self.close_with(0);
    }

    /// Ends a function that returns `words` words, which are on the stack, then fuel and output.
    fn close_with(&mut self, words: u32) {
        self.body.get(self.state.fuel);
        self.body.get(self.state.out);
        self.body.put().return_();
        self.body.end();
        for _ in 0..words {
            self.body.i32(0);
        }
        self.body.get(self.state.fuel);
        self.body.i32(0);
    }

    /// Calls a function that takes the state and returns fuel and output, preceded by a word for `word`.
    fn call_part(&mut self, number: u32, word: Option<u32>) {
        self.state_on_stack();
        let function = self.shared.helpers + number;
        self.body.put().call(function);
        self.part_returned(word);
    }

    pub(super) fn state_on_stack(&mut self) {
        let State { record, item, out_end, fuel, out } = self.state;
        for local in [record, item, out_end, fuel, out] {
            self.body.get(local);
        }
    }

    pub(super) fn part_returned(&mut self, word: Option<u32>) {
        self.returned_state();
        if let Some(word) = word {
            self.body.set(word);
        }
    }

    fn restriction(&mut self, version: &'a Version, n: usize, functions: u32, refused: u32) {
        let Some(restriction) = version.restrictions.get(n) else { return };
        let index = count(n);
        match &restriction.body {
            RestrictionBody::When { condition, verdict, .. } => {
                let kept = self.rule_body(condition, functions);
                self.body.get(kept.and_then(|kept| kept.words.first().copied()).unwrap_or_default());
                self.body.when();
                self.mark(EntryKind::Restriction, About::Known(index));
                if matches!(verdict, Verdict::Reject | Verdict::Zero) {
                    self.body.i32(1);
                    self.body.set(refused);
                }
                self.body.end();
            }
            RestrictionBody::Script(rule) => {
                self.mark(EntryKind::RestrictionSaid, About::Known(index));
                self.script(rule, functions);
                self.body.get(refused);
                self.body.put().i32_or();
                self.body.set(refused);
            }
            // A module cannot call a component.
            RestrictionBody::Component(_) => self.body.br(self.fail),
        }
    }

    /// Runs a script. Leaves on the stack whether it gave a verb that counts.
    fn script(&mut self, rule: &'a Rule, functions: u32) {
        let record = self.state.record;
        self.body.get(record);
        self.body.i32(0);
        self.body.put().i32_store(at(HEAD.said, 2));
        self.rule_body(rule, functions);
        self.body.get(record);
        self.body.put().i32_load(at(HEAD.said, 2));
    }

    /// Tries a group; if it matches, continues as `then` says.
    fn group(&mut self, group: &'a Group, n: u32, functions: &[u32], then: Then) {
        let index = About::Known(n);
        let no = self.body.block();
        let mut functions = functions.iter().copied();
        if let Some(when) = &group.when {
            let kept = self.rule_body(when, functions.next().unwrap_or_default());
            self.body.get(kept.and_then(|kept| kept.words.first().copied()).unwrap_or_default());
            self.body.put().i32_eqz();
            self.body.br_if(no);
        }
        match &group.pays {
            Pays::Fixed(_) => self.mark(EntryKind::Group, index),
            Pays::Bands { by, bands } => {
                let kept = self.rule_body(by, functions.next().unwrap_or_default());
                let band = self.body.local(I64);
                let found = self.body.block();
                if let Some(kept) = kept {
                    for (n, from) in bands.iter().enumerate().rev() {
                        self.body.i64(i64::try_from(n).unwrap_or(i64::MAX));
                        self.body.set(band);
                        self.reaches(&kept, from.from);
                        self.body.br_if(found);
                    }
                }
                self.body.br(no);
                self.body.end();
                self.mark_with(EntryKind::Band, index, |gen_| gen_.body.get(band));
            }
            Pays::Script(rule) => {
                self.mark(EntryKind::GroupSaid, index);
                self.script(rule, functions.next().unwrap_or_default());
                self.body.put().i32_eqz();
                self.body.br_if(no);
                self.mark(EntryKind::Group, index);
            }
            // A module cannot call a component.
            Pays::Component(_) => self.body.br(self.fail),
        }
        match then {
            Then::Set(matched) => {
                self.body.i32(1);
                self.body.set(matched);
            }
            Then::Leave(chosen) => self.body.br(chosen),
            Then::GoOn => {}
        }
        self.body.end();
    }

    /// Puts 1 on the stack if a kept number is at least this constant.
    fn reaches(&mut self, kept: &super::code::Kept, from: rust_decimal::Decimal) {
        let value = match kept.rep {
            Rep::Int(bits) => Rep::Fixed { scale: 0, bits },
            rep => rep,
        };
        let rep = self.bounded(value.join(Rep::decimal(from)));
        self.bring(kept, false);
        self.convert(value, rep);
        let constant = self.decimal(from);
        self.convert(constant, rep);
        if rep == Rep::Wide {
            self.import(Import::Compare);
            self.body.i32(0);
            self.body.put().i32_ge_s();
        } else {
            self.body.put().i64_ge_s();
        }
    }

    fn pay(&mut self, version: &'a Version, groups: &Groups<'_>) {
        let State { record, item, .. } = self.state;
        if version.payout.per == PayoutPer::Order {
            self.mark(EntryKind::Line, About::Known(u32::MAX));
            return self.line(version, groups);
        }
        let (n, items) = (self.body.local(I32), self.body.local(I32));
        self.body.get(record);
        self.body.put().i32_load(at(HEAD.items + LIST.count, 2));
        self.body.tee(items);
        self.body.put().i32_eqz();
        self.body.when();
        // An order without items is one line of its whole amount.
        self.body.get(record);
        self.body.put().i32_load(at(HEAD.whole_item, 2));
        self.body.set(item);
        self.body.i32(-1);
        self.body.set(n);
        self.body.otherwise();
        self.body.get(record);
        self.body.put().i32_load(at(HEAD.items + LIST.first, 2));
        self.body.set(item);
        self.body.i32(0);
        self.body.set(n);
        self.body.end();
        let again = self.body.head();
        self.mark(EntryKind::Line, About::Local(n));
        self.line(version, groups);
        self.body.get(item);
        self.body.i32(i32::try_from(self.shared.layout.item.bytes).unwrap_or(i32::MAX));
        self.body.put().i32_add();
        self.body.set(item);
        self.body.get(n);
        self.body.i32(1);
        self.body.put().i32_add();
        self.body.tee(n);
        self.body.get(items);
        self.body.put().i32_lt_u();
        self.body.br_if(again);
        self.body.end();
    }

    /// Chooses the payout groups of a line.
    fn line(&mut self, version: &'a Version, groups: &Groups<'_>) {
        let payout = &version.payout;
        let any = self.body.local(I32);
        self.body.i32(0);
        self.body.set(any);
        let chosen = self.body.block();
        let first = payout.choose == Choose::First;
        if let Some(index) = groups.index {
            self.by_index(index, first, any, chosen);
        } else {
            let one = self.body.local(I32);
            for (n, (group, (functions, own))) in payout.groups.iter().zip(&groups.each).enumerate() {
                let Some(own) = own else {
                    self.group(
                        group,
                        count(n),
                        functions,
                        if first { Then::Leave(chosen) } else { Then::Set(any) },
                    );
                    continue;
                };
                self.call_part(*own, Some(one));
                self.body.get(one);
                if first {
                    self.body.br_if(chosen);
                } else {
                    self.body.get(any);
                    self.body.put().i32_or();
                    self.body.set(any);
                }
            }
        }
        if let (Some(default), Some((functions, _))) = (&payout.default, groups.each.last()) {
            if payout.choose != Choose::Stack {
                self.body.get(any);
                self.body.br_if(chosen);
            }
            self.group(default, u32::MAX, functions, Then::GoOn);
        }
        self.body.end();
    }
}
