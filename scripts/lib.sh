# shellcheck shell=bash
# Shared by the scripts beside it; sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export root

# Everything for people goes to stderr, so that stdout stays free for data.
say() { printf '%s\n' "$*" >&2; }
step() { printf '==> %s\n' "$*" >&2; }
warn() { printf 'warning: %s\n' "$*" >&2; }

# die MESSAGE [HINT]…: every error names its next step.
die() {
  printf 'error: %s\n' "$1" >&2
  shift
  local hint
  for hint in "$@"; do printf 'hint: %s\n' "$hint" >&2; done
  exit 1
}

# Where rustup puts it, also for shells that have not read its profile.
if ! command -v cargo >/dev/null 2>&1 && [ -x "${CARGO_HOME:-${HOME:-}/.cargo}/bin/cargo" ]; then
  PATH=${CARGO_HOME:-$HOME/.cargo}/bin:$PATH
fi

have() { command -v "$1" >/dev/null 2>&1; }

# wait_until SECONDS COMMAND…: polls until the command succeeds; fails at the deadline.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.2
  done
}

# python_tool PACKAGE PROGRAM: prints the path of a program from PyPI, installed once under target/tools.
# The versions are pinned in scripts/python-tools.txt; a changed pin is a new folder.
python_tool() {
  local package=$1 program=$2 pin venv
  pin=$(grep -E "^${package}==" "$root/scripts/python-tools.txt") || die "no pinned version of \`$package\`" "add it to scripts/python-tools.txt"
  venv="$root/target/tools/${pin/==/-}"
  if [ ! -x "$venv/bin/$program" ]; then
    step "installing $pin in target/tools"
    rm -rf "$venv"
    python3 -m venv "$venv" >&2 || die 'python could not make a virtual environment' 'scripts/setup'
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-input "$pin" >&2 </dev/null ||
      die "\`pip install $pin\` failed" 'check the network and the package index of pip'
  fi
  printf '%s\n' "$venv/bin/$program"
}
