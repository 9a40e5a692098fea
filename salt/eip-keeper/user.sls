eip-keeper-user-user-present:
  user.present:
    - name: eip-keeper
    - system: true
    - usergroup: true
    - createhome: false
    - home: /nonexistent
    - shell: /usr/sbin/nologin
