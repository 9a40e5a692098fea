include:
  - builder.package
  - builder.user
  - builder.config
  - builder.service
