//! A module that is loaded, and what its instances share.

use std::sync::Arc;

use super::imports::ImportContext;
use super::instance::{Code, Instance};
use super::symbols::Symbols;
use super::write::WritePlan;
use crate::codegen::Module;
use crate::time::Zone;

/// A module that is loaded, and what its instances share.
pub(super) struct LoadedModule {
    code: Code,
    pub(super) context: Arc<ImportContext>,
    pub(super) module: Module,
    pub(super) symbols: Symbols,
    pub(super) plan: WritePlan,
}

impl std::fmt::Debug for LoadedModule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoadedModule").field("way", &self.module.way).finish_non_exhaustive()
    }
}

impl LoadedModule {
    pub(super) fn new(code: Code, module: Module, zone: Zone) -> Self {
        let (symbols, plan) = (Symbols::new(&module.layout), WritePlan::new(&module.layout));
        let context = Arc::new(ImportContext::new(&module.layout, zone));
        Self { code, context, module, symbols, plan }
    }

    /// Returns whether this is the code of `module` for this time zone.
    pub(super) fn is(&self, module: &Module, zone: Zone) -> bool {
        self.context.zone == zone && self.module == *module
    }

    /// Returns a new instance; `None` if none can be made.
    pub(super) fn instance(&self) -> Option<Instance> {
        self.code.instance(&self.module, &self.context)
    }
}
