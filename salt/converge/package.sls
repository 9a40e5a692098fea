# Needs only the packages of every node.
include:
  - base.package
