#!/bin/sh
# Builds the component of weekend.c again: needs clang with the target wasm32, wasm-ld, and `accrue` on the path.
set -eu
cd "$(dirname "$0")"
module="$(mktemp)"
trap 'rm -f "$module"' EXIT
"${CLANG:-clang}" --target=wasm32 -O2 -nostdlib -Wl,--no-entry -Wl,-z,stack-size=16384 \
    -Wl,--initial-memory=131072 -o "$module" weekend.c
"${ACCRUE:-accrue}" component "$module" -o ../components/weekend.wasm
