include:
  - firewall.config

firewall-service-service-running:
  service.running:
    - name: nftables
    - enable: true
    # The rules are loaded in one transaction, so they are never half in place.
    - reload: true
    - watch:
        - file: firewall-config-file-managed
