include:
  - docker.package
  - docker.config

docker-service-service-running:
  service.running:
    - name: docker
    - enable: true
    - require:
        - sls: docker.package
    - watch:
        - file: docker-config-file-managed
