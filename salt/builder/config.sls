{%- set rendered = "salt://rendered/" ~ grains["id"] %}
{%- set lib = "/usr/local/lib/registry-cluster" %}
{%- set check_json = "/opt/salt/bin/python -c 'import sys, json; json.load(open(sys.argv[1]))'" %}
{%- set check_yaml = "/opt/salt/bin/python -c 'import sys, yaml; yaml.safe_load(open(sys.argv[1]))'" %}
{%- set check_python = "/opt/salt/bin/python -c 'import sys, ast; ast.parse(open(sys.argv[1]).read())'" %}
{%- set check_toml = "/opt/salt/bin/python -c 'import sys, tomllib; tomllib.load(open(sys.argv[1], \"rb\"))'" %}
{%- import_yaml "rendered/" ~ grains["id"] ~ "/etc/image-watch/builder.yml" as builder %}
include:
  - builder.package

builder-config-user-present:
  user.present:
    - name: image-watch
    - system: true
    - usergroup: true
    - home: /var/lib/image-watch
    - shell: /usr/sbin/nologin

builder-config-home-file-directory:
  file.directory:
    - name: /var/lib/image-watch
    - user: image-watch
    - group: image-watch
    - mode: "0700"
    - require:
        - user: builder-config-user-present

builder-config-builder-file-managed:
  file.managed:
    - name: /etc/image-watch/builder.yml
    - source: {{ rendered }}/etc/image-watch/builder.yml
    - mode: "0644"
    - check_cmd: {{ check_yaml }}
    - require:
        - file: builder-config-folder-file-directory

builder-config-hosts-host-present:
  host.present:
    - name: {{ builder.domainName }}
    - ip: {{ builder.addresses | json }}
    - clean: true

builder-config-folder-file-directory:
  file.directory:
    - name: /etc/image-watch
    - mode: "0755"

builder-config-builds-file-managed:
  file.managed:
    - name: /etc/image-watch/builds.yml
    - source: {{ rendered }}/etc/image-watch/builds.yml
    - mode: "0644"
    - check_cmd: {{ check_yaml }}
    - require:
        - file: builder-config-folder-file-directory

builder-config-authority-file-managed:
  file.managed:
    - name: /etc/image-watch/ca.crt
    - contents_pillar: secrets:ca-certificate
    - mode: "0644"
    - check_cmd: openssl x509 -noout -in
    - require:
        - file: builder-config-folder-file-directory

builder-config-login-file-managed:
  file.managed:
    - name: /etc/image-watch/config.json
    - contents_pillar: secrets:registry-login
    - user: image-watch
    - mode: "0600"
    - show_changes: false
    - check_cmd: {{ check_json }}
    - require:
        - file: builder-config-folder-file-directory
        - user: builder-config-user-present

{%- if "netrc" in pillar["secrets"] %}

builder-config-netrc-file-managed:
  file.managed:
    - name: /var/lib/image-watch/.netrc
    - contents_pillar: secrets:netrc
    - user: image-watch
    - mode: "0600"
    - show_changes: false
    - require:
        - file: builder-config-home-file-directory
{%- endif %}

builder-config-secrets-file-directory:
  file.directory:
    - name: /etc/image-watch/secrets
    - user: image-watch
    - group: image-watch
    - mode: "0700"
    # Delete secrets that are no longer in SSM.
    - clean: true
    - require:
        - file: builder-config-folder-file-directory
        - user: builder-config-user-present

{%- for key in pillar["secrets"] | sort if key.startswith("build-secret-") %}

builder-config-{{ key }}-file-managed:
  file.managed:
    - name: /etc/image-watch/secrets/{{ key | replace("build-secret-", "", 1) }}
    - contents_pillar: secrets:{{ key }}
    - contents_newline: false
    - user: image-watch
    - mode: "0600"
    - show_changes: false
    - makedirs: true
    - require:
        - user: builder-config-user-present
    # So that `clean` keeps it.
    - require_in:
        - file: builder-config-secrets-file-directory
{%- endfor %}

builder-config-check-file-managed:
  file.managed:
    - name: {{ lib }}/check-program
    - source: salt://builder/files/check-program
    - mode: "0755"
    - makedirs: true
    - check_cmd: /bin/bash -n

builder-config-program-file-managed:
  file.managed:
    - name: {{ lib }}/registry-cluster.mjs
    - source: salt://builder/files/registry-cluster.mjs
    - mode: "0644"
    - makedirs: true
    - check_cmd: {{ lib }}/check-program
    - require:
        - sls: builder.package
        - file: builder-config-check-file-managed

builder-config-build-file-managed:
  file.managed:
    - name: {{ lib }}/image_build.py
    - source: salt://builder/files/image_build.py
    - mode: "0644"
    - makedirs: true
    - check_cmd: {{ check_python }}

builder-config-install-buildkit-file-managed:
  file.managed:
    - name: {{ lib }}/install-buildkit
    - source: salt://builder/files/install-buildkit
    - mode: "0755"
    - makedirs: true
    - check_cmd: /bin/bash -n

builder-config-buildkit-file-managed:
  file.managed:
    - name: /etc/registry-cluster/buildkit.env
    - source: {{ rendered }}/etc/registry-cluster/buildkit.env
    - mode: "0644"

builder-config-buildkit-cmd-run:
  cmd.run:
    - name: {{ lib }}/install-buildkit
    - unless: . /etc/registry-cluster/buildkit.env && test "$(cat {{ lib }}/buildkit.sha256)" = "$ARCHIVE_SHA256"
    - require:
        - file: builder-config-install-buildkit-file-managed
        - file: builder-config-buildkit-file-managed

builder-config-daemon-file-managed:
  file.managed:
    - name: /etc/image-build/buildkitd.toml
    - source: {{ rendered }}/etc/image-build/buildkitd.toml
    - mode: "0644"
    - makedirs: true
    - check_cmd: {{ check_toml }}

{%- for unit in ["image-build@.socket", "image-build@.service", "image-watch.service"] %}

builder-config-{{ unit }}-file-managed:
  file.managed:
    - name: /etc/systemd/system/{{ unit }}
    - source: {{ rendered }}/etc/systemd/system/{{ unit }}
    - mode: "0644"
{%- endfor %}
