# Every task of the project. `./dev RECIPE` installs what is missing and then runs it here.

set shell := ["bash", "-euo", "pipefail", "-c"]

binary := justfile_directory() / ".build/debug/peer-agent"
release := justfile_directory() / ".build/release/peer-agent"
clients := justfile_directory() / ".venv-clients"
clients_v1 := justfile_directory() / ".venv-mcp1"
frameworks := justfile_directory() / ".venv-frameworks"
fuzzers := justfile_directory() / ".venv-fuzzers"

asan_flags := "--sanitize=address --scratch-path .build-asan"
tsan_flags := "--sanitize=thread --scratch-path .build-tsan -Xswiftc -DTHREAD_SANITIZER"

# Thousands of mutations and seeds on one thread: minutes under a sanitizer, and nothing new for it.
sanitizer_skips := "--skip 'HostileWaitingTests|EventMutationTests|EventShapeTests|ConvergenceTests'"

# Its leak check names only frames of the test runner; leaks are found by counts instead.
export ASAN_OPTIONS := "detect_leaks=0"

# The live handshake of the unit tests meets this Python.
export PEER_NOISE_PYTHON := clients / "bin/python"
export PEER_AGENT_BIN := env("PEER_AGENT_BIN", binary)

# Where the shared data is there, tests that cannot find their part of it fail; else they skip. Who
# promises that it is there sets the second variable.
shared := env("PEER_SHARED", justfile_directory() / "../shared")
promised := env("PEER_SHARED_EXPECTED", "")
export PEER_SHARED_EXPECTED := if path_exists(shared) == "true" { "1" } else { promised }

# Lists the recipes.
default:
    @'{{just_executable()}}' --justfile '{{justfile()}}' --list --unsorted

# Checks that the compiler and the libraries are there (./dev installs them).
setup:
    @command -v swift >/dev/null || { echo "swift is missing: run ./dev setup" >&2; exit 1; }
    @pkg-config --exists --print-errors libsodium sqlite3 libuv || \
        { echo "run ./dev setup, which installs what is missing" >&2; exit 1; }

# Debug build of everything but the tests.
build: setup
    swift build

# Release build, a narrated demo with two nodes, then the configuration for your MCP client.
start: demo _client-configuration

# Two nodes in temporary directories meet, chat through MCP, and one is killed and catches up.
demo: setup _build-release
    '{{release}}' demo

# As many seeds and histories as fit into its time.
# What must pass before a merge: lint, all tests, short campaigns.
test: setup lint test-unit test-e2e _clients-beside-release (oracle "10000" "--jobs" "2") (sim "--seeds" "72" "--seconds" "300" "--twice" "4") fuzz crash
    @echo
    @echo "All of these passed: lint, test-unit, test-e2e, test-clients, test-frameworks, oracle, sim, fuzz, crash."
    @echo "Not run here: asan and tsan, recipes of their own (docs/STATUS.md says how they stand)."

# Clients wait more than they work: what the next recipes need is built beside them. (Whatever
# builds anything itself would wait for that.)
_clients-beside-release: _build-tests _venv-clients _venv-mcp1
    #!/usr/bin/env bash
    set -euo pipefail -m
    log=$(mktemp)
    (for product in StateCheck PeerSim PeerFuzz peer-agent; do
        nice swift build -c release --product "$product" || exit 1
    done) >"$log" 2>&1 &
    build=$!
    trap 'kill -- "-$build" 2>/dev/null || true; rm -f "$log"' EXIT
    '{{just_executable()}}' --justfile '{{justfile()}}' _run-clients
    '{{just_executable()}}' --justfile '{{justfile()}}' _run-frameworks
    wait "$build" || { cat "$log"; exit 1; }
    grep -E 'warning:|complete' "$log" || true

# Tests of single modules, in this process.
test-unit: _build-tests _venv-clients (_run-tests "Unit")

# Tests of whole nodes: in memory first, then as processes with sockets.
test-e2e: _build-tests (_run-tests "E2E")

# What is smaller in `test`, with as many events, channels and members as its scenario names.
test-long: _build-tests && (sim "--churn" "200")
    PEER_LONG=1 PEER_TEST_MINUTES=30 swift test --skip-build --disable-xctest \
        --experimental-maximum-parallelization-width 2 \
        --filter 'JoinScenarioTests|LargeRestartTests|SyncScenarioTests'

# Most four at a time, since they wait more than they work; `-n 0` runs all one by one.
# Python clients (official SDK 2.x and 1.x, fastmcp, raw frames) against the debug binary.
test-clients *args: _build-tests _venv-clients _venv-mcp1 (_run-clients args)

