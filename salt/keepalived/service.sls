include:
  - keepalived.config
  - eip-keeper.service
  - haproxy.service

keepalived-service-service-running:
  service.running:
    - name: keepalived
    - enable: true
    - reload: true
    - require:
        - service: eip-keeper-service-service-running
        - service: haproxy-service-service-running
        - file: keepalived-config-unit-file-managed
    - watch:
        - file: keepalived-config-interface-file-managed
        - file: keepalived-config-file-managed
