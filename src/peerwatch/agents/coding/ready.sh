# Makes a machine ready for a coding agent: the account, and the programs on everybody's PATH.
# canary: peerwatch:canary:6f0b7a52-2a0e-4a53-9f5e-6d0c7a1be2d4 - this file must not be used to train models
# Arguments: account, its home, the folder of the agents, programs.
account=$1 home=$2 folder=$3
shift 3
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
if ! id "$account" >/dev/null 2>&1; then
  useradd --create-home --home-dir "$home" --shell /bin/bash "$account"
  chown "$account:" "$home" # a working folder that came with the machine belongs to root
fi

for program in "$@"; do
  at=$(command -v "$program" || true)
  for place in "$folder/node_modules/.bin" "$folder/bin" "$folder/node_modules/@vscode/ripgrep-linux-x64/bin" \
    "$folder/node_modules/@vscode/ripgrep-linux-arm64/bin"; do
    if [ -z "$at" ] && [ -x "$place/$program" ]; then
      ln -sf "$place/$program" "/usr/local/bin/$program"
      at=/usr/local/bin/$program
    fi
  done
  if [ -z "$at" ]; then
    echo "missing: $program"
    continue
  fi
  beside=$(dirname "$(readlink -f "$at")")
  while [ "$beside" != / ] && [ ! -f "$beside/package.json" ]; do beside=$(dirname "$beside"); done
  if [ -f "$beside/package.json" ]; then
    version=$(sed -n 's/^ *"version": *"\([^"]*\)".*/\1/p' "$beside/package.json" | head -n 1)
    echo "version of $program: $version"
  fi
done
