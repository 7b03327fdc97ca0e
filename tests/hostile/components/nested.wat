;; component_too_large
;; Components in components in components.
(component (component (component (component (component)))))
