/// What an agent says about why it wrote: the events it answers, its run and its model.
package struct AgentFields: Hashable, Sendable {
    package static let causesMax = 4

    package let causes: [Event.ID]
    package let run: [UInt8]?
    package let model: String?
    package let toolDigest: Digest.Value?

    /// - Precondition: there are at most four.
    package init(causes: [Event.ID]) {
        self.causes = Set(causes).sorted()
        precondition(self.causes.count <= Self.causesMax, "an event answers at most four")
        run = nil
        model = nil
        toolDigest = nil
    }

    /// Elements beyond the four are kept in the payload and ignored.
    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        let count = try reader.array("agent")
        guard count >= 4 else { throw reader.wrong("agent") }
        causes = try reader.identifiers(max: Self.causesMax, "causes")
        run = try reader.isNull() ? nil : try reader.byteString(exactly: 16, "run")
        model = try reader.isNull() ? nil : try reader.text(max: 64, "model")
        toolDigest = try reader.optionalIdentifier("tool digest")
        for _ in 4..<count { try reader.skip() }
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(4)
        writer.identifiers(causes)
        writer.optional(run) { $0.byteString($1) }
        writer.optional(model) { $0.text($1) }
        writer.optional(toolDigest) { $0.identifier($1) }
    }
}
