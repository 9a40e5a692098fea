# The registry itself is an image, which `registry.config` fetches from the cluster's own bucket.
include:
  - docker.package
