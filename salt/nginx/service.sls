include:
  - nginx.config

nginx-service-service-running:
  service.running:
    - name: nginx
    - enable: true
    - reload: true
    - require:
        - file: nginx-config-unit-file-managed
    - watch:
        - file: nginx-config-file-managed
        - file: pki-config-server-file-managed
