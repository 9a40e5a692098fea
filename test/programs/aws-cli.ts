/** What `aws s3 cp` does, with a folder for the bucket. */
export const awsCli = (bucket: string) => `#!/bin/bash
set -euo pipefail
[[ $1 == s3 && $2 == cp ]]; shift 2
recursive= paths=()
while (($#)); do case $1 in
  --recursive) recursive=yes; shift ;;
  --content-type) shift 2 ;;
  --*) shift ;;
  *) paths+=("\${1/#s3:\\/\\/bucket/${bucket}}"); shift ;;
esac; done
[[ ! -e ${bucket}/down ]]
if [[ $recursive ]]; then [[ ! -d \${paths[0]} ]] || cp --recursive "\${paths[0]}." "\${paths[1]}"
elif [[ \${paths[0]} == - ]]; then mkdir -p "$(dirname "\${paths[1]}")"; echo x >> ${bucket}/writes; cat > "\${paths[1]}"
elif [[ \${paths[1]} == - ]]; then cat "\${paths[0]}"
else cp "\${paths[0]}" "\${paths[1]}"; fi
`;
