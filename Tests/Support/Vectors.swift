package import Foundation

/// Finds and reads the shared test data; never copied into the project.
package enum Vectors {
    /// The folder of the shared data, or `nil` (with a printed note) where there is none.
    ///
    /// - Precondition: it is there if `PEER_SHARED_EXPECTED` is 1, as recipes set it that saw it.
    package static func folder() -> URL? {
        let environment = ProcessInfo.processInfo.environment
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let folder =
            environment["PEER_SHARED"].map { URL(filePath: $0) }
            ?? root.deletingLastPathComponent().appending(path: "shared")
        guard FileManager.default.fileExists(atPath: folder.path()) else {
            precondition(
                environment["PEER_SHARED_EXPECTED"] != "1", "\(folder.path()) is not there")
            print("skipped: no shared test data beside the project")
            return nil
        }
        return folder
    }

    /// Decodes `vectors/<name>.json`; `nil` where the shared data is absent.
    package static func load<Value: Decodable>(
        _ name: String, as type: Value.Type = Value.self
    ) throws -> Value? {
        guard let folder = folder() else { return nil }
        let data = try Data(contentsOf: folder.appending(path: "vectors/\(name).json"))
        return try JSONDecoder().decode(type, from: data)
    }
}
