# Sourced by the other scripts: puts a virtual environment in .venv, once, and defines `install`.
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# pyenv shows only the versions that are chosen, and all are wanted here.
for directory in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[1-9].*/bin; do
    [ -x "$directory/python3" ] && PATH="$directory:$PATH"
done
# What isn't here is skipped, not downloaded.
export UV_PYTHON_DOWNLOADS=never

find_python() {
    local name
    for name in ${PYTHON:-} python3.12 python3.13 python3.11 python3 python; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    echo "peak-images needs Python 3.11 or newer; set PYTHON to one" >&2
    return 1
}

if [ ! -x .venv/bin/uv ]; then
    echo "Setting up .venv, once; this may take a minute" >&2
    if [ ! -x .venv/bin/python ]; then
        python=$(find_python)
        "$python" -m venv .venv
    fi
    # An environment that uv made has no pip.
    .venv/bin/python -m pip --version > /dev/null 2>&1 || .venv/bin/python -m ensurepip > /dev/null
    .venv/bin/python -m pip install --quiet --disable-pip-version-check uv
fi

# Takes what `uv pip install` takes.
install() {
    VIRTUAL_ENV=$PWD/.venv .venv/bin/uv pip install --quiet "$@"
}
