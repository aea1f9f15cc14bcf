import AgentServer
import PeerState

/// Every tool that changes a server, with somebody who may use it and somebody who may not.
///
/// Node 0 owns the server, 1 and 2 are members, 3 is suspended. Steps build on each other.
struct RightsTour {
    struct Step {
        let tool: String
        let arguments: () -> JSONObject
        /// Who may.
        var allowed = 0
        /// Who may not, and what he is told.
        var refused = 1
        var code = "permission_denied"
        var needed: [JSON]?
        /// A member of the result that later steps name.
        var kept: String?

        init(_ tool: String, _ arguments: @escaping () -> JSONObject) {
            self.tool = tool
            self.arguments = arguments
        }

        func needing(_ rights: JSON...) -> Step {
            var step = self
            step.needed = rights
            return step
        }

        /// What any member may do, and a suspended one may not.
        var byMembers: Step { by(1, not: 3, "suspended") }

        func by(_ allowed: Int, not refused: Int, _ code: String? = nil) -> Step {
            var step = self
            step.allowed = allowed
            step.refused = refused
            if let code { step.code = code }
            return step
        }

        func keeping(_ field: String) -> Step {
            var step = self
            step.kept = field
            return step
        }
    }

    /// A channel that falls asleep, and in it a message: made before anybody was suspended.
    static let known = "brief"

    /// Forks and removals are made in `BranchToolTests` and `RightsToolTests`, votes in
    /// `VoteActTests`; the others need no right, for they stay on this node, are live only, take
    /// back one's own, or begin something of one's own.
    static let elsewhere: Set<String> = [
        "confirm_branch", "extend_removal", "unreact", "mark_read",
        "send_typing", "open_direct", "mute", "switch_channel", "switch_server", "create_server",
        "set_contact", "accept_invite", "join_voice", "leave_voice", "toggle_mute",
        "toggle_deafen", "send_voice_signal", "set_presence", "send_partial", "upload_file",
        "share_file_inline", "add_peer", "set_display_name",
        "withdraw_proposal", "vote",
    ]

    let peers: [Peer.ID]
    /// What earlier steps left, by tool.
    let results = Locked<[String: JSON]>([:])

    var steps: [Step] { channels + messages + roles + server + people }

    private func result(_ tool: String) -> JSON { results.withLock { $0[tool] ?? .null } }
    private func peer(_ node: Int) -> JSON { .string(peers[node].hex) }

    private func stranger(_ number: UInt8) -> JSON {
        .string(SigningKey(seed: [UInt8](repeating: number, count: 32)).publicKey.hex)
    }

    private var channels: [Step] {
        let right: JSON = "ManageChannels"
        return [
            Step("create_channel") { ["name": "dock"] }.needing(right),
            Step("create_voice_channel") { ["name": "lounge"] }.needing(right),
            Step("rename_channel") { ["channel": "dock", "name": "pier"] }.needing(right),
            Step("set_channel_topic") { ["channel": "pier", "topic": "boats"] }.needing(right),
            Step("revive_channel") { ["channel": .string(Self.known)] }.byMembers,
            Step("rotate_key") { ["channel": "general"] }.byMembers,
            Step("share_history") { ["channel": "general", "peer_id": peer(2)] }.byMembers,
        ]
    }

    private var messages: [Step] {
        func said(_ more: JSONObject = [:]) -> JSONObject {
            var arguments = more
            arguments["message_id"] = result("send_message")
            return arguments
        }
        return [
            Step("send_message") { ["channel": "general", "body": "hello"] }.byMembers
                .keeping("message_id"),
            Step("send_reply") { ["parent_id": result("known"), "body": "and you"] }
                .byMembers,
            Step("edit_message") { said(["new_body": "hello!"]) }.by(1, not: 0, "not_author"),
            Step("react") { ["message_id": result("known"), "emoji": "x"] }.byMembers,
            Step("pin_message") { said() }.needing("ManagePins"),
            Step("unpin_message") { said() }.needing("ManagePins"),
            Step("delete_message") { said() }.by(0, not: 2, "not_author"),
        ]
    }

    private var roles: [Step] {
        let right: JSON = "ManageRoles"
        func role(_ more: JSONObject = [:]) -> JSONObject {
            var arguments = more
            arguments["role_id"] = result("create_role")
            return arguments
        }
        let pins: JSONObject = ["peer_id": peer(1), "permission": "ManagePins"]
        return [
            Step("create_role") { ["name": "crew", "permissions": ["ManagePins"]] }
                .needing(right, "ManagePins").keeping("role_id"),
            Step("rename_role") { role(["name": "hands"]) }.needing(right),
            Step("set_permission") { role(["permission": "CreateInvite", "granted": true]) }
                .needing(right, "CreateInvite"),
            Step("assign_role") { role(["peer_id": peer(1)]) }
                .needing(right, "CreateInvite", "ManagePins"),
            Step("unassign_role") { role(["peer_id": peer(1)]) }.needing(right).by(0, not: 2),
            Step("set_channel_access") {
                ["channel": "pier", "roles": [result("create_role")], "confirm": true]
            }.needing("ManageChannels"),
            Step("delete_role") { role(["confirm": true]) }.needing(right),
            Step("grant_permission") { pins }.needing(right, "ManagePins"),
            Step("revoke_permission") { pins }.needing(right).by(0, not: 2),
        ]
    }

    private var server: [Step] {
        [
            Step("rename_server") { ["name": "Haven"] }.needing("admin"),
            Step("set_server_description") { ["description": "boats"] }.needing("admin"),
            Step("set_server_display_name") { ["name": "Bo"] }.byMembers,
            Step("set_profile") { ["bio": "sails"] }.byMembers,
            Step("generate_invite") { ["recipient_peer_id": stranger(201), "confirm": true] },
            Step("create_join_link") { ["max_uses": 2, "confirm": true] }
                .needing("CreateInvite").keeping("link_id"),
            Step("delete_join_link") { ["link_id": result("create_join_link")] },
            Step("delete_channel") { ["name": .string(Self.known), "confirm": true] }
                .needing("ManageChannels"),
        ]
    }

    private var people: [Step] {
        func of(_ node: Int, _ more: JSONObject = [:]) -> JSONObject {
            var arguments = more
            arguments["peer_id"] = peer(node)
            return arguments
        }
        return [
            Step("add_agent") {
                ["peer_id": stranger(202), "kinds": ["message"], "confirm": true]
            },
            Step("set_threshold") { ["threshold": "count:1"] },
            Step("trust_peer") { of(2, ["level": "admin"]) },
            Step("untrust_peer") { of(2, ["level": "member", "confirm": true]) },
            Step("authorize_workers") { ["worker_peer_ids": [peer(2)], "confirm": true] },
            Step("suspend_peer") { of(2, ["suspended": true, "confirm": true]) },
            Step("suspend_peer") { of(2, ["suspended": false, "confirm": true]) },
            Step("kick_member") { of(2, ["confirm": true]) },
            Step("transfer_ownership") { of(1, ["confirm": true]) }.needing("owner"),
            Step("leave_server") { ["id": result("server"), "confirm": true] }
                .by(0, not: 1, "conflict"),
        ]
    }
}
