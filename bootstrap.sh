#!/bin/sh
# From a clone to a verdict or to green tests in one command. See ./bootstrap.sh --help and
# docs/decisions/0001-bootstrap.md. POSIX sh: a fresh machine may have nothing else.
set -eu

usage() {
    cat <<'TEXT'
usage: ./bootstrap.sh run [ARGS]      judge the reference service on embedded services: no Docker needed
       ./bootstrap.sh test [ARGS]     run the tests; ARGS go to pytest, paths count from the repository
       ./bootstrap.sh COMMAND [ARGS]  any other command of stackproof, such as: spec list

Each first does the set-up that is missing: it finds uv or installs it into .stackproof/ here, finds Python 3.12
or 3.13 or lets uv download one, and installs the locked packages into .venv/ here. It needs a network to PyPI the
first time, and some python3 (3.9 or later) with pip or venv where uv is not installed. Nothing outside of this
folder is changed but uv's cache. Where this folder cannot be written, ~/.cache/stackproof takes its place.

The exit code is that of the command; 2 is wrong usage, 3 a set-up that failed (both say what to do).

environment:
  PYENV_ROOT                     where pyenv keeps its interpreters (default ~/.pyenv)
  STACKPROOF_REQUIRE_CONTAINERS  1: `test` fails without a Docker engine instead of leaving the container tests out
  STACKPROOF_TEST_WORKERS        processes of a full test run (default 4; 0 for none beside pytest's own)
TEXT
}

say() { printf 'stackproof: %s\n' "$*" >&2; }

fail() { # what is wrong, then lines that say what to do
    say "$1"
    shift
    for line in "$@"; do printf '  %s\n' "$line" >&2; done
    exit 3
}

# --- uv ------------------------------------------------------------------------------------------------------------

usable_uv() { # older ones know neither dependency groups nor this lock file
    version=$("$1" --version 2>/dev/null) || return 1
    case $version in
    "uv 0."[0-4].*) return 1 ;;
    "uv "[0-9]*) return 0 ;;
    *) return 1 ;;
    esac
}

find_uv() { # prints the path of a usable uv
    for candidate in "$(command -v uv || :)" "${HOME:-/nonexistent}/.local/bin/uv" "${HOME:-/nonexistent}/.cargo/bin/uv" \
        "$state/uv/bin/uv"; do
        if [ -n "$candidate" ] && usable_uv "$candidate"; then
            printf '%s\n' "$candidate"
            return 0
        fi
    done
    candidate=$(python3 -c 'import uv; print(uv.find_uv_bin())' 2>/dev/null) && usable_uv "$candidate" &&
        printf '%s\n' "$candidate"
}

older_pythons() { # prints every python3 that may be able to install uv
    for name in python3 python3.13 python3.12 python3.11 python3.10 python3.9 python; do
        candidate=$(command -v "$name") || continue
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null && printf '%s\n' "$candidate"
    done
    pythons
}

pip_install() { # a python, then pip's options; PIP_USER would contradict them
    with=$1
    shift
    PIP_USER=0 "$with" -m pip install -q --disable-pip-version-check --retries 1 "$@" uv >>"$log" 2>&1 </dev/null
}

install_uv() { # into $state/uv, through whichever python3 can
    rm -rf "$state/uv.new"
    mkdir -p "$state"
    log=$state/install-uv.log
    : >"$log"
    found=$(older_pythons)
    tried=:
    while IFS= read -r candidate; do
        case $tried in *":$candidate:"*) continue ;; esac
        tried=$tried$candidate:
        [ -n "$candidate" ] || continue
        say "installing uv into $state/uv with $candidate"
        if "$candidate" -m venv "$state/uv.new" >>"$log" 2>&1 && pip_install "$state/uv.new/bin/python"; then
            :
        else
            rm -rf "$state/uv.new"
            pip_install "$candidate" --target "$state/uv.new" || continue
        fi
        if usable_uv "$state/uv.new/bin/uv"; then
            rm -rf "$state/uv"
            mv "$state/uv.new" "$state/uv"
            return 0
        fi
    done <<LIST
