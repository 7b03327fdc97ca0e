;; component_import
;; Asks for nothing but a type, and even that is not there.
(component
  (import "t" (type (sub resource))))
