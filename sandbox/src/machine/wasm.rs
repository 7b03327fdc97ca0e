//! WebAssembly as the machine, in a page or in Node: memories come from the allocator, and what wasmtime asks of an operating system is
//! answered here.

// Wasmtime declares these functions for platforms that it does not know (`wasmtime-platform.h` of its C API) and links to them by name.
// A name that is not mangled is an unsafe attribute, and the functions get addresses. Each says why what it does with them is sound. There
// is one thread, no memory is protected, and code is data that Pulley reads.
#![allow(unsafe_code, reason = "functions that wasmtime links to")]

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::any::Any;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering};

use cranelift_codegen::timing::{Pass, Profiler, set_thread_profiler};
use wasmtime::Config;

use crate::limits::HostLimits;

/// Sets where the memories of components are: each is allocated, and moves when it grows. Nothing can be reserved or left unmapped here.
pub(crate) fn set_memory(config: &mut Config, _: &HostLimits) {
    config.signals_based_traps(false).memory_reservation(0).memory_guard_size(0);
}

/// Keeps the compiler from measuring its passes: there is no clock, and asking for the time would end the module.
pub(crate) fn before_compiling() {
    set_thread_profiler(Box::new(Untimed));
}

struct Untimed;

impl Profiler for Untimed {
    fn start_pass(&self, _: Pass) -> Box<dyn Any> {
        Box::new(())
    }
}

/// The bytes of a page, to which mappings are aligned.
const PAGE_BYTES: usize = 64 << 10;
/// The answer of a function that has done what it was asked for.
const DONE: i32 = 0;
/// The answer of a function that has not: `ENOMEM`.
const NO_MEMORY: i32 = 12;
/// The answer of a function that is never called with success before it: `ENOSYS`.
const NOT_HERE: i32 = 38;

/// Returns the layout of a mapping; `None` for a size that no memory has.
fn layout(bytes: usize) -> Option<Layout> {
    Layout::from_size_align(bytes.max(1), PAGE_BYTES).ok()
}

#[unsafe(no_mangle)]
extern "C" fn wasmtime_page_size() -> usize {
    PAGE_BYTES
}

/// Maps zeros that may be written. What they may be used for is not restricted.
#[unsafe(no_mangle)]
extern "C" fn wasmtime_mmap_new(bytes: usize, _: u32, to: &mut *mut u8) -> i32 {
    let Some(layout) = layout(bytes) else { return NO_MEMORY };
    // SAFETY: a layout has at least one byte.
    let start = unsafe { alloc_zeroed(layout) };
    if start.is_null() {
        return NO_MEMORY;
    }
    *to = start;
    DONE
}

/// Replaces a part of a mapping by zeros.
///
/// # Safety
///
/// The bytes belong to one mapping.
#[unsafe(no_mangle)]
unsafe extern "C" fn wasmtime_mmap_remap(start: *mut u8, bytes: usize, _: u32) -> i32 {
    // SAFETY: wasmtime owns the mapping, and refers to none of its content while it asks for a new one.
    unsafe { start.write_bytes(0, bytes) };
    DONE
}

/// Gives a mapping back.
///
/// # Safety
///
/// The mapping is one of [`wasmtime_mmap_new`], of this size, and is not used any more.
#[unsafe(no_mangle)]
unsafe extern "C" fn wasmtime_munmap(start: *mut u8, bytes: usize) -> i32 {
    let Some(layout) = layout(bytes) else { return NO_MEMORY };
    // SAFETY: wasmtime gives mappings back whole, with the size that it asked for, so the layout is that of the allocation.
    unsafe { dealloc(start, layout) };
    DONE
}

/// Protects nothing. Pulley checks every access of a component, and its code is never run as code.
#[unsafe(no_mangle)]
extern "C" fn wasmtime_mprotect(_: *mut u8, _: usize, _: u32) -> i32 {
    DONE
}

/// Says that there is no image of a memory, which is not a failure: its data is copied.
#[unsafe(no_mangle)]
extern "C" fn wasmtime_memory_image_new(_: *const u8, _: usize, to: &mut *mut u8) -> i32 {
    *to = null_mut();
    DONE
}

#[unsafe(no_mangle)]
extern "C" fn wasmtime_memory_image_map_at(_: *mut u8, _: *mut u8, _: usize) -> i32 {
    NOT_HERE
}

#[unsafe(no_mangle)]
extern "C" fn wasmtime_memory_image_free(_: *mut u8) {}

/// What wasmtime keeps for its thread, of which there is one, in each of its two slots.
static KEPT: [AtomicPtr<u8>; 2] = [const { AtomicPtr::new(null_mut()) }; 2];

#[unsafe(no_mangle)]
extern "C" fn wasmtime_tls_get(slot: usize) -> *mut u8 {
    KEPT.get(slot).map_or(null_mut(), |kept| kept.load(Ordering::Relaxed))
}

#[unsafe(no_mangle)]
extern "C" fn wasmtime_tls_set(slot: usize, value: *mut u8) {
    if let Some(kept) = KEPT.get(slot) {
        kept.store(value, Ordering::Relaxed);
    }
}
