nginx-package-pkg-installed:
  pkg.installed:
    - pkgs:
        - nginx
        - libnginx-mod-stream
    - install_recommends: false
