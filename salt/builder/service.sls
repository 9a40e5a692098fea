include:
  - builder.package
  - builder.config

builder-service-service-running:
  service.running:
    - name: image-watch
    - enable: true
    - require:
        - sls: builder.package
        - cmd: builder-config-users-cmd-run
        - host: builder-config-hosts-host-present
    - watch:
        - file: builder-config-program-file-managed
        - file: builder-config-builds-file-managed
        - file: builder-config-authority-file-managed
        - file: builder-config-login-file-managed
        - file: builder-config-unit-file-managed
