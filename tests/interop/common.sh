# What the runs of the interoperability tests have in common; sourced by them.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
keys=$root/tests/corpus/keys
work=$(mktemp -d)
started=()

finish() {
  local status=$?
  for process in ${started[@]+"${started[@]}"}; do
    kill "$process" 2>/dev/null || true
    wait "$process" 2>/dev/null || true
  done
  if [ "$status" -ne 0 ]; then
    tail -n 20 "$work"/*.log >&2 2>/dev/null || true
  fi
  if [ "${INTEROP_KEEP:-}" = 1 ]; then
    printf 'the logs are in %s\n' "$work" >&2
  else
    rm -rf "$work"
  fi
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

refuse() {
  printf 'interop: %s\n' "$1" >&2
  exit 3
}

listens() { (exec 3<> "/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() {
  local port
  for _ in {1..50}; do
    port=$((20000 + RANDOM % 12000))
    if ! listens "$port"; then
      printf '%s' "$port"
      return
    fi
  done
  printf 'interop: no free port on loopback\n' >&2
  exit 1
}

# start NAME PORT COMMAND…: in the background, and waits until it listens.
start() {
  local name=$1 port=$2 process
  "${@:3}" > "$work/$name.log" 2>&1 < /dev/null &
  process=$!
  started+=("$process")
  for _ in {1..300}; do
    if listens "$port"; then return; fi
    if ! kill -0 "$process" 2>/dev/null; then break; fi
    sleep 0.1
  done
  printf 'interop: %s did not start\n' "$name" >&2
  exit 1
}

is_installed() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null)" = installed ] || return 1
  done
}

# install_packages NAME PACKAGE…: with apt-get, where they are missing.
install_packages() {
  local become=()
  if is_installed "${@:2}"; then return; fi
  command -v apt-get > /dev/null || refuse "$1 needs apt-get, which is not there"
  if [ "$(id -u)" -ne 0 ]; then become=(sudo -n); fi
  export DEBIAN_FRONTEND=noninteractive
  { ${become[@]+"${become[@]}"} apt-get update -qq &&
    ${become[@]+"${become[@]}"} apt-get install -qq -y --no-install-recommends "${@:2}"; } >&2 ||
    refuse "apt-get could not install ${*:2}"
}

# install_modules NAME DIRECTORY: with npm, what the lock file there names.
install_modules() {
  command -v node > /dev/null && command -v npm > /dev/null || refuse "$1 needs node and npm, which are not installed"
  if ! cmp -s "$2/package-lock.json" "$2/node_modules/.installed"; then
    npm ci --prefix "$2" --ignore-scripts --no-audit --no-fund --loglevel=error >&2 || refuse "npm ci failed"
    cp "$2/package-lock.json" "$2/node_modules/.installed"
  fi
}

# drive ARGUMENT…: the driver.
drive() { "${CARGO_TARGET_DIR:-$root/target}/debug/admittance-interop" "$@"; }

build_driver() {
  cargo build --quiet --locked --manifest-path "$root/tests/interop/driver/Cargo.toml" --target-dir "${CARGO_TARGET_DIR:-$root/target}"
}
