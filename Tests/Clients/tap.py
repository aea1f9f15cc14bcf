"""Runs a node between its client and itself: `tap.py FILE BINARY ARGUMENT…` writes each line that
passes to FILE, with `>` before what the client says and `<` before what the node says."""

import subprocess
import sys
import threading


def main():
    file, *command = sys.argv[1:]
    node = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    lock = threading.Lock()
    with open(file, "ab", buffering=0) as log:

        def write(way, line):
            with lock:
                log.write(way + line)

        def forward():
            for line in sys.stdin.buffer:
                write(b">", line)
                try:
                    node.stdin.write(line)
                    node.stdin.flush()
                except BrokenPipeError:
                    return
            node.stdin.close()

        threading.Thread(target=forward, daemon=True).start()
        for line in node.stdout:
            write(b"<", line)
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
        sys.exit(node.wait())


main()
