#!/usr/bin/env bash
# Writes docs/transcript.md: the first ten requests of the list, run for real, as a person sees them.
set -euo pipefail
cd "$(dirname "$0")/../.."
./edgecoder --build-only
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT
{
    printf '# Ten requests, as they ran\n\nWritten by `eng/transcript/write.sh` with the shipped demonstration model. The requests are not in its training text.\nThe ninth is outside its range and is refused. The tenth shows its limit: it took the request for the opposite one, and its plan says so.\n'
    head -n 10 eng/transcript/requests.txt | while IFS= read -r request; do
        printf '\n## %s\n\n```\n' "$request"
        status=0
        EDGECODER_DATA_DIR=$data ./edgecoder run --snippet "$request" --model edgecoder-demo 2>/dev/null || status=$?
        printf '```\n\nExit code %d.\n' "$status"
    done
} >docs/transcript.md
