;; component_bad_output
;; Hands out memory that it does not have.
(module
  (memory (export "memory") 2)
  (global $next (mut i32) (i32.const 8192))
  (func (export "cabi_realloc") (param i32 i32) (param $align i32) (param $size i32) (result i32)
    (i32.const -8))
  (func (export "accrue:rules/payout@0.2.0#pay") (param i32) (result i32)
    (i32.const 16)))
