/// A piece of a file as it is kept and sent: ciphertext, named by its hash.
package enum Chunk {
    package typealias ID = Digest.Value

    package static let domain = "peer-agent/blob/1"

    /// - Source: PROTOCOL 7.8.
    package static func id(of ciphertext: [UInt8]) -> ID {
        var hash = StreamHash(domain)
        hash.add(ciphertext)
        return hash.finish()
    }
}
