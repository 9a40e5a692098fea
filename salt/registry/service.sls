include:
  - registry.config

registry-service-service-running:
  service.running:
    - name: registry
    - enable: true
    - require:
        - cmd: registry-config-image-cmd-run
        # The registry reloads this file itself, so a change of users needs no restart.
        - file: registry-config-htpasswd-file-managed
    - watch:
        - file: registry-config-config-file-managed
        - file: registry-config-env-file-managed
        - file: registry-config-unit-file-managed
