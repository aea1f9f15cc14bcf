"""The smallest server of each Python library, to be measured beside ours.

usage: python_server.py mcp|fastmcp [PORT]     standard input and output without a port
"""

import sys


def official(port):
    from mcp.server.mcpserver import MCPServer
    server = MCPServer("bench", log_level="ERROR")

    @server.tool()
    def read(limit: int = 1) -> str:
        """Returns a line."""
        return "a line"

    if port:
        server.run("streamable-http", host="127.0.0.1", port=port, json_response=True)
    else:
        server.run("stdio")


def fast(port):
    import fastmcp
    server = fastmcp.FastMCP("bench")

    @server.tool
    def read(limit: int = 1) -> str:
        """Returns a line."""
        return "a line"

    if port:
        server.run("http", host="127.0.0.1", port=port, show_banner=False, log_level="ERROR",
                   json_response=True)
    else:
        server.run("stdio", show_banner=False, log_level="ERROR")


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in ("mcp", "fastmcp"):
        sys.exit(__doc__)
    chosen = official if sys.argv[1] == "mcp" else fast
    chosen(int(sys.argv[2]) if len(sys.argv) > 2 else None)
