{%- set rendered = "salt://rendered/" ~ grains["id"] %}
include:
  - haproxy.package

haproxy-config-file-managed:
  file.managed:
    - name: /etc/haproxy/haproxy.cfg
    - source: {{ rendered }}/etc/haproxy/haproxy.cfg
    - mode: "0644"
    - check_cmd: /usr/sbin/haproxy -c -q -f
    - require:
        - sls: haproxy.package

haproxy-config-unit-file-managed:
  file.managed:
    - name: /etc/systemd/system/haproxy.service.d/60-registry-cluster.conf
    - source: {{ rendered }}/etc/systemd/system/haproxy.service.d/60-registry-cluster.conf
    - mode: "0644"
    - makedirs: true
