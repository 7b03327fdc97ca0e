;; component_malformed
;; A function that leaves the wrong type.
(component
  (core module (func (result i32) (i64.const 1))))
