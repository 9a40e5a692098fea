{%- set rendered = "salt://rendered/" ~ grains["id"] %}
include:
  - base.package

base-config-sysctl-file-managed:
  file.managed:
    - name: /etc/sysctl.d/60-registry-cluster.conf
    - source: {{ rendered }}/etc/sysctl.d/60-registry-cluster.conf
    - mode: "0644"

base-config-sshd-file-managed:
  file.managed:
    - name: /etc/ssh/sshd_config.d/60-registry-cluster.conf
    - source: {{ rendered }}/etc/ssh/sshd_config.d/60-registry-cluster.conf
    - mode: "0644"
    - check_cmd: /usr/sbin/sshd -t -f
    - require:
        - sls: base.package

base-config-sudoers-file-managed:
  file.managed:
    - name: /etc/sudoers.d/60-registry-cluster
    - source: {{ rendered }}/etc/sudoers.d/60-registry-cluster
    - mode: "0440"
    - check_cmd: /usr/sbin/visudo -c -f
    - require:
        - sls: base.package

base-config-timesyncd-file-managed:
  file.managed:
    - name: /etc/systemd/timesyncd.conf.d/60-registry-cluster.conf
    - source: {{ rendered }}/etc/systemd/timesyncd.conf.d/60-registry-cluster.conf
    - mode: "0644"
    - makedirs: true

base-config-journald-file-managed:
  file.managed:
    - name: /etc/systemd/journald.conf.d/60-registry-cluster.conf
    - source: {{ rendered }}/etc/systemd/journald.conf.d/60-registry-cluster.conf
    - mode: "0644"
    - makedirs: true

base-config-swap-file-managed:
  file.managed:
    - name: /etc/systemd/system/registry-cluster-swap.service
    - source: {{ rendered }}/etc/systemd/system/registry-cluster-swap.service
    - mode: "0644"

base-config-logrotate-file-managed:
  file.managed:
    - name: /etc/logrotate.d/registry-cluster
    - source: {{ rendered }}/etc/logrotate.d/registry-cluster
    - mode: "0644"
    - check_cmd: /usr/sbin/logrotate --debug
    - require:
        - sls: base.package

base-config-grow-file-managed:
  file.managed:
    - name: /usr/local/lib/registry-cluster/grow-file-system
    - source: salt://base/files/grow-file-system
    - mode: "0755"
    - makedirs: true
    - check_cmd: /bin/bash -n
