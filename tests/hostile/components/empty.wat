;; component_wrong_world
;; Does nothing at all.
(component)
