{%- set debians = "apt-daily.timer apt-daily-upgrade.timer unattended-upgrades.service" %}
include:
  - upgrades.config

# They would restart services on all nodes at about the same time.
upgrades-service-debians-cmd-run:
  cmd.run:
    # Patterns, because a unit that is not there cannot be stopped.
    - name: systemctl stop 'apt-daily*.timer' 'unattended-upgrade[s].service' && systemctl mask {{ debians }}
    - unless: test "$(systemctl is-enabled {{ debians }} | sort --unique)" = masked

upgrades-service-timer-service-running:
  service.running:
    - name: registry-cluster-upgrade.timer
    - enable: true
    - require:
        - file: upgrades-config-script-file-managed
        - file: upgrades-config-service-file-managed
    - watch:
        - file: upgrades-config-timer-file-managed
