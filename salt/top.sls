{%- from "components.jinja" import components with context %}
base:
  "*":
{%- for component in components %}
    - {{ component }}
{%- endfor %}
