"""What MCP.md lists is there under its name: parameters, hints and scopes of every tool, commands,
flags and bounds. The contract is read where it lies; without it there is nothing to compare with."""

import re

from cli import Shell
from harness import SHARED, need_shared, within
from test_sdk2 import connected

CONTRACT = SHARED / "design/MCP.md"
HINTS = [
    ("R", "read_only_hint"), ("D", "destructive_hint"), ("I", "idempotent_hint"),
    ("W", "open_world_hint"),
]
# Consent for a body that looks like a secret (7.4), and the whole file for programs.
BEYOND = {
    "edit_message": {"confirm"}, "share_file_inline": {"confirm"}, "upload_file": {"confirm"},
    "download_file": {"raw"},
}


def section(start, end):
    need_shared(CONTRACT)
    text = CONTRACT.read_text()
    return text[text.index(start):text.index(end)]


def rows(text):
    for line in text.splitlines():
        if line.startswith("|") and not line.startswith("|--"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def without(text, opening, closing):
    """The text without what stands in brackets, also in brackets within."""
    depth, kept = 0, []
    for letter in text:
        depth += letter == opening
        if depth == 0:
            kept.append(letter)
        depth -= letter == closing
    return "".join(kept)


def parameters(cell):
    """Names, and whether each may be left out: `channel, after?, body str 1–16384 B (…)`."""
    for pair in ("()", "[]", "{}"):
        cell = without(cell, *pair)
    found = {}
    for part in cell.split(","):
        if match := re.match(r"([a-z_]+)(\??)(\s|$)", part.strip()):
            found[match[1]] = match[2] == "?"
    # "name 1–100, no control" and "filename … without `/` or control" speak of characters.
    found.pop("no", None)
    return found


def tools():
    """The tables of 3.3 to 3.5: name → parameters, hints, least scope."""
    found = {}
    for cells in rows(section("### 3.3", "### 3.6")):
        name = cells[0].replace("◆", "").strip()
        if len(cells) >= 7 and re.fullmatch(r"[a-z_]+", name):
            found[name] = (parameters(cells[2]), cells[4].split(" ")[0], cells[5])
    return found


def scopes():
    """The tables of 3.6 and the scope of each tool: scope → the tools that it lists, in order."""
    ranks, declared, members, shown = ["ro", "m", "a", "f"], tools(), {}, {}
    for cells in rows(section("### 3.6", "## 4. Resources")):
        if match := re.fullmatch(r"([a-z]+) \((\d+)\)", cells[0]):
            members[match[1]] = cells[1].split()
            assert len(members[match[1]]) == int(match[2])
        elif match := re.match(r"`([a-z-]+)`", cells[0]):
            shown[match[1]] = members.keys() if cells[1].startswith("all") else (
                cells[1].split(", "))
    found = {}
    for rank, scope in zip(ranks, ["read-only", "messaging", "admin", "full"]):
        allowed = ranks[:ranks.index(rank) + 1]
        named = {name for one in shown[scope] for name in members[one]}
        found[scope] = [name for name, (_, _, least) in declared.items()
                        if name in named and least in allowed]
    return found


def resources():
    """The tables of 4.1 and 4.2: address or template → least scope."""
    tables = [section("### 4.1", "### 4.2"), section("### 4.2", "### 4.3")]
    return [{cells[1]: cells[-1] for cells in rows(text) if cells[1].startswith("peer://")}
            for text in tables]


def event_needs():
    """The table of 6.2: type → `ro`, `m`, `a` or `f`, `live` or `own`."""
    found = {}
    for cells in rows(section("### 6.2", "### 6.3")):
        for names, data in (cells[:2], cells[2:4]):
            marks = ",".join(re.findall(r"\[([^\]\d]+)\]", data))
            words = [word.strip() for word in marks.split(",")]
            need = next((word.split()[-2] if "live" in word else word.split()[0]
                         for word in words if re.fullmatch(r"[maf]|m \+ .*|own .*", word)), "ro")
            for type in re.findall(r"[A-Z][A-Za-z]+", names):
                found[type] = need
    found.pop("Type")
    return found


async def listed(node):
    async with connected(node) as client:
        found, cursor = {}, None
        while True:
            page = await client.list_tools(cursor=cursor)
            found |= {tool.name: tool for tool in page.tools}
            cursor = page.next_cursor
            if not cursor:
                return found


@within(60)
async def test_each_tool_takes_what_the_contract_says(make_node):
    wanted = tools()
    assert len(wanted) == 78
    found = await listed(make_node("ann"))
    assert set(found) == set(wanted)
    for name, (taken, hints, _) in wanted.items():
        schema = found[name].input_schema
        given = set(schema.get("properties", {})) - BEYOND.get(name, set())
        assert given == set(taken), name
        required = {word for word, optional in taken.items() if not optional}
        assert set(schema.get("required", [])) == required, name
        said = found[name].annotations
        assert "".join(word for word, hint in HINTS if getattr(said, hint)) == hints, name


def test_each_command_and_flag_is_known(node):
    shell = Shell(node)
    known = shell.out("run", "--help")
    for cells in rows(section("### 16.1", "### 16.3")):
        if cells[0].startswith("`--"):
            text = known
            flags = re.findall(r"--[a-z-]+", cells[0])
        elif len(cells) == 3 and cells[0] not in ("Command", "Flag"):
            words = re.sub(r"\(.*?\)|[A-Z\[\]_]+", "", cells[0]).split()
            first, others = words[0], [word for word in words[1:] if word != "/"] or [None]
            text = "".join(
                shell.out(*[word for word in (first, other) if word], "--help")
                for other in others)
            flags = re.findall(r"--[a-z-]+", cells[2])
        else:
            continue
        for flag in flags:
            assert flag in text, (cells[0], flag)


def test_each_bound_can_be_configured(node):
    names = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", section("## 14.", "## 15.")))
    assert len(names) > 35
    # Checked when the program is built, not when it runs.
    names -= {"tools_list.bytes"}
    entries = {line["entry"] for line in Shell(node).lines("check-config", "--json")}
    for name in names:
        whole = f"limits.{name}"
        assert any(entry == whole or entry.startswith(whole + ".") for entry in entries), name


def test_the_example_configuration_is_taken(node):
    text = section("### 16.5", "### 16.6")
    example = "\n".join(line for line in text.splitlines() if line.startswith("    "))
    (node.data / "config.json").write_text(example)
    lines = Shell(node).lines("check-config", "--json")
    found = {line["entry"]: line["value"] for line in lines}
    assert found["name"] == "Build bot"
    assert found["limits.wait.max_s.plain"] == "50"
    assert found["mcp.channels.allow"] == "#build,#alerts"
