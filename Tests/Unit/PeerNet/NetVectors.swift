import Foundation

/// The shared test data of links, read where it lies.
enum NetVectors {
    struct Noise: Decodable {
        struct Message: Decodable {
            let payload: String
            let ciphertext: String
        }
        let initPrologue: String
        let initStatic: String
        let initEphemeral: String
        let respPrologue: String
        let respStatic: String
        let respEphemeral: String
        let handshakeHash: String
        let messages: [Message]
    }

    struct Payload: Decodable {
        let role: String
        let staticPublic: String
        let handshakeHash: String
        let identity: String
        let incarnation: String
        let features: UInt64
        let port: UInt64
        let signature: String
        let payload: String
    }

    private struct NoiseFile: Decodable { let vectors: [Noise] }
    private struct EventFile: Decodable {
        struct Misc: Decodable { let handshake: Payload }
        let misc: Misc
    }

    static func noise() throws -> Noise? {
        try read("noise_xx.json", as: NoiseFile.self)?.vectors.first
    }

    static func payload() throws -> Payload? {
        try read("event.json", as: EventFile.self)?.misc.handshake
    }

    /// `nil`, and a note, where the shared folder is not beside the package.
    private static func read<Value: Decodable>(_ name: String, as: Value.Type) throws -> Value? {
        var folder = URL(filePath: #filePath)
        for _ in 0..<4 { folder.deleteLastPathComponent() }
        let shared =
            ProcessInfo.processInfo.environment["PEER_SHARED"].map { URL(filePath: $0) }
            ?? folder.deletingLastPathComponent().appending(path: "shared")
        let file = shared.appending(path: "vectors/\(name)")
        guard FileManager.default.fileExists(atPath: file.path()) else {
            print("skipped: no \(file.path())")
            return nil
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Value.self, from: Data(contentsOf: file))
    }
}
