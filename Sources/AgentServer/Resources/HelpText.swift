/// The text of `peer://help`: what an agent may look up instead of guessing.
///
/// - Bound: 4 kB with every tool listed.
enum HelpText {
    /// Bytes of a list with titles; a longer one names the tools alone.
    private static let titledMax = 2_400

    static func markdown(for access: Access) -> String {
        "# peer-agent\n\n## Tools\n\(tools(for: access))\n\n\(words)\n"
    }

    private static func tools(for access: Access) -> String {
        let tools = MCPToolCatalog.tools(for: access)
        let titled = tools.map { "- `\($0.name)`: \($0.title)" }.joined(separator: "\n")
        guard titled.utf8.count > titledMax else { return titled }
        return tools.map { "`\($0.name)`" }.joined(separator: " ")
    }

    private static let words = """
        ## Addresses
        - Channel: `#name`, `name`, an id, `@peer`, or `server/#name`. Without a server: the \
        current one.
        - Server: id, name, or a prefix of at least 16 digits.
        - Message: id or prefix; `m:` may stand before it.
        - Acts on people take whole peer ids, because names can be imitated.
        - Time: `2h`, `3d`, `1w` or ISO 8601.

        ## Cursors
        - `after`: what arrived since; any cursor of any tool works there.
        - `cursor` goes on with the same listing, `prev_cursor` works as `before`.

        ## Outcomes
        - `applied`: signed, stored, in force here.
        - `proposed`: others must vote; `proposal_id`, `have` of `need`.
        - `queued`: signed and stored; goes on when `waiting_for` is there.
        - `unchanged`: it was so already; nothing was signed.

        ## Errors
        - Input: `invalid_argument` `too_large` `bad_cursor` (start with inbox) `ambiguous_id` \
        `ambiguous_channel` (see `candidates`)
        - Not found: `unknown_server` `unknown_channel` `unknown_message` `unknown_peer` \
        `unknown_role` `unknown_proposal` `unknown_file` `unknown_invite`
        - Rights: `permission_denied` (see `needed`) `not_author` `not_member` `suspended` \
        `scope_denied` `quota_exceeded`
        - State: `stale` (read `missed`, decide again) `conflict` `proposal_closed` `expired` \
        `used_up` `no_key` `not_in_voice` `name_taken`
        - Flow: `rate_limited` (wait `retry_after_ms`) `loop_guard` (a person speaks first) \
        `consent_required` (repeat with `confirm:true`) `consent_declined` `offline` `timeout` \
        `unavailable`
        `rule` names what decided; ask `why` about it.
        """
}
