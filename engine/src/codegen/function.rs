//! The body of one function while it is built. Labels are kept by depth, so that a branch names its target and not the distance.

use wasm_encoder::{BlockType, Function, InstructionSink, MemArg, ValType};

use super::size::FunctionSize;

/// The target of a branch: the end of a block, or the head of a loop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label(u32);

/// A function while it is built.
#[derive(Debug)]
pub(super) struct Body {
    params: u32,
    locals: Vec<ValType>,
    bytes: Vec<u8>,
    depth: u32,
    /// Places where control flow splits or joins.
    blocks: u64,
}

impl Body {
    pub(super) fn new(params: u32) -> Self {
        Self { params, locals: Vec::new(), bytes: Vec::new(), depth: 0, blocks: 1 }
    }

    /// Adds a local and returns its index.
    pub(super) fn local(&mut self, ty: ValType) -> u32 {
        let index = self.params + count(self.locals.len());
        self.locals.push(ty);
        index
    }

    /// Writes instructions that neither open nor close a block.
    pub(super) fn put(&mut self) -> InstructionSink<'_> {
        InstructionSink::new(&mut self.bytes)
    }

    pub(super) fn i32(&mut self, value: i32) {
        self.put().i32_const(value);
    }

    pub(super) fn i64(&mut self, value: i64) {
        self.put().i64_const(value);
    }

    pub(super) fn get(&mut self, local: u32) {
        self.put().local_get(local);
    }

    pub(super) fn set(&mut self, local: u32) {
        self.put().local_set(local);
    }

    pub(super) fn tee(&mut self, local: u32) {
        self.put().local_tee(local);
    }

    /// Opens a block; a branch to its label jumps to its end.
    pub(super) fn block(&mut self) -> Label {
        self.put().block(BlockType::Empty);
        self.opened()
    }

    /// Opens a loop; a branch to its label jumps to its head.
    pub(super) fn head(&mut self) -> Label {
        self.put().loop_(BlockType::Empty);
        self.opened()
    }

    /// Opens a block that runs if the value on the stack is not zero.
    pub(super) fn when(&mut self) -> Label {
        self.put().if_(BlockType::Empty);
        self.opened()
    }

    /// Begins the `else` part of the innermost block.
    pub(super) fn otherwise(&mut self) {
        self.put().else_();
    }

    /// Closes the innermost block.
    pub(super) fn end(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.put().end();
    }

    pub(super) fn br(&mut self, label: Label) {
        let distance = self.depth.saturating_sub(label.0);
        self.put().br(distance);
    }

    pub(super) fn br_if(&mut self, label: Label) {
        let distance = self.depth.saturating_sub(label.0);
        self.blocks += 1;
        self.put().br_if(distance);
    }

    fn opened(&mut self) -> Label {
        self.depth += 1;
        self.blocks += 1;
        Label(self.depth)
    }

    /// Returns the size of the function so far.
    pub(super) fn size(&self) -> FunctionSize {
        FunctionSize {
            bytes: self.bytes.len() as u64,
            locals: u64::from(self.params) + self.locals.len() as u64,
            blocks: self.blocks,
        }
    }

    /// Returns the finished function.
    pub(super) fn finish(mut self) -> Function {
        self.put().end();
        let mut function = Function::new_with_locals_types(self.locals);
        function.raw(self.bytes);
        function
    }
}

/// Returns the offset and alignment of a load or store from an address on the stack.
pub(super) fn at(offset: u32, align: u32) -> MemArg {
    MemArg { offset: u64::from(offset), align, memory_index: 0 }
}

/// Returns a length as u32. Sizes are bounded far below its maximum.
pub(super) fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}
