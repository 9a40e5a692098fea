include:
  - converge.package
  - converge.config
  - converge.service
