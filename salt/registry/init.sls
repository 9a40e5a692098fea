include:
  - registry.package
  - registry.config
  - registry.service
