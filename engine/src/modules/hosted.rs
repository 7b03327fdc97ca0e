//! An instance of a module on a runtime of the host. Facts are written into a buffer of the engine's own memory, which the
//! runtime copies into the instance.

use std::sync::Arc;

use super::imports::{FactBytes, ImportContext, ImportState, ModuleImports};
use super::memory::MEMORY_BYTES;
use super::runtime::{ModuleCall, ModuleFunction, RuntimeError, RuntimeInstance, RuntimeModule};

/// Bytes of the buffer of facts, at first: an action of the usual size.
const FACT_BYTES: usize = 4 << 10;

/// An instance on a runtime of the host.
#[derive(Debug)]
pub(super) struct Hosted {
    instance: Box<dyn RuntimeInstance>,
    imports: ModuleImports,
    pub(super) state: ImportState,
    /// The address of the first byte of `facts`: the first address that does not belong to the module.
    base: u32,
    /// Shared with the imports while a call runs.
    facts: Arc<Vec<u8>>,
    /// Whether `facts` changed since the instance got them.
    changed: bool,
    /// Bytes of the instance's memory.
    memory: usize,
    answer: Vec<u8>,
    /// The address of the first byte of `answer`.
    answer_at: u32,
}

impl Hosted {
    /// Returns an instance whose memory has this many bytes, and whose facts begin at `base`.
    pub(super) fn new(
        module: &dyn RuntimeModule,
        context: &Arc<ImportContext>,
        base: u32,
        memory: usize,
    ) -> Result<Self, RuntimeError> {
        let imports = ModuleImports::new(context);
        Ok(Self {
            instance: module.instantiate(imports.clone())?,
            imports,
            state: ImportState::default(),
            base,
            facts: Arc::new(vec![0; FACT_BYTES]),
            changed: false,
            memory,
            answer: Vec::new(),
            answer_at: 0,
        })
    }

    /// Returns the room for facts.
    pub(super) fn facts_mut(&mut self) -> &mut [u8] {
        self.changed = true;
        // The imports gave their share back when the call ended, so nothing is copied.
        Arc::make_mut(&mut self.facts).as_mut_slice()
    }

    pub(super) fn facts(&self) -> FactBytes<'_> {
        FactBytes { bytes: &self.facts, base: self.base }
    }

    /// Makes room for this many bytes of facts.
    pub(super) fn make_room(&mut self, bytes: usize) -> Option<()> {
        if bytes + self.base as usize > MEMORY_BYTES {
            return None;
        }
        Arc::make_mut(&mut self.facts).resize(bytes, 0);
        Some(())
    }

    /// Makes the instance's memory reach this address.
    pub(super) fn reach(&mut self, address: usize) -> Option<()> {
        if address <= self.memory {
            return Some(());
        }
        if address > MEMORY_BYTES {
            return None;
        }
        self.instance.grow(address).ok()?;
        self.memory = address;
        Some(())
    }

    /// Calls a function whose answer begins at `from`, after the facts, and ends before `end`. Returns the address after the answer.
    pub(super) fn call(
        &mut self,
        function: ModuleFunction,
        arguments: &[u32],
        (from, end): (u32, u32),
    ) -> Option<u32> {
        let facts = match self.changed {
            true => self.facts.get(..from.checked_sub(self.base)? as usize)?,
            false => &[],
        };
        let room = end.checked_sub(from)? as usize;
        if self.answer.len() < room {
            self.answer.resize(room, 0);
        }
        let call = ModuleCall { function, arguments, facts_at: self.base, facts, answer_at: from };
        self.imports.lend(std::mem::take(&mut self.state), &self.facts, self.base);
        let last = self.instance.call(&call, self.answer.get_mut(..room)?);
        self.state = self.imports.take_back();
        let last = last.ok().filter(|last| (from..=end).contains(last))?;
        self.changed = false;
        self.answer_at = from;
        Some(last)
    }

    /// Returns bytes of the last answer, by their addresses.
    pub(super) fn answer(&self, from: usize, to: usize) -> Option<&[u8]> {
        let at = self.answer_at as usize;
        self.answer.get(from.checked_sub(at)?..to.checked_sub(at)?)
    }

    /// Returns bytes that the module changed besides its answer.
    pub(super) fn read<const N: usize>(&mut self, address: u32) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        self.instance.read(address, &mut bytes).ok()?;
        Some(bytes)
    }
}
