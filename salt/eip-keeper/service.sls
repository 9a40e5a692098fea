include:
  - eip-keeper.package
  - eip-keeper.user
  - eip-keeper.config

eip-keeper-service-service-running:
  service.running:
    - name: eip-keeper
    - enable: true
    - require:
        - sls: eip-keeper.package
        - user: eip-keeper-user-user-present
    - watch:
        - file: eip-keeper-config-program-file-managed
        - file: eip-keeper-config-file-managed
        - file: eip-keeper-config-unit-file-managed
