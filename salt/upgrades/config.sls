{%- set rendered = "salt://rendered/" ~ grains["id"] %}
include:
  - upgrades.package

upgrades-config-apt-file-managed:
  file.managed:
    - name: /etc/apt/apt.conf.d/60-registry-cluster
    - source: {{ rendered }}/etc/apt/apt.conf.d/60-registry-cluster
    - mode: "0644"
    - check_cmd: /usr/bin/apt-config dump --config-file

upgrades-config-needrestart-file-managed:
  file.managed:
    - name: /etc/needrestart/conf.d/registry-cluster.conf
    - source: salt://upgrades/files/needrestart.conf
    - mode: "0644"
    - check_cmd: /usr/bin/perl -c
    - require:
        - sls: upgrades.package

upgrades-config-script-file-managed:
  file.managed:
    - name: /usr/local/sbin/registry-cluster-upgrade
    - source: salt://upgrades/files/registry-cluster-upgrade
    - mode: "0755"
    - check_cmd: /bin/bash -n

upgrades-config-motd-file-managed:
  file.managed:
    - name: /etc/update-motd.d/60-registry-cluster
    - source: salt://upgrades/files/motd
    - mode: "0755"
    - makedirs: true
    - check_cmd: /bin/sh -n

upgrades-config-service-file-managed:
  file.managed:
    - name: /etc/systemd/system/registry-cluster-upgrade.service
    - source: {{ rendered }}/etc/systemd/system/registry-cluster-upgrade.service
    - mode: "0644"

upgrades-config-timer-file-managed:
  file.managed:
    - name: /etc/systemd/system/registry-cluster-upgrade.timer
    - source: {{ rendered }}/etc/systemd/system/registry-cluster-upgrade.timer
    - mode: "0644"
