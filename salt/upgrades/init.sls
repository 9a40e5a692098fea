include:
  - upgrades.package
  - upgrades.config
  - upgrades.service
