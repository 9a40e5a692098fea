{%- from "drop-in.jinja" import drop_in with context %}
{%- set rendered = "salt://rendered/" ~ grains["id"] %}
include:
  - keepalived.package

# The only fact that is not known before the machine boots.
keepalived-config-interface-file-managed:
  file.managed:
    - name: /etc/keepalived/interface.conf
    - source: salt://keepalived/files/interface.conf.jinja
    - template: jinja
    - context:
        interface: {{ salt["network.default_route"]("inet")[0]["interface"] }}
    - mode: "0644"
    - makedirs: true

keepalived-config-file-managed:
  file.managed:
    - name: /etc/keepalived/keepalived.conf
    - source: {{ rendered }}/etc/keepalived/keepalived.conf
    - mode: "0644"
    - check_cmd: /usr/sbin/keepalived --config-test --use-file
    - require:
        - sls: keepalived.package
        - file: keepalived-config-interface-file-managed

{{ drop_in("keepalived") }}
