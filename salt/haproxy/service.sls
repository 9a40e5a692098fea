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
        - file: haproxy-config-unit-file-managed
    - watch:
        - file: haproxy-config-file-managed
