include:
  - eip-keeper.package
  - eip-keeper.user
  - eip-keeper.config
  - eip-keeper.service
