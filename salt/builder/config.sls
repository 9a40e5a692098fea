{%- set rendered = "salt://rendered/" ~ grains["id"] %}
{%- set lib = "/usr/local/lib/registry-cluster" %}
{%- set check_json = "/opt/salt/bin/python -c 'import sys, json; json.load(open(sys.argv[1]))'" %}
{%- set check_yaml = "/opt/salt/bin/python -c 'import sys, yaml; yaml.safe_load(open(sys.argv[1]))'" %}
{%- import_yaml "rendered/" ~ grains["id"] ~ "/etc/image-watch/proxies.yml" as proxies %}
include:
  - builder.package

builder-config-user-present:
  user.present:
    - name: builder
    - system: true
    - usergroup: true
    - home: /var/lib/builder
    - shell: /usr/sbin/nologin

builder-config-users-cmd-run:
  cmd.run:
    - name: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 builder
    - unless: grep --quiet '^builder:' /etc/subuid
    - require:
        - user: builder-config-user-present

builder-config-home-file-directory:
  file.directory:
    - name: /var/lib/builder
    - user: builder
    - group: builder
    - mode: "0700"
    - require:
        - user: builder-config-user-present

builder-config-proxies-file-managed:
  file.managed:
    - name: /etc/image-watch/proxies.yml
    - source: {{ rendered }}/etc/image-watch/proxies.yml
    - mode: "0644"
    - check_cmd: {{ check_yaml }}
    - require:
        - file: builder-config-folder-file-directory

builder-config-hosts-host-present:
  host.present:
    - name: {{ proxies.domainName }}
    - ip: {{ proxies.addresses | json }}
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
    - user: builder
    - mode: "0600"
    - show_changes: false
    - check_cmd: {{ check_json }}
    - require:
        - file: builder-config-folder-file-directory
        - user: builder-config-user-present

{%- if "netrc" in pillar["secrets"] %}

builder-config-netrc-file-managed:
  file.managed:
    - name: /var/lib/builder/.netrc
    - contents_pillar: secrets:netrc
    - user: builder
    - mode: "0600"
    - show_changes: false
    - require:
        - file: builder-config-home-file-directory
{%- endif %}

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

builder-config-unit-file-managed:
  file.managed:
    - name: /etc/systemd/system/image-watch.service
    - source: {{ rendered }}/etc/systemd/system/image-watch.service
    - mode: "0644"
