include:
  - firewall.package
  - firewall.config
  - firewall.service
