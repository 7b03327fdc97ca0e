;; component_out_of_fuel
;; Never hands out the memory that the facts need.
(module
  (memory (export "memory") 2)
  (global $next (mut i32) (i32.const 8192))
  (func (export "cabi_realloc") (param i32 i32) (param $align i32) (param $size i32) (result i32)
    (loop $again (br $again))
    (i32.const 0))
  (func (export "accrue:rules/payout@0.2.0#pay") (param i32) (result i32)
    (i32.const 16)))
