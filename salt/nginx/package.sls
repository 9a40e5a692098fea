nginx-package-pkg-installed:
  pkg.installed:
    - name: nginx
    - install_recommends: false
