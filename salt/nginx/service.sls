include:
  - nginx.config

nginx-service-service-running:
  service.running:
    - name: nginx
    - enable: true
    - reload: true
    - require:
        - cmd: nginx-config-unit-cmd-run
        - file: nginx-config-gentle-reload-file-managed
    - watch:
        - file: nginx-config-file-managed
        - file: pki-config-server-file-managed

nginx-service-disk-guard-service-running:
  service.running:
    - name: disk-guard
    - enable: true
    - watch:
        - file: nginx-config-disk-guard-file-managed
        - file: nginx-config-disk-guard-unit-file-managed

# After the reload: nginx creates the folder of its cache itself, and may use it until it has loaded a config without a cache.
nginx-service-blobs-cmd-run:
  cmd.run:
    - name: systemd-tmpfiles --create --remove /etc/tmpfiles.d/nginx-blobs.conf
    - onchanges:
        - file: nginx-config-blobs-file-managed
    - require:
        - service: nginx-service-service-running