# First those that can stand company, then the others one by one, then the older SDK's.
_run-clients *args:
    #!/usr/bin/env bash
    set -euo pipefail
    given={{quote(args)}}
    # Who asks for some tests may find none of them in a part.
    run() {
        local code=0
        "$@" {{args}} || code=$?
        [[ $code == 0 || ($code == 5 && -n $given) ]]
    }
    newer=('{{clients}}/bin/python' -m pytest Tests/Clients --ignore Tests/Clients/test_sdk1.py
        --ignore Tests/Clients/test_http_sdk1.py --ignore Tests/Clients/test_frameworks.py
        --ignore Tests/Clients/test_fuzzers.py --ignore Tests/Clients/test_page_browser.py)
    run "${newer[@]}" -n 4 --dist worksteal -m 'not alone'
    run "${newer[@]}" -m alone
    run '{{clients_v1}}/bin/python' -m pytest Tests/Clients/test_sdk1.py \
        Tests/Clients/test_http_sdk1.py Tests/Clients/test_matrix.py

# The page for people in a real browser, against the debug binary.
test-page *args: _build-tests _venv-clients
    '{{clients}}/bin/python' -m pytest Tests/Clients/test_page_browser.py -n 2 {{args}}

# Agent frameworks, bridges and public fuzzers against the debug binary and the fixture server.
test-frameworks *args: _build-tests (_run-frameworks args)

_run-frameworks *args: _venv-frameworks _venv-fuzzers
    '{{frameworks}}/bin/python' -m pytest Tests/Clients/test_frameworks.py -n 4 {{args}}
    '{{fuzzers}}/bin/python' -m pytest Tests/Clients/test_fuzzers.py -n 4 {{args}}

# Raw limits of this machine beside ours, as ratios (release build).
bench *args: _build-release
    swift build -c release --product PeerBench
    PEER_AGENT_BIN='{{release}}' .build/release/PeerBench {{args}}

# State folded from random hostile histories beside a plain second reading of the rules: N seeds.
oracle seeds="2000" *args: setup
    swift build -c release --product StateCheck
    .build/release/StateCheck {{seeds}} {{args}}

# As many seeds as fit into 80 s.
# Whole networks in virtual time: `--seeds N --seconds S`, `--long`, `--seed 0x…`, `--plan FILE`.
sim *args: setup
    swift build -c release --product PeerSim
    .build/release/PeerSim {{args}}

# Mutated bytes against every decoder, 16 s; `fuzz --long` uses libFuzzer, 1 h a target.
fuzz *args: setup
    #!/usr/bin/env bash
    set -euo pipefail
    swift build -c release --product PeerFuzz
    [[ " {{args}} " == *" --long "* ]] || exec .build/release/PeerFuzz {{args}}
    PEER_FUZZ=1 swift build -c release --sanitize=fuzzer --scratch-path .build-fuzz \
        --product PeerLibFuzz
    targets=$(.build/release/PeerFuzz --write-corpus .build-fuzz/corpus | grep -v ' ')
    for target in $targets; do
        echo "libFuzzer: $target"
        PEER_FUZZ_TARGET=$target .build-fuzz/release/PeerLibFuzz -rss_limit_mb=2048 -timeout=1 \
            -max_total_time="${PEER_FUZZ_SECONDS:-3600}" -artifact_prefix=".build-fuzz/$target-" \
            ".build-fuzz/corpus/$target"
    done

# For 35 s; nothing that it acknowledged may be gone.
# A writing node is killed again and again: `--long`, `--seconds S`, `--kills N`.
crash *args: _build-release
    PEER_AGENT_BIN='{{release}}' python3 Tests/Crash/crash.py {{args}}

# Unit tests, without the longest, under Address Sanitizer.
asan: _venv-clients (_build-tests asan_flags) (_run-tests "Unit" asan_flags sanitizer_skips)

# The same under Thread Sanitizer; `Locked` is a pthread lock there.
tsan: _venv-clients (_build-tests tsan_flags) (_run-tests "Unit" tsan_flags sanitizer_skips)

# Regions of each module that the tests reach.
coverage *filter: setup
    Tests/Coverage/coverage.sh {{filter}}

# Formatting rules, then the tidy test: lengths, banned calls, imports.
lint: _lint-format _build-tests (_run-tests "Unit.TidyTests")

# Rewrites the sources as the formatter wants them.
fmt:
    swift format --in-place --parallel --recursive Sources Tests Benchmarks Package.swift

# Pages that are generated from the code.
docs: build
    python3 Tests/Reference/reference.py '{{binary}}'

# A self-contained archive of the release build.
package: setup
    Packaging/package.sh

# Unit file, archive and `.deb`: checked, then installed on a throwaway machine with systemd (root).
test-packaging: _build-release
    Tests/Packaging/check.sh '{{release}}'

