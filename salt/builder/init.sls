include:
  - builder.package
  - builder.config
  - builder.service
