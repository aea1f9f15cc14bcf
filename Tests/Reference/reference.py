#!/usr/bin/env python3
"""Writes docs/reference.md from a built program: tools, resources, prompts, events, commands.

usage: reference.py PROGRAM [--check]      --check compares instead, and ends with 1 on a difference
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/reference.md"
KINDS = ROOT / "Sources/PeerNode/Ingest/NodeEventKind.swift"
TOOLSETS = ("messaging reading channels members roles server invites live files admin audit")
INTRODUCTION = """\
# Reference

Written by `./dev docs` from the program itself; a test fails when it is out of date. What errors mean:
[errors.md](errors.md). Kinds of signed events: [events.md](events.md).
"""


def main():
    program, check = sys.argv[1], "--check" in sys.argv[2:]
    text = page(program)
    if not check:
        PAGE.write_text(text)
        return print(f"wrote {PAGE.relative_to(ROOT)}: {len(text.splitlines())} lines")
    if not PAGE.exists() or PAGE.read_text() != text:
        sys.exit("docs/reference.md is out of date; run ./dev docs")


def page(program):
    with tempfile.TemporaryDirectory() as folder:
        found = Answers(program, folder)
        return "\n".join([
            INTRODUCTION, tools(found), resources(found), prompts(found), events(),
            commands(program)])


class Answers:
    """What one conversation over standard input and output shows."""

    def __init__(self, program, folder):
        asked = {
            "tools": ("tools/list", {}), "resources": ("resources/list", {}),
            "templates": ("resources/templates/list", {}), "prompts": ("prompts/list", {})}
        frames = [
            request(0, "initialize", {
                "protocolVersion": "2025-11-25", "capabilities": {},
                "clientInfo": {"name": "reference", "version": "1"}}),
            {"jsonrpc": "2.0", "method": "notifications/initialized"},
            *(request(n, *call) for n, call in enumerate(asked.values(), 1))]
        run = [program, "run", "--data-dir", folder, "--listen", "none", "--no-lan",
               "--no-attach", "--log-level", "error", "--scope", "full"]
        self.all = self.talk(run, frames, asked)
        self.sets = {}
        for name in TOOLSETS.split():
            with tempfile.TemporaryDirectory() as other:
                run[3] = other
                for tool in self.talk([*run, "--toolsets", name], frames, asked)["tools"]:
                    self.sets.setdefault(tool["name"], []).append(name)

    @staticmethod
    def talk(run, frames, asked):
        text = "".join(json.dumps(frame) + "\n" for frame in frames)
        done = subprocess.run(run, input=text, capture_output=True, text=True, timeout=120)
        answers = {}
        for line in done.stdout.splitlines():
            frame = json.loads(line)
            if "result" in frame:
                answers[frame["id"]] = frame["result"]
        if len(answers) <= len(asked):
            sys.exit(f"{run[0]} did not answer:\n{done.stderr}")
        keys = {"templates": "resourceTemplates"}
        return {name: answers[n][keys.get(name, name)] for n, name in enumerate(asked, 1)}


def request(number, method, params):
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def kind(schema):
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    return schema.get("type", "any").replace("boolean", "bool").replace("integer", "int")


def parameters(schema):
    required = schema.get("required", [])
    rows = [f"`{name}{'' if name in required else '?'}` {kind(one)}"
            for name, one in schema.get("properties", {}).items()]
    return cell(", ".join(rows)) or "–"


def hints(tool):
    names = {"readOnlyHint": "reads", "destructiveHint": "destroys",
             "idempotentHint": "repeatable", "openWorldHint": "reaches others"}
    return ", ".join(word for key, word in names.items() if tool["annotations"].get(key)) or "–"


def tools(found):
    rows = [f"| `{tool['name']}` | {cell(tool['description'])} | "
            f"{parameters(tool['inputSchema'])} | {hints(tool)} | "
            f"{' '.join(found.sets.get(tool['name'], [])) or '–'} |"
            for tool in found.all["tools"]]
    return section(f"Tools ({len(rows)})", "Tool | Does | Takes (`?` = optional) | Hints | Toolsets",
                   rows)


def resources(found):
    fixed = [f"| `{one['uri']}` | {cell(one.get('description', ''))} |"
             for one in found.all["resources"] if not one["uri"].startswith("peer://channel/")]
    templates = [f"| `{cell(one['uriTemplate'])}` | {cell(one.get('description', ''))} |"
                 for one in found.all["templates"]]
    return section("Resources", "Address | Holds", fixed + templates)


def prompts(found):
    rows = []
    for one in found.all["prompts"]:
        words = [f"`{a['name']}{'' if a.get('required') else '?'}`"
                 for a in one.get("arguments", [])]
        rows.append(f"| `{one['name']}` | {cell(one.get('description', ''))} | "
                    f"{', '.join(words) or '–'} |")
    return section("Prompts", "Prompt | Does | Takes", rows)


def events():
    text = KINDS.read_text()
    names = dict(re.findall(r'case (\w+) = "(\w+)"', text))
    passing = set(re.findall(r"\.(\w+)", text[text.index("var isDurable"):text.index("false")]))
    durable = [f"`{word}`" for case, word in names.items() if case not in passing]
    others = [f"`{word}`" for case, word in names.items() if case in passing]
    return ("\n## Events\n\nNumbered, kept and read again by cursor: " + ", ".join(durable)
            + ".\n\nTold once, as they pass: " + ", ".join(others) + ".\n")


def commands(program):
    def shown(*words):
        done = subprocess.run([program, "help", *words], capture_output=True, text=True, check=True)
        return done.stdout

    names = re.findall(r"^  ([a-z-]+) {2,}\S", shown(), re.M)
    parts = ["\n## Commands\n"]
    for name in names:
        lines = shown(name).splitlines()
        summary = lines[0].split(": ", 1)[1]
        parts.append(f"### {name}\n\n{summary}\n\n| Flag | Meaning |\n|--|--|")
        for line in lines[1:]:
            if match := re.match(r"  (--\S+(?: \S+)?)\s{2,}(.+)", line):
                parts.append(f"| `{match[1]}` | {cell(match[2])} |")
        parts.append("")
    return "\n".join(parts)


def section(title, head, rows):
    columns = head.count("|") + 1
    return "\n".join([f"\n## {title}\n", f"| {head} |", "|" + "--|" * columns, *rows, ""])


if __name__ == "__main__":
    main()
