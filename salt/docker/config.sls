docker-config-file-managed:
  file.managed:
    - name: /etc/docker/daemon.json
    - source: salt://rendered/{{ grains["id"] }}/etc/docker/daemon.json
    - mode: "0644"
    - makedirs: true
    # Docker 20.10 cannot check its config, so at least check that it is JSON.
    - check_cmd: python3 -m json.tool
