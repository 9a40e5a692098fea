include:
  - nat.package

nat-config-file-managed:
  file.managed:
    - name: /etc/nftables.conf
    - source: salt://rendered/{{ grains["id"] }}/etc/nftables.conf
    - mode: "0644"
    - check_cmd: /usr/sbin/nft --check --file
    - require:
        - sls: nat.package
