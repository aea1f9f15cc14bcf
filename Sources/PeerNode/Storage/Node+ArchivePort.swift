package import PeerState

extension Node {
    package func copyDatabase(to path: String) async throws {
        try await store.copyDatabase(to: path)
    }

    package func archive(of server: Server.ID, after: OrderKey?) async throws -> [StoredEvent] {
        _ = try look { try $0.hosted(server) }
        return try await store.events(of: server, after: after)
    }
}
