include:
  - base.config

base-service-sysctl-cmd-run:
  cmd.run:
    - name: /lib/systemd/systemd-sysctl /etc/sysctl.d/60-registry-cluster.conf
    - onchanges:
        - file: base-config-sysctl-file-managed

base-service-grow-cmd-run:
  cmd.run:
    - name: /usr/local/lib/registry-cluster/grow-file-system
    - onlyif: /usr/local/lib/registry-cluster/grow-file-system --check
    - require:
        - file: base-config-grow-file-managed

base-service-ssh-service-running:
  service.running:
    - name: ssh
    - enable: true
    - reload: true
    - watch:
        - file: base-config-sshd-file-managed

base-service-journald-cmd-run:
  cmd.run:
    - name: systemctl restart systemd-journald.service
    - onchanges:
        - file: base-config-journald-file-managed

# Containers do not control the clock and the memory, so there systemd skips these two services because of their conditions.
# That is fine, so they are enabled and started, but not required to run.
base-service-timesyncd-service-enabled:
  service.enabled:
    - name: systemd-timesyncd

base-service-timesyncd-cmd-run:
  cmd.run:
    - name: systemctl restart systemd-timesyncd.service
    - onchanges:
        - file: base-config-timesyncd-file-managed

base-service-swap-service-enabled:
  service.enabled:
    - name: registry-cluster-swap
    - require:
        - file: base-config-swap-file-managed

base-service-swap-cmd-run:
  cmd.run:
    - name: systemctl daemon-reload && systemctl start registry-cluster-swap.service
    - onchanges:
        - file: base-config-swap-file-managed
