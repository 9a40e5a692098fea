{%- set rendered = "salt://rendered/" ~ grains["id"] %}
include:
  - eip-keeper.package

eip-keeper-config-program-file-managed:
  file.managed:
    - name: /usr/local/lib/registry-cluster/eip_keeper.py
    - source: salt://eip-keeper/files/eip_keeper.py
    - mode: "0755"
    - makedirs: true
    - check_cmd: python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read())'

eip-keeper-config-file-managed:
  file.managed:
    - name: /etc/eip-keeper/config.json
    - source: {{ rendered }}/etc/eip-keeper/config.json
    - mode: "0644"
    - makedirs: true
    - check_cmd: python3 /usr/local/lib/registry-cluster/eip_keeper.py --check
    - require:
        - sls: eip-keeper.package
        - file: eip-keeper-config-program-file-managed

eip-keeper-config-unit-file-managed:
  file.managed:
    - name: /etc/systemd/system/eip-keeper.service
    - source: {{ rendered }}/etc/systemd/system/eip-keeper.service
    - mode: "0644"
