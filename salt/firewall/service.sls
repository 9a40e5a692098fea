include:
  - firewall.config

firewall-service-service-running:
  service.running:
    - name: nftables
    - enable: true
    # Its rules are loaded in one transaction: no packet sees a half of them.
    - reload: true
    - watch:
        - file: firewall-config-file-managed
