/// The attachments of one message as the database keeps them: one encoded array.
enum AttachmentList {
    static func encode(_ attachments: [[UInt8]]) -> [UInt8] {
        var writer = CBORWriter()
        writer.array(attachments.count)
        for attachment in attachments { writer.encoded(attachment) }
        return writer.bytes
    }

    /// - Errors: `corrupt`: only this program wrote them.
    static func decode(_ bytes: [UInt8]) throws(StoreFailure) -> [[UInt8]] {
        if bytes.isEmpty { return [] }
        do throws(Failure<WireCode>) {
            var reader = CBORReader(bytes)
            var result: [[UInt8]] = []
            for _ in 0..<(try reader.array(max: MessageText.attachmentsMax, "attachments")) {
                result.append(try reader.rawItem())
            }
            return result
        } catch {
            throw StoreFailure(.corrupt, "the attachments of a message: \(error)")
        }
    }
}
