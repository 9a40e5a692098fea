{%- set rendered = "salt://rendered/" ~ grains["id"] %}
{%- import_yaml "rendered/" ~ grains["id"] ~ "/etc/image-watch/proxies.yml" as proxies %}
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
    - require:
        - file: builder-config-folder-file-directory

builder-config-authority-file-managed:
  file.managed:
    - name: /etc/image-watch/ca.crt
    - contents_pillar: secrets:ca-certificate
    - mode: "0644"
    - require:
        - file: builder-config-folder-file-directory

builder-config-login-file-managed:
  file.managed:
    - name: /etc/image-watch/config.json
    - contents_pillar: secrets:registry-login
    - user: builder
    - mode: "0400"
    - show_changes: false
    - require:
        - file: builder-config-folder-file-directory
        - user: builder-config-user-present

{%- if "netrc" in pillar["secrets"] %}

builder-config-netrc-file-managed:
  file.managed:
    - name: /var/lib/builder/.netrc
    - contents_pillar: secrets:netrc
    - user: builder
    - mode: "0400"
    - show_changes: false
    - require:
        - file: builder-config-home-file-directory
{%- endif %}

builder-config-program-file-managed:
  file.managed:
    - name: /usr/local/lib/registry-cluster/registry-cluster.mjs
    - source: salt://builder/files/registry-cluster.mjs
    - mode: "0644"
    - makedirs: true
    - check_cmd: /opt/node/bin/node --check --input-type=module -
    - require:
        - sls: builder.package

builder-config-unit-file-managed:
  file.managed:
    - name: /etc/systemd/system/image-watch.service
    - source: {{ rendered }}/etc/systemd/system/image-watch.service
    - mode: "0644"
