import Foundation
import PeerState
import Testing

/// H-121: the key file, and everything wrong that may lie in its place.
@Suite struct KeystoreTests {
    private let files = FileManager.default

    private func put(_ count: Int, _ path: String, mode: Int = 0o600) throws {
        try Data(repeating: 7, count: count).write(to: URL(fileURLWithPath: path))
        try files.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    private func failure(_ directory: DataDirectory) -> StoreFailure? {
        do {
            _ = try Keystore.loadIdentity(from: directory)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a key is made once, and is the same afterwards`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        #expect(failure(directory)?.code == .keyMissing)
        var entropy = Entropy.system
        let made = try Keystore.createIdentity(in: directory, entropy: &entropy)
        let loaded = try Keystore.loadIdentity(from: directory)
        #expect(loaded.publicKey == made.publicKey)
        let attributes = try files.attributesOfItem(atPath: directory.identity)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(attributes[.size] as? Int == 32)
        let again = #expect(throws: StoreFailure.self) {
            try Keystore.createIdentity(in: directory, entropy: &entropy)
        }
        #expect(again?.code == .alreadyExists)
        #expect(try Keystore.loadIdentity(from: directory).publicKey == made.publicKey)
        #expect(try files.contentsOfDirectory(atPath: directory.path) == ["identity"])
    }

    @Test(arguments: [0, 31, 33, 64])
    func `S-240 H-121 a wrong size is refused`(count: Int) throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        try put(count, directory.identity)
        #expect(failure(directory)?.code == .keyUnusable)
        #expect(failure(directory)?.detail.contains("\(count) bytes") == true)
    }

    @Test(arguments: [0o640, 0o604, 0o644, 0o620, 0o666, 0o777])
    func `S-240 H-121 a key others can use is refused, with the way out`(mode: Int) throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        try put(32, directory.identity, mode: mode)
        let found = failure(directory)
        #expect(found?.code == .keyExposed)
        #expect(found?.detail.contains("chmod 600 \(directory.identity)") == true)
        try files.setAttributes([.posixPermissions: 0o600], ofItemAtPath: directory.identity)
        #expect(failure(directory) == nil)
    }

    @Test func `S-240 H-121 a link, a directory and a pipe are refused`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        try put(32, scratch.path + "/real")
        try files.createSymbolicLink(
            atPath: directory.identity, withDestinationPath: scratch.path + "/real")
        #expect(failure(directory)?.code == .keyUnusable)
        try files.removeItem(atPath: directory.identity)
        try files.createDirectory(atPath: directory.identity, withIntermediateDirectories: false)
        #expect(failure(directory)?.code == .keyUnusable)
        try files.removeItem(atPath: directory.identity)
        #expect(mkfifo(directory.identity, 0o600) == 0)
        #expect(failure(directory)?.code == .keyUnusable)
    }

    @Test func `a dangling link is not written through`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        try files.createSymbolicLink(
            atPath: directory.identity, withDestinationPath: scratch.path + "/nowhere")
        var entropy = Entropy.system
        let found = #expect(throws: StoreFailure.self) {
            try Keystore.createIdentity(in: directory, entropy: &entropy)
        }
        #expect(found?.code == .alreadyExists)
        #expect(!files.fileExists(atPath: scratch.path + "/nowhere"))
    }

    @Test func `what a killed creation left is no key and does not stay`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        let leftover = directory.identity + ".new-0011223344556677"
        try put(17, leftover)
        #expect(failure(directory)?.code == .keyMissing)
        var entropy = Entropy.system
        let made = try Keystore.createIdentity(in: directory, entropy: &entropy)
        #expect(try Keystore.loadIdentity(from: directory).publicKey == made.publicKey)
        #expect(!files.fileExists(atPath: leftover))
    }

    @Test func `the local keys are made once`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        var entropy = Entropy.system
        let made = try Keystore.localKeys(in: directory, entropy: &entropy).copy()
        let again = try Keystore.localKeys(in: directory, entropy: &entropy).copy()
        #expect(made == again && made.count == Keystore.localKeyByteCount)
        try put(31, directory.localKeys)
        #expect(throws: StoreFailure.self) {
            try Keystore.localKeys(in: directory, entropy: &entropy)
        }
    }
}
