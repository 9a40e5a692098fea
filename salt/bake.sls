# For making images: the packages of a role and nothing that belongs to one cluster. `apply bake ROLE` runs it.
{%- from "components.jinja" import components with context %}
include:
{%- for component in components %}
  - {{ component }}.package
{%- endfor %}
