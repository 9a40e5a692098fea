include:
  - converge.config

converge-service-timer-service-running:
  service.running:
    - name: registry-cluster-converge.timer
    - enable: true
    - require:
        - file: converge-config-script-file-managed
        - file: converge-config-service-file-managed
    - watch:
        - file: converge-config-timer-file-managed