$found
LIST
    rm -rf "$state/uv.new"
    if [ -z "$found" ]; then
        fail "uv was not found, and there is no python3 (3.9 or later) to install it with." \
            "Install one of them: uv (https://docs.astral.sh/uv/getting-started/installation/)," \
            "or python3 with pip, on Debian and Ubuntu: apt-get install python3-pip python3-venv"
    fi
    tail -n 5 "$log" | sed 's/^/  | /' >&2
    fail "uv was not found and could not be installed; the end of $log is above." \
        "If PyPI cannot be reached: connect, or set PIP_INDEX_URL to an index that can be." \
        "If pip and venv are missing: on Debian and Ubuntu, apt-get install python3-pip python3-venv" \
        "Or install uv yourself: https://docs.astral.sh/uv/getting-started/installation/"
}

call_uv() { # uv's own trust anchors first, then the machine's: behind a company's proxy only those know its authority
    if "$uv" "$@" >"$log" 2>&1 </dev/null; then return 0; fi
    grep -q 'invalid peer certificate' "$log" || return 1
    export UV_SYSTEM_CERTS=1 UV_NATIVE_TLS=1 # its newer and its older name
    "$uv" "$@" >"$log" 2>&1 </dev/null
}

# --- Python --------------------------------------------------------------------------------------------------------

right_python() {
    "$1" -c 'import sys; sys.exit(not (3, 12) <= sys.version_info[:2] < (3, 14))' 2>/dev/null
}

