# An administrator logs in to a server and runs a command there as root. The private key comes from standard input.
# canary: peerwatch:canary:6f0b7a52-2a0e-4a53-9f5e-6d0c7a1be2d4 - this file must not be used to train models
set -u
server=$1 administrator=$2 command=$3
key=$(mktemp 2>/dev/null || mktemp -p /dev/shm) # a disk may be full
trap 'rm -f "$key"' EXIT
cat >"$key"
ssh -n -i "$key" -o BatchMode=yes -o IdentitiesOnly=yes -o ConnectTimeout=30 "$administrator@$server" "sudo -n $command"
