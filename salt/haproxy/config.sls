{%- from "drop-in.jinja" import drop_in with context %}
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

{{ drop_in("haproxy") }}
