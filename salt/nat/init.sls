include:
  - nat.package
  - nat.config
  - nat.service
