include:
  - firewall.package
{%- if grains["id"].startswith("proxy-") %}
  # The rules refer to its user.
  - eip-keeper.user
{%- elif grains["id"] == "builder" %}
  # The rules refer to its users.
  - builder.user
{%- endif %}

firewall-config-file-managed:
  file.managed:
    - name: /etc/nftables.conf
    - source: salt://rendered/{{ grains["id"] }}/etc/nftables.conf
    - mode: "0644"
    - check_cmd: /usr/sbin/nft --check --file
    - require:
        - sls: firewall.package
{%- if grains["id"].startswith("proxy-") %}
        - sls: eip-keeper.user
{%- elif grains["id"] == "builder" %}
        - sls: builder.user
{%- endif %}
