docker-package-pkg-installed:
  pkg.installed:
    - pkgs:
        - docker.io
    # Neither git nor build tools are needed to run a container.
    - install_recommends: false
