/// The text of `peer://help`: what an agent may look up instead of guessing.
///
/// - Bound: 4 kB with every tool listed.
enum HelpText {
    static func markdown(for access: Access) -> String {
        let tools = MCPToolCatalog.tools(for: access)
            .map { "- `\($0.name)`: \($0.title)" }
            .joined(separator: "\n")
        return "# peer-agent\n\n## Tools\n\(tools)\n\n\(words)\n"
    }

    private static let words = """
        ## Addresses
        - Channel: `#name`, `name`, an id, or `server/#name`. Without a server: the current one.
        - Server: id, name, or a prefix of at least 16 digits.
        - Message: id or prefix; `m:` may stand before it.
        - Acts on people take whole peer ids, because names can be imitated.
        - Time: `2h`, `3d`, `1w` or ISO 8601.

        ## Cursors
        - `after` means what arrived since; any cursor of any tool works there.
        - `cursor` goes on with the same listing, `prev_cursor` works as `before`.
        - `bad_cursor`: start again with `inbox`.

        ## Outcomes
        - `applied`: signed, stored, in force here.
        - `queued`: signed and stored; goes on when `waiting_for` is there.
        - `unchanged`: it was so already; nothing was signed.

        ## Errors
        - Input: `invalid_argument` `too_large` `bad_cursor` `ambiguous_id` `ambiguous_channel`
        - Not found: `unknown_server` `unknown_channel` `unknown_message` `unknown_peer` \
        `unknown_invite`
        - Rights: `permission_denied` (see `needed`) `not_member`
        - State: `stale` (read `missed`, decide again) `conflict` `expired` `no_key` `name_taken`
        - Flow: `rate_limited` (see `retry_after_ms`) `consent_required` (repeat with \
        `confirm:true`) `offline` `timeout` `unavailable`
        """
}
