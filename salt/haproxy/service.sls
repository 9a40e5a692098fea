include:
  - haproxy.config
  - nginx.service

haproxy-service-service-running:
  service.running:
    - name: haproxy
    - enable: true
    - reload: true
    - require:
        - service: nginx-service-service-running
        - cmd: haproxy-config-unit-cmd-run
    - watch:
        - file: haproxy-config-file-managed
