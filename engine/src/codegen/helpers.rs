//! The hand-written functions on texts that every module contains.

use wasm_encoder::{Function, ValType};

use super::function::{Body, at};
use super::layout::LIST;

const I32: ValType = ValType::I32;

/// A helper function, in the order of their indexes. Each takes two symbols (or a list and a symbol) and returns 0 or 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Helper {
    /// Whether two texts are equal.
    Same,
    /// Whether a list of facts contains a text.
    Has,
    /// Whether the first text begins with the second.
    Starts,
    /// Whether the first text ends with the second.
    Ends,
}

impl Helper {
    pub(super) const ALL: [Self; 4] = [Self::Same, Self::Has, Self::Starts, Self::Ends];

    /// Returns the index of the function, after the imports.
    pub(super) fn index(self) -> u32 {
        super::Import::COUNT + self as u32
    }

    /// Returns the code, for a module with `texts` constant texts.
    pub(super) fn code(self, texts: u32) -> Function {
        let mut body = Body::new(2);
        match self {
            Self::Same => same(&mut body, texts),
            Self::Has => has(&mut body, texts),
            Self::Starts => part(&mut body, texts, false),
            Self::Ends => part(&mut body, texts, true),
        }
        body.finish()
    }
}

/// Puts the address and the length of the text of a symbol into locals, and returns the locals.
fn locate(body: &mut Body, symbol: u32, texts: u32) -> (u32, u32) {
    let (address, length) = (body.local(I32), body.local(I32));
    body.get(symbol);
    body.i32(i32::try_from(texts).unwrap_or(i32::MAX));
    body.put().i32_lt_u();
    body.when();
    body.get(symbol);
    body.i32(3);
    body.put().i32_shl().i32_load(at(0, 2));
    body.set(address);
    body.get(symbol);
    body.i32(3);
    body.put().i32_shl().i32_load(at(4, 2));
    body.set(length);
    body.otherwise();
    body.get(symbol);
    body.i32(4);
    body.put().i32_add();
    body.set(address);
    body.get(symbol);
    body.put().i32_load(at(0, 2));
    body.set(length);
    body.end();
    (address, length)
}

/// Compares `length` bytes at two addresses in words of `size` bytes, and returns the result, if `length` is at least `size`.
fn compare_words(body: &mut Body, size: i32, a: u32, b: u32, length: u32) {
    let (last, offset) = (body.local(I32), body.local(I32));
    let compare = |body: &mut Body, offset: u32| {
        for address in [a, b] {
            body.get(address);
            body.get(offset);
            body.put().i32_add();
            match size {
                8 => body.put().i64_load(at(0, 0)),
                4 => body.put().i32_load(at(0, 0)),
                2 => body.put().i32_load16_u(at(0, 0)),
                _ => body.put().i32_load8_u(at(0, 0)),
            };
        }
        match size {
            8 => body.put().i64_ne(),
            _ => body.put().i32_ne(),
        };
        returns_when(body, 0);
    };
    body.get(length);
    body.i32(size);
    body.put().i32_ge_u();
    body.when();
    body.get(length);
    body.i32(size);
    body.put().i32_sub();
    body.set(last);
    // The last word is compared first, because names and addresses mostly differ at the end. It may overlap the word before it,
    // so no bytes are left over.
    compare(body, last);
    body.i32(0);
    body.set(offset);
    let done = body.block();
    let again = body.head();
    body.get(offset);
    body.get(last);
    body.put().i32_ge_u();
    body.br_if(done);
    compare(body, offset);
    body.get(offset);
    body.i32(size);
    body.put().i32_add();
    body.set(offset);
    body.br(again);
    body.end();
    body.end();
    body.i32(1);
    body.put().return_();
    body.end();
}

/// Returns `what` from the function if the value on the stack is not zero.
fn returns_when(body: &mut Body, what: i32) {
    body.when();
    body.i32(what);
    body.put().return_();
    body.end();
}

/// Returns from the function whether `length` bytes at two addresses are equal.
fn compare(body: &mut Body, a: u32, b: u32, length: u32) {
    for size in [8, 4, 2, 1] {
        compare_words(body, size, a, b, length);
    }
    // A length of zero: the texts are equal.
    body.i32(1);
}

fn same(body: &mut Body, texts: u32) {
    body.get(0);
    body.get(1);
    body.put().i32_eq();
    returns_when(body, 1);
    // A constant has exactly one symbol.
    for symbol in [0, 1] {
        body.get(symbol);
        body.i32(i32::try_from(texts).unwrap_or(i32::MAX));
        body.put().i32_lt_u();
        returns_when(body, 0);
    }
    let length = body.local(I32);
    body.get(0);
    body.put().i32_load(at(0, 2));
    body.tee(length);
    body.get(1);
    body.put().i32_load(at(0, 2)).i32_ne();
    returns_when(body, 0);
    // The length words (4 bytes) were compared equal and are included, so no text is too short for words.
    body.get(length);
    body.i32(4);
    body.put().i32_add();
    body.set(length);
    compare(body, 0, 1, length);
}

fn has(body: &mut Body, texts: u32) {
    let texts = i32::try_from(texts).unwrap_or(i32::MAX);
    let (address, left, element) = (body.local(I32), body.local(I32), body.local(I32));
    body.get(0);
    body.put().i32_load(at(LIST.first, 2));
    body.set(address);
    body.get(0);
    body.put().i32_load(at(LIST.count, 2));
    body.set(left);
    let done = body.block();
    let again = body.head();
    body.get(left);
    body.put().i32_eqz();
    body.br_if(done);
    body.get(address);
    body.put().i32_load(at(0, 2));
    body.tee(element);
    body.get(1);
    body.put().i32_eq();
    returns_when(body, 1);
    // A constant has exactly one symbol, so comparing bytes would add nothing.
    body.get(1);
    body.i32(texts);
    body.put().i32_ge_u();
    body.get(element);
    body.i32(texts);
    body.put().i32_ge_u().i32_and();
    body.when();
    body.get(element);
    body.get(1);
    body.put().call(Helper::Same.index());
    returns_when(body, 1);
    body.end();
    body.get(address);
    body.i32(4);
    body.put().i32_add();
    body.set(address);
    body.get(left);
    body.i32(1);
    body.put().i32_sub();
    body.set(left);
    body.br(again);
    body.end();
    body.end();
    body.i32(0);
}

fn part(body: &mut Body, texts: u32, at_end: bool) {
    let (text, length) = locate(body, 0, texts);
    let (part, part_length) = locate(body, 1, texts);
    body.get(part_length);
    body.get(length);
    body.put().i32_gt_u();
    returns_when(body, 0);
    if at_end {
        body.get(text);
        body.get(length);
        body.put().i32_add();
        body.get(part_length);
        body.put().i32_sub();
        body.set(text);
    }
    compare(body, text, part, part_length);
}
