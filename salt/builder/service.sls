{%- import_yaml "rendered/" ~ grains["id"] ~ "/etc/image-watch/builder.yml" as builder %}
include:
  - builder.package
  - builder.user
  - builder.config

{%- for slot in range(1, builder.slots + 1) %}

builder-service-slot-{{ slot }}-service-running:
  service.running:
    - name: image-build@{{ slot }}.socket
    - enable: true
    - require:
        - sls: builder.package
        - cmd: builder-user-slot-{{ slot }}-cmd-run
        - cmd: builder-config-buildkit-cmd-run
    - watch:
        - file: builder-config-image-build@.socket-file-managed
{%- endfor %}

builder-service-service-running:
  service.running:
    - name: image-watch
    - enable: true
    - require:
        - sls: builder.package
        - cmd: builder-config-buildkit-cmd-run
        - host: builder-config-hosts-host-present
        {%- for slot in range(1, builder.slots + 1) %}
        - service: builder-service-slot-{{ slot }}-service-running
        {%- endfor %}
    - watch:
        - file: builder-config-program-file-managed
        - file: builder-config-builds-file-managed
        - file: builder-config-authority-file-managed
        - file: builder-config-login-file-managed
        - file: builder-config-image-watch.service-file-managed
