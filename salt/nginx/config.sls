{%- from "drop-in.jinja" import drop_in with context %}
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

nginx-config-blobs-file-managed:
  file.managed:
    - name: /etc/tmpfiles.d/nginx-blobs.conf
    - source: {{ rendered }}/etc/tmpfiles.d/nginx-blobs.conf
    - mode: "0644"

nginx-config-disk-guard-file-managed:
  file.managed:
    - name: /usr/local/lib/registry-cluster/disk-guard
    - source: salt://nginx/files/disk-guard
    - mode: "0755"
    - makedirs: true
    - check_cmd: /bin/bash -n

nginx-config-gentle-reload-file-managed:
  file.managed:
    - name: /usr/local/lib/registry-cluster/gentle-reload
    - source: salt://nginx/files/gentle-reload
    - mode: "0755"
    - makedirs: true
    - check_cmd: /bin/bash -n

nginx-config-disk-guard-unit-file-managed:
  file.managed:
    - name: /etc/systemd/system/disk-guard.service
    - source: {{ rendered }}/etc/systemd/system/disk-guard.service
    - mode: "0644"

{{ drop_in("nginx") }}
