# Nothing beyond what every node has.
include:
  - base.package
