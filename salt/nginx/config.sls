{%- set rendered = "salt://rendered/" ~ grains["id"] %}
include:
  - nginx.package
  - pki.config

nginx-config-file-managed:
  file.managed:
    - name: /etc/nginx/nginx.conf
    - source: {{ rendered }}/etc/nginx/nginx.conf
    - mode: "0644"
    - check_cmd: /usr/sbin/nginx -t -q -c
    - require:
        - sls: nginx.package
        - file: pki-config-server-file-managed

nginx-config-unit-file-managed:
  file.managed:
    - name: /etc/systemd/system/nginx.service.d/60-registry-cluster.conf
    - source: {{ rendered }}/etc/systemd/system/nginx.service.d/60-registry-cluster.conf
    - mode: "0644"
    - makedirs: true
