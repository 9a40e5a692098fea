docker-package-pkg-installed:
  pkg.installed:
    - pkgs:
        - docker.io
    # Running containers needs neither git nor build tools.
    - install_recommends: false
