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
        - cmd: keepalived-config-unit-cmd-run
    - watch:
        - file: keepalived-config-interface-file-managed
        - file: keepalived-config-file-managed
