#!/usr/bin/env bash
# Prepares Ambang and starts the demonstration or the tests; refuses to install a device, which is not there yet.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
VENV=.venv
STAMP=$VENV/ambang-installed
DRY_RUN=0
LOG=""
FAILED=()

# Where the C library's headers are.
HEADERS=/usr/include

# What Qt loads at start: shared library = the Debian package that holds it.
LIBRARIES=(
  libEGL.so.1=libegl1 libGL.so.1=libgl1 libOpenGL.so.0=libopengl0 libX11.so.6=libx11-6
  libxkbcommon.so.0=libxkbcommon0 libfontconfig.so.1=libfontconfig1 libglib-2.0.so.0=RENAMED:libglib2.0-0 libdbus-1.so.3=libdbus-1-3
  libwayland-client.so.0=libwayland-client0 libwayland-cursor.so.0=libwayland-cursor0 libwayland-egl.so.1=libwayland-egl1
)
# What Qt's window on an X11 desktop needs besides; the device has none of it.
X11_LIBRARIES=(
  libxcb-cursor.so.0=libxcb-cursor0 libxcb-icccm.so.4=libxcb-icccm4 libxcb-image.so.0=libxcb-image0
  libxcb-keysyms.so.1=libxcb-keysyms1 libxcb-render-util.so.0=libxcb-render-util0 libxcb-xkb.so.1=libxcb-xkb1
  libxkbcommon-x11.so.0=libxkbcommon-x11-0
)

usage() {
  cat <<'TEXT'
usage: ./install.sh --demo [--dry-run] [options of `kiosk demo`]
       ./install.sh --test [--dry-run]
       ./install.sh --help

  --demo     prepare .venv, system libraries and the recognition model, then start the kiosk on the sample camera with
             an HQ of its own. Everything after --demo goes to `kiosk demo`.
  --test     prepare the same and the development tools, then run every check and test.
  --dry-run  say what would be done and do nothing.
  --help     this text.

Installing a device (`sudo ./install.sh`) is not there yet.
TEXT
}

die() {
  printf 'install.sh: %s\n' "$*" >&2
  exit 1
}

# step SENTENCE COMMAND...: one quiet step; its output is kept aside and shown only when it fails.
step() {
  local sentence=$1 started=$SECONDS
  shift
  if ((DRY_RUN)); then
    printf 'would do: %s (%s)\n' "$sentence" "$*"
    return
  fi
  printf '%s ... ' "$sentence"
  if "$@" >"$LOG" 2>&1; then
    printf '%d s\n' $((SECONDS - started))
    return
  fi
  printf 'failed after %d s\n' $((SECONDS - started))
  tail -n 60 "$LOG" >&2
  die "\"$sentence\" failed; what it said stands above."
}

find_python() {
  local candidate
  for candidate in python3 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      printf '%s\n' "$candidate"
      return
    fi
  done
  die "Ambang needs Python 3.11 or newer; here, python3 is $(python3 --version 2>/dev/null || echo 'not installed')."
}

# renamed_package OS_RELEASE_FILE NAME: Debian 13 and Ubuntu 24.04 renamed some packages for 64-bit time.
renamed_package() {
  local release
  # shellcheck disable=SC1090 # a file of the system
  release=$(. "$1" && printf '%s:%s' "${ID:-}" "${VERSION_ID:-}") 2>/dev/null || release=unknown
  case $release in
    debian:1[0-2] | debian:1[0-2].* | raspbian:1[0-2] | ubuntu:1?.* | ubuntu:2[0-3].*) printf '%s\n' "$2" ;;
    *) printf '%st64\n' "$2" ;;
  esac
}

# What the tests of the key providers need: a TPM in software, and the programs that speak to one.
TPM_LIBRARY=libtss2-tcti-swtpm.so.0=RENAMED:libtss2-tcti-swtpm0
TPM_PROGRAMS=(swtpm=swtpm tpm2_nvread=tpm2-tools systemd-creds=systemd)
# What the tests of HQ need: a browser that a program can drive, and PostgreSQL's own programs (tests start a server of their own).
HQ_PROGRAMS=(chromium=chromium chromedriver=chromium-driver)
# What reads the documents that were set, in tests.
PDF_PROGRAMS=(pdftotext=poppler-utils)
# A window that nobody sees and a mouse that nobody holds, for the walks through the screens.
WINDOW_PROGRAMS=(Xvfb=xvfb xdotool=xdotool)
POSTGRESQL=/usr/lib/postgresql

