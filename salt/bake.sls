# For baking images: installs the packages of a role and nothing specific to a cluster. `apply bake ROLE` runs it.
{%- from "components.jinja" import components with context %}
include:
{%- for component in components %}
  - {{ component }}.package
{%- endfor %}
