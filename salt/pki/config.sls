include:
  - pki.package

pki-config-check-file-managed:
  file.managed:
    - name: /usr/local/lib/registry-cluster/check-key-pair
    - source: salt://pki/files/check-key-pair
    - mode: "0755"
    - makedirs: true
    - check_cmd: /bin/bash -n

pki-config-folder-file-directory:
  file.directory:
    - name: /etc/nginx/tls
    - mode: "0700"
    - makedirs: true

pki-config-server-file-managed:
  file.managed:
    - name: /etc/nginx/tls/server.pem
    - source: salt://pki/files/server.pem.jinja
    - template: jinja
    - mode: "0600"
    - show_changes: false
    - check_cmd: /usr/local/lib/registry-cluster/check-key-pair
    - require:
        - sls: pki.package
        - file: pki-config-check-file-managed
        - file: pki-config-folder-file-directory
