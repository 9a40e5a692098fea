haproxy-package-pkg-installed:
  pkg.installed:
    - name: haproxy
    - install_recommends: false
