include:
  - base.package
  - base.config
  - base.service
