include:
  - eip-keeper.package
  - eip-keeper.config
  - eip-keeper.service