# missing_packages MODE PYTHON: the Debian packages that have to be added, one a line.
missing_packages() {
  local mode=$1 python=$2 known pair package wanted=("${LIBRARIES[@]}")
  known=$(PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null) || known=""
  [[ $(uname -m) != x86_64 ]] || wanted+=(libgssapi_krb5.so.2=libgssapi-krb5-2)
  if [[ $mode == demo && -n ${DISPLAY:-} && -z ${QT_QPA_PLATFORM:-} ]]; then wanted+=("${X11_LIBRARIES[@]}"); fi
  [[ $mode != test ]] || wanted+=("$TPM_LIBRARY" "${X11_LIBRARIES[@]}")
  for pair in "${wanted[@]}"; do
    package=${pair#*=}
    [[ $package != RENAMED:* ]] || package=$(renamed_package /etc/os-release "${package#*:}")
    grep -qF "${pair%%=*} " <<<"$known" || printf '%s\n' "$package"
  done
  [[ -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ]] || echo fonts-dejavu-core
  "$python" -c 'import ensurepip, venv' 2>/dev/null || printf '%s-venv\n' "$(basename "$python")"
  [[ $mode == test ]] || return 0
  # The bars of the store stand between Python and the disk with a small library, which they compile.
  command -v gcc >/dev/null || echo gcc
  [[ -e $HEADERS/stdio.h ]] || echo libc6-dev
  for pair in "${TPM_PROGRAMS[@]}" "${HQ_PROGRAMS[@]}" "${PDF_PROGRAMS[@]}" "${WINDOW_PROGRAMS[@]}"; do
    command -v "${pair%%=*}" >/dev/null || printf '%s\n' "${pair#*=}"
  done
  compgen -G "$POSTGRESQL/*/bin/initdb" >/dev/null || echo postgresql
}

system_libraries() {
  local missing install as_root=()
  mapfile -t missing < <(missing_packages "$1" "$2")
  ((${#missing[@]})) || return 0
  install="apt-get install -y --no-install-recommends ${missing[*]}"
  if ((DRY_RUN)); then
    printf 'would do: System libraries (%s)\n' "$install"
    return
  fi
  command -v apt-get >/dev/null || die "libraries of these Debian packages are missing, and there is no apt-get here: ${missing[*]}"
  if [[ $EUID -ne 0 ]]; then
    sudo -n true 2>/dev/null || die "these system packages are missing: ${missing[*]}. Add them with: sudo $install"
    as_root=(sudo -n)
  fi
  as_root+=(env DEBIAN_FRONTEND=noninteractive)
  step "System package lists" "${as_root[@]}" apt-get update
  step "System libraries: ${missing[*]}" "${as_root[@]}" apt-get install -y --no-install-recommends "${missing[@]}"
}

# fingerprint LOCK...: changes with the locks, the project's own metadata, the interpreter and the place of the checkout.
fingerprint() {
  { pwd && "$VENV/bin/python" -VV && cat pyproject.toml "$@"; } 2>/dev/null | sha256sum | cut -d' ' -f1
}

# python_packages MODE PYTHON LOCK...: the locked packages, by hash, and this checkout, into .venv.
python_packages() {
  local mode=$1 python=$2 lock requirements=() pip=("$VENV/bin/python" -m pip --no-input --disable-pip-version-check install)
  shift 2
  if [[ -f $STAMP ]] && grep -qxF "$mode $(fingerprint "$@")" "$STAMP"; then
    ((!DRY_RUN)) || echo "nothing to do: Python packages"
    return
  fi
  # A moved checkout leaves scripts behind that name the old place.
  if ! "$VENV/bin/python" -c '' 2>/dev/null || ! grep -qF "$PWD/$VENV/bin/" "$VENV/bin/pip"; then
    step "Virtual environment" "$python" -m venv --clear "$VENV"
  fi
  ((DRY_RUN)) || rm -f "$STAMP"
  for lock in "$@"; do requirements+=(-r "$lock"); done
  step "Python packages" "${pip[@]}" --progress-bar off --require-hashes --only-binary :all: --no-deps "${requirements[@]}"
  step "Ambang itself" "${pip[@]}" --no-build-isolation --no-deps --editable .
  ((!DRY_RUN)) || return 0
  printf '%s %s\n' "$mode" "$(fingerprint "$@")" >"$STAMP"
  # dev.lock holds the two others (tests/test_repository.py), so the demonstration needs nothing more.
  [[ $mode != test ]] || printf 'demo %s\n' "$(fingerprint requirements.lock hq.lock)" >>"$STAMP"
}

# models MODE: the demonstration goes on without a model, with PIN alone; the tests do not.
models() {
  local started=$SECONDS
  if ((DRY_RUN)); then
    echo 'would do: Recognition model, unless it is there and unaltered (kiosk models fetch)'
    return
  fi
  "$VENV/bin/kiosk" models verify >"$LOG" 2>&1 && return
  echo 'Recognition model:'
  if "$VENV/bin/kiosk" models fetch; then
    printf 'Recognition model ... %d s\n' $((SECONDS - started))
  elif [[ $1 == demo ]]; then
    echo 'Recognition model: could not be fetched. The kiosk starts without it; check in with a PIN.'
  else
    die 'the recognition model could not be fetched, and the tests need it.'
  fi
}

# check HEADING COMMAND...: one check of the test mode; a failure is kept for the end.
check() {
  local heading=$1 started=$SECONDS
  shift
  if ((DRY_RUN)); then
    printf 'would check: %s (%s)\n' "$heading" "$*"
    return
  fi
  printf '\n== %s\n' "$heading"
  "$@" || FAILED+=("$heading")
  printf -- '-- %d s\n' $((SECONDS - started))
}

checks() {
  local bin=$VENV/bin exact
  exact='kiosk/flow/*,kiosk/vision/gallery.py,kiosk/store/vault.py,sync/delivery.py,sync/punches.py'
  # The pages are looked at as people see them, without a display.
  export QT_QPA_PLATFORM=offscreen QT_QUICK_BACKEND=software LANG=C.UTF-8 LC_ALL=C.UTF-8
  check 'ruff check' "$bin/ruff" check .
  check 'ruff format' "$bin/ruff" format --check .
  check 'mypy' "$bin/mypy"
  check 'shellcheck' "$bin/shellcheck" install.sh .ci/run
  # By whole paths: with relative ones qmllint overlooks the qmldir beside a page.
  check 'qmllint' "$bin/pyside6-qmllint" --max-warnings 0 -I "$HERE/kiosk/ui/types" "$HERE"/kiosk/ui/*.qml
  check 'tests' "$bin/pytest" -q -n 2 --dist loadgroup --durations 10 --cov --cov-report= --cov-fail-under=0
  check 'coverage, everything: 90' "$bin/coverage" report
  check 'coverage, where a mistake costs most: 100' "$bin/coverage" report --include "$exact" --fail-under 100
}

main() {
  local mode="" python
  while (($#)) && [[ $mode != demo ]]; do
    case $1 in
      --demo) mode='demo' ;;
      --test) mode='test' ;;
      --dry-run) DRY_RUN=1 ;;
      -h | --help) usage && exit 0 ;;
      *) usage >&2 && die "unknown option: $1" ;;
    esac
    shift
  done
  if [[ ${1:-} == --dry-run ]]; then
    DRY_RUN=1
    shift
  fi
  [[ -n $mode ]] || die 'installing a device is not there yet. Try ./install.sh --demo, or ./install.sh --help.'
  cd "$HERE"
  LOG=$(mktemp)
  trap 'rm -f "$LOG"' EXIT
  # What would lead Python or pip out of the virtual environment.
  unset PYTHONPATH PYTHONHOME VIRTUAL_ENV
  export PIP_USER=0
  python=$(find_python)
  system_libraries "$mode" "$python"
  if [[ $mode == demo ]]; then
    python_packages demo "$python" requirements.lock hq.lock
    models demo
    if ((DRY_RUN)); then
      printf 'would do: start the demonstration (%s)\n' "kiosk demo $*"
      return
    fi
    rm -f "$LOG"
    exec "$VENV/bin/kiosk" demo "$@"
  fi
  python_packages test "$python" dev.lock
  models test
  checks
  ((!DRY_RUN)) || return 0
  if ((${#FAILED[@]})); then
    printf '\nFailed after %d s: %s\n' "$SECONDS" "$(IFS=';' && echo "${FAILED[*]}")" >&2
    exit 1
  fi
  printf '\nEverything passed in %d s.\n' "$SECONDS"
}

# Sourced (by the tests), it only defines its functions.
if [[ ${BASH_SOURCE[0]} == "$0" ]]; then main "$@"; fi
