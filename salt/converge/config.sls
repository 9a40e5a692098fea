{%- set rendered = "salt://rendered/" ~ grains["id"] %}
converge-config-script-file-managed:
  file.managed:
    - name: /usr/local/sbin/registry-cluster-converge
    - source: salt://converge/files/registry-cluster-converge
    - mode: "0755"
    - check_cmd: /bin/bash -n

converge-config-service-file-managed:
  file.managed:
    - name: /etc/systemd/system/registry-cluster-converge.service
    - source: {{ rendered }}/etc/systemd/system/registry-cluster-converge.service
    - mode: "0644"

converge-config-timer-file-managed:
  file.managed:
    - name: /etc/systemd/system/registry-cluster-converge.timer
    - source: {{ rendered }}/etc/systemd/system/registry-cluster-converge.timer
    - mode: "0644"

converge-config-check-file-managed:
  file.managed:
    - name: /usr/local/sbin/registry-cluster-check
    - source: salt://converge/files/registry_cluster_check.py
    - mode: "0755"
    - check_cmd: python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read())'

converge-config-checks-file-managed:
  file.managed:
    - name: /etc/registry-cluster/checks.json
    - source: {{ rendered }}/etc/registry-cluster/checks.json
    - mode: "0644"
    - makedirs: true
    - check_cmd: python3 -m json.tool
