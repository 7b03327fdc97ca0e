;; component_wrong_world
;; Exports the interface, with a function of another type.
(component
  (core module $m (func (export "pay") (result i32) (i32.const 1)))
  (core instance $i (instantiate $m))
  (func $pay (result u32) (canon lift (core func $i "pay")))
  (instance $payout (export "pay" (func $pay)))
  (export "accrue:rules/payout@0.2.0" (instance $payout)))