# `./dev start` in a clean clone, then again without network, each with a client that uses what it
# printed (S-320): builds a release, which takes minutes.
test-start: _venv-clients
    '{{clients}}/bin/python' Tests/Start/clean_clone.py

# 1,000 waiting agents on one node: who wakes, how soon, how much memory (release build).
bench-agents *args: _build-release
    python3 Benchmarks/Agents/waiting.py '{{release}}' {{args}}

# One table, which also says what is signed, durable and encrypted; it installs what it compares.
# Nodes on real sockets beside NATS, prosody, git and Negentropy: `--parts a,b`, `--long`, `--small`.
bench-peers *args: _build-release
    python3 Benchmarks/peers/compare.py '{{release}}' {{args}}

# Beside MCP servers in Go, Rust and Python, which it installs: gates and byte budgets: `--rounds N`.
bench-mcp-peers *args: _build-release
    python3 Benchmarks/Agents/peers.py '{{release}}' {{args}}

# Removes build results and Python environments; keeps .tools, where just itself lives.
clean:
    rm -rf .build .build-* .venv-clients .venv-mcp1 .venv-frameworks .venv-fuzzers .venv-peers dist

_lint-format:
    swift format lint --strict --parallel --recursive Sources Tests Benchmarks Package.swift

_build-tests *options: setup
    swift build --build-tests {{options}}

_build-release: setup
    swift build -c release --product peer-agent

# Runs the built tests whose id begins with `which`; a filter that finds nothing is a failure.
_run-tests which *options:
    #!/usr/bin/env bash
    set -euo pipefail
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    # A busy machine makes tests slower, a sanitizer many times; neither makes them hang.
    export PEER_TEST_MINUTES=5
    options=({{options}})
    [[ "${options[*]}" != *--sanitize* ]] || PEER_TEST_MINUTES=30
    pattern='^{{replace(which, ".", "\\.")}}[./]'
    # All at once, hundreds of tests would wait for two cores until their limits are over.
    swift test --skip-build --disable-xctest --experimental-maximum-parallelization-width 4 \
        --filter "$pattern" "${options[@]}" 2>&1 | tee "$log" |
        grep --line-buffered -vE '^(◇|✔ Test [^r]|✔ Suite)' || [[ ${PIPESTATUS[0]} == 0 ]]
    grep -qE 'Test run with [1-9][0-9]* test' "$log" ||
        { echo "no test ran for '{{which}}'" >&2; exit 1; }

_venv-clients: (_venv clients "requirements.txt")

_venv-mcp1: (_venv clients_v1 "requirements-mcp1.txt")

_venv-frameworks: (_venv frameworks "requirements-frameworks.txt")

_venv-fuzzers: (_venv fuzzers "requirements-fuzzers.txt")

# Makes a virtual environment again when its list of packages or its Python has changed.
_venv folder requirements:
    #!/usr/bin/env bash
    set -euo pipefail
    wanted=$( (python3 --version; cat 'Tests/Clients/{{requirements}}'; \
        cat 'Tests/Clients/{{replace(requirements, "requirements", "constraints")}}') | sha256sum)
    stamp='{{folder}}/installed'
    [[ -f $stamp && $(<"$stamp") == "$wanted" ]] && exit 0
    echo "installing Tests/Clients/{{requirements}} into $(basename '{{folder}}')"
    rm -rf '{{folder}}'
    python3 -m venv '{{folder}}'
    '{{folder}}/bin/pip' install --quiet --disable-pip-version-check \
        -r 'Tests/Clients/{{requirements}}' -c 'Tests/Clients/{{replace(requirements, "requirements", "constraints")}}' || {
        echo "NOT INSTALLED, so not tested: $(grep -vE '^#' 'Tests/Clients/{{requirements}}' | xargs)" >&2
        exit 1
    }
    printf '%s' "$wanted" >"$stamp"

# The demo ends with the settings most clients read; these are for the other two.
_client-configuration:
    #!/usr/bin/env python3
    import json, os, shlex
    binary = os.path.realpath('{{release}}')
    home = os.environ.get("PEER_AGENT_HOME") or os.path.expanduser("~/.peer-agent")
    command = shlex.join([binary, "run", "--scope", "full"])
    settings = "{ PEER_AGENT_HOME = " + json.dumps(home) + " }"
    print(f"""
    Cursor, Claude Desktop and most others read that form. For Claude Code:

      claude mcp add peer-agent --env {shlex.quote("PEER_AGENT_HOME=" + home)} -- {command}

    For Codex, in ~/.codex/config.toml:

      [mcp_servers.peer-agent]
      command = {json.dumps(binary)}
      args = ["run", "--scope", "full"]
      env = {settings}
    """)
