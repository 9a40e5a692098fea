{%- import_yaml "rendered/" ~ grains["id"] ~ "/etc/image-watch/builder.yml" as builder %}
# For `usermod`, and for the tools that use the subordinate ids.
include:
  - builder.package

{%- for slot in range(1, builder.slots + 1) %}

builder-user-slot-{{ slot }}-user-present:
  user.present:
    - name: image-build-{{ slot }}
    - system: true
    - usergroup: true
    - home: /nonexistent
    - createhome: false
    - shell: /usr/sbin/nologin

# Subordinate ids for the containers of this slot only.
builder-user-slot-{{ slot }}-cmd-run:
  cmd.run:
    - name: >-
        usermod --add-subuids {{ 1000000 + slot * 65536 }}-{{ 1065535 + slot * 65536 }}
        --add-subgids {{ 1000000 + slot * 65536 }}-{{ 1065535 + slot * 65536 }} image-build-{{ slot }}
    - unless: grep --quiet '^image-build-{{ slot }}:' /etc/subuid
    - require:
        - user: builder-user-slot-{{ slot }}-user-present
{%- endfor %}
