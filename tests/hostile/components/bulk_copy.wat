;; component_out_of_fuel
;; Copies its memory over itself again and again.
(module
  (memory (export "memory") 32)
  (global $next (mut i32) (i32.const 8192))
  (func (export "cabi_realloc") (param i32 i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
    (global.set $next (i32.add (local.get $at) (local.get $size)))
    (local.get $at))
  (func (export "accrue:rules/payout@0.2.0#pay") (param i32) (result i32)
    (loop $again (memory.copy (i32.const 1) (i32.const 0) (i32.const 1048576)) (br $again))
    (i32.const 16)))
