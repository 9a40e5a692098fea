{%- set rendered = "salt://rendered/" ~ grains["id"] %}
{%- set lib = "/usr/local/lib/registry-cluster" %}
include:
  - docker.service

registry-config-group-present:
  group.present:
    - name: registry
    # The id of the container's user: see registry.service.
    - gid: 65532
    - system: true

registry-config-folder-file-directory:
  file.directory:
    - name: /etc/distribution
    - mode: "0755"

{%- for script in ["load-image", "check-config"] %}

registry-config-{{ script }}-file-managed:
  file.managed:
    - name: {{ lib }}/{{ script }}
    - source: salt://registry/files/{{ script }}
    - mode: "0755"
    - makedirs: true
    - check_cmd: /bin/bash -n
{%- endfor %}

registry-config-image-file-managed:
  file.managed:
    - name: /etc/registry-cluster/registry-image.env
    - source: {{ rendered }}/etc/registry-cluster/registry-image.env
    - mode: "0644"

registry-config-image-cmd-run:
  cmd.run:
    - name: {{ lib }}/load-image
    - unless: . /etc/registry-cluster/registry-image.env && docker image inspect "$IMAGE_ID"
    - require:
        - sls: docker.service
        - file: registry-config-load-image-file-managed
        - file: registry-config-image-file-managed

registry-config-config-file-managed:
  file.managed:
    - name: /etc/distribution/config.yml
    - source: {{ rendered }}/etc/distribution/config.yml
    - mode: "0644"
    - check_cmd: {{ lib }}/check-config
    - require:
        - file: registry-config-folder-file-directory
        - cmd: registry-config-image-cmd-run
        - file: registry-config-check-config-file-managed

registry-config-htpasswd-file-managed:
  file.managed:
    - name: /etc/distribution/htpasswd
    - contents_pillar: secrets:htpasswd
    - group: registry
    - mode: "0640"
    - show_changes: false
    - require:
        - file: registry-config-folder-file-directory
        - group: registry-config-group-present

registry-config-env-file-managed:
  file.managed:
    - name: /etc/distribution/registry.env
    - source: salt://registry/files/registry.env.jinja
    - template: jinja
    - mode: "0600"
    - show_changes: false
    - require:
        - file: registry-config-folder-file-directory

registry-config-unit-file-managed:
  file.managed:
    - name: /etc/systemd/system/registry.service
    - source: {{ rendered }}/etc/systemd/system/registry.service
    - mode: "0644"
