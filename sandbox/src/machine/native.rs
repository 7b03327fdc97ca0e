//! Machines with an operating system: memories come from a pool of address space.

use wasmtime::{Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::limits::HostLimits;

/// Bytes of each memory and table that are cleared by writing zeros instead of by the operating system.
const KEEP_RESIDENT: usize = 64 << 10;
/// Unmapped bytes after each memory: the largest offset that may be added to an address without a check.
const GUARD_BYTES: u64 = 64 << 10;

/// Sets where the memories of components are: in a pool that is reserved at once.
pub(crate) fn set_memory(config: &mut Config, limits: &HostLimits) {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(limits.slots)
        .total_core_instances(limits.slots.saturating_mul(limits.core_instances))
        .total_memories(limits.slots)
        .total_tables(limits.slots)
        .max_core_instances_per_component(limits.core_instances)
        .max_memories_per_component(1)
        .max_tables_per_component(1)
        .max_memories_per_module(1)
        .max_tables_per_module(1)
        .max_memory_size(limits.memory_bytes)
        .table_elements(limits.table_elements)
        // The memory that a small rule touches is cleared by writing zeros, which is cheaper than returning pages.
        .linear_memory_keep_resident(KEEP_RESIDENT)
        // If the system reports which pages were written, those pages are cleared wherever they are: a Rust rule writes its stack
        // and the pages beside its data, a megabyte up. This halves the cost of an instance.
        .pagemap_scan(Enabled::Auto)
        .table_keep_resident(KEEP_RESIDENT);
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        // Reserve no more than a slot may use: every access is checked, and 64 slots do not need 256 GB of address space.
        .memory_reservation(limits.memory_bytes as u64)
        .memory_guard_size(GUARD_BYTES);
}

/// Nothing is to be done.
pub(crate) fn before_compiling() {}