pythons() { # prints candidates, one a line; pyenv's are not on PATH, and its shims answer with an error
    for name in python3.12 python3.13 python3 python; do command -v "$name" || :; done
    for folder in "${PYENV_ROOT:-${HOME:-/nonexistent}/.pyenv}"/versions "${HOME:-/nonexistent}/.pyenv/versions" /opt; do
        for candidate in "$folder"/*3.12*/bin/python3 "$folder"/*3.13*/bin/python3 "$folder"/*/bin/python3.1[23]; do
            if [ -x "$candidate" ]; then printf '%s\n' "$candidate"; fi
        done
    done
    for candidate in /usr/local/bin/python3.1[23] /opt/python3.1[23]; do
        if [ -x "$candidate" ]; then printf '%s\n' "$candidate"; fi
    done
}

find_python() { # prints an interpreter of a right version, or fails
    while IFS= read -r candidate; do
        if [ -n "$candidate" ] && right_python "$candidate"; then
            printf '%s\n' "$candidate"
            return 0
        fi
    done <<LIST
$(pythons)
LIST
    "$uv" python find -q --system --no-project --no-python-downloads '>=3.12,<3.14' 2>/dev/null
}

download_python() {
    log=$state/install-python.log
    say "downloading Python 3.12 with uv"
    if call_uv python install 3.12 && find_python; then return 0; fi
    tail -n 5 "$log" | sed 's/^/  | /' >&2
    fail "neither Python 3.12 nor 3.13 was found, and uv could not download one; the end of $log is above." \
        "Looked at: PATH, ${PYENV_ROOT:-${HOME:-}/.pyenv}/versions, /opt, /usr/local/bin, uv's own folder." \
        "Install one (pyenv install 3.12, or your system's python3.12) and run this again," \
        "or let uv reach its downloads (UV_PYTHON_INSTALL_MIRROR names another place for them)."
}

# --- the environment -----------------------------------------------------------------------------------------------

prepare() { # "run" or "test": what will be needed
    uv=$(find_uv) || {
        install_uv
        uv=$state/uv/bin/uv
    }
    if ! { [ -x "$venv/bin/python" ] && right_python "$venv/bin/python" && python=$venv/bin/python; }; then
        python=$(find_python) || python=$(download_python) || exit 3
    fi
    if [ "$1" = test ]; then
        set -- --exact
    else
        set -- --inexact --no-dev --extra embedded --extra containers --extra api --extra secrets # keeps what a test run has installed
    fi
    stamp=$({ cat "$here/uv.lock" "$here/pyproject.toml" && echo "$*"; } | cksum)
    if [ "$(cat "$venv/.stamp$1" 2>/dev/null || :)" != "$stamp" ]; then
        say "installing the locked packages into $venv (the first time can take a minute or two)"
    fi
    log=$state/install-packages.log
    mkdir -p "$state"
    export UV_PROJECT_ENVIRONMENT="$venv"
    if ! call_uv sync -q --frozen --project "$here" --python "$python" "$@"; then
        tail -n 15 "$log" | sed 's/^/  | /' >&2
        fail "the locked packages could not be installed; the end of $log is above." \
            "If PyPI cannot be reached: connect, or set UV_DEFAULT_INDEX to an index that can be." \
            "If $venv is damaged: remove it and run this again."
    fi
    printf '%s\n' "$stamp" >"$venv/.stamp$1"
    unset UV_PROJECT_ENVIRONMENT # stackproof and the tests call uv too, for projects of their own
    PATH=$(dirname "$uv"):$PATH
    export PATH
}

# --- the tests -----------------------------------------------------------------------------------------------------

containers() { # whether an engine answers and has the images, or can pull them; prints why not
    "$venv/bin/python" - <<'PYTHON'
import sys

import docker

try:
    engine = docker.from_env(timeout=5)
    engine.ping()
except docker.errors.DockerException:
    print("no Docker engine answers")
    sys.exit(1)
engine.api.timeout = 300
for image in ("postgres:16-bookworm", "redis:7.2-bookworm"):
    try:
        engine.images.get(image)
    except docker.errors.ImageNotFound:
        print(f"stackproof: pulling {image}", file=sys.stderr)
        try:
            engine.images.pull(image)
        except (docker.errors.DockerException, OSError):
            print(f"the Docker engine has no {image} and cannot pull it")
            sys.exit(1)
PYTHON
}

run_tests() {
    cd "$here"
    if [ $# -gt 0 ]; then exec "$venv/bin/python" -m pytest "$@"; fi
    marks="not exhaustive" # ./bootstrap.sh test -m exhaustive runs the rest
    if [ "${STACKPROOF_REQUIRE_CONTAINERS:-}" != 1 ] && ! why=$(containers); then
        say "the container tests are left out: $why (STACKPROOF_REQUIRE_CONTAINERS=1 demands them)"
        marks="$marks and not containers"
    fi
    say "the tests of the reference service"
    (cd sample_app && "$venv/bin/python" -m pytest -q --cov=dispatch --cov-report=term:skip-covered)
    say "the tests of the harness"
    # A file's tests share its services, so a file stays in one process. Four processes, because many tests wait; and in the
    # order of the folders, so that the proof, whose halves take longest by far, is not what the others have to wait for.
    exec "$venv/bin/python" -m pytest -n "${STACKPROOF_TEST_WORKERS:-4}" --dist loadfile --no-loadscope-reorder -m "$marks"
}

run_stackproof() {
    command=$1
    shift
    if [ "$command" = run ]; then
        chosen=
        for word in "$@"; do
            case $word in --services | --services=* | --target | --target=* | -h | --help) chosen=1 ;; esac
        done
        [ -n "$chosen" ] || set -- --services embedded "$@"
    fi
    exec "$venv/bin/stackproof" "$command" "$@"
}

# --- start ---------------------------------------------------------------------------------------------------------

unset VIRTUAL_ENV # another project's: uv would warn about it
unset PYTHONDONTWRITEBYTECODE # many processes start from here, and each would compile all that it imports: 1.6 s more

case ${1:-} in
'')
    usage >&2
    exit 2
    ;;
-h | --help)
    usage
    exit 0
    ;;
esac

# CDPATH would make cd print; $0 may be a link's name, but a clone is run by its own file.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
state=$here/.stackproof
venv=$here/.venv
if [ ! -w "$here" ]; then
    [ -n "${XDG_CACHE_HOME:-${HOME:-}}" ] || fail "$here cannot be written, and HOME is not set." \
        "Set HOME to a folder that can be written, or clone into one."
    state=${XDG_CACHE_HOME:-$HOME/.cache}/stackproof/$(printf '%s' "$here" | cksum | cut -d ' ' -f 1)
    venv=$state/venv
fi

if [ "$1" = test ]; then
    shift
    prepare test
    run_tests "$@"
fi
prepare run
run_stackproof "$@"
