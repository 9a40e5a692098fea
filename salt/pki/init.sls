include:
  - pki.package
  - pki.config
