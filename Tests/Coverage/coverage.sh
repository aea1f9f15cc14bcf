#!/usr/bin/env bash
# Regions of each module that the unit tests reach.
#   Tests/Coverage/coverage.sh [FILTER]      FILTER = which tests; the unit tests if none is given
set -euo pipefail
cd "$(dirname "$0")/../.."

folder=.build-coverage
filter=${1:-^Unit[./]}
swift build --build-tests --enable-code-coverage --scratch-path "$folder"
# A program with counters is slow, and hundreds of tests at once only wait for each other.
export PEER_TEST_MINUTES=${PEER_TEST_MINUTES:-15}
failed=0
swift test --skip-build --enable-code-coverage --scratch-path "$folder" --disable-xctest \
    --experimental-maximum-parallelization-width 4 --filter "$filter" 2>&1 |
    grep -E '✘|Test run with|error:' || failed=1

tools=$(dirname "$(realpath "$(command -v swift)")")
program=$(find "$folder"/*/debug -maxdepth 1 -name '*.xctest' -type f | head -n 1)
profile=$(find "$folder"/*/debug/codecov -name default.profdata | head -n 1)
if [[ -z $profile ]]; then
    # After a test that failed the counters lie there as they were written.
    profile=$folder/left.profdata
    "$tools/llvm-profdata" merge -sparse "$folder"/*/debug/codecov/*.profraw -o "$profile" ||
        { echo "coverage: the tests left no profile in $folder" >&2; exit 1; }
fi
[[ -n $program ]] || { echo "coverage: $folder holds no tests" >&2; exit 1; }
"$tools/llvm-cov" export -summary-only -instr-profile="$profile" "$program" |
    python3 Tests/Coverage/modules.py
exit "$failed"
