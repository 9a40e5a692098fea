# The registry itself is an image, which `registry.config` fetches from the provisioning bucket.
include:
  - docker.package
