upgrades-package-pkg-installed:
  pkg.installed:
    - name: needrestart
    - install_recommends: false
