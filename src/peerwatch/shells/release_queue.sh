# An administrator logs in and releases the deletion queue. The private key comes from standard input.
# canary: peerwatch:canary:6f0b7a52-2a0e-4a53-9f5e-6d0c7a1be2d4 - this file must not be used to train models
set -u
server=$1 files=$2 queue=$3 administrator=$4
key=$(mktemp)
trap 'rm -f "$key"' EXIT
cat >"$key"
# shellcheck disable=SC2029 # these are to be filled in here
ssh -i "$key" -o BatchMode=yes -o IdentitiesOnly=yes -o ConnectTimeout=10 "$administrator@$server" \
    "cd '$files' && tr -d '\\r' <'$queue' | while read -r name || [ -n \"\$name\" ]; do
       name=\${name#'$files'/}
       case \$name in '' | */*) ;; *) sudo rm -f -- \"./\$name\" ;; esac
     done"
