import PeerState

/// What a file must have to be taken.
extension UploadPart {
    /// What the first part says about the file.
    ///
    /// - Errors: `invalidArgument`, `badText`, `tooLarge`, naming the argument.
    func beginning() throws(NodeFailure) -> (name: String, mediaType: String, shape: FileShape) {
        guard let name else {
            throw NodeFailure(.invalidArgument, "filename: needed with the first part")
        }
        do throws(Failure<WireCode>) {
            try FileName.check(name)
        } catch {
            throw NodeFailure(.badText, "filename: \(error.detail)")
        }
        guard let size = size ?? (isLast ? bytes.count : nil) else {
            throw NodeFailure(
                .invalidArgument, "size: needed with the first part of a file in several")
        }
        guard size <= min(limit, Limits.maxFile) else {
            throw NodeFailure(
                .tooLarge, "the file has \(size) bytes; \(limit) are taken here")
        }
        guard let shape = FileShape(size: size) else {
            throw NodeFailure(.invalidArgument, "data: a file has at least one byte")
        }
        let type = mediaType ?? MediaType.guess(bytes)
        guard MediaType.isWellFormed(type) else {
            throw NodeFailure(.invalidArgument, "mime: must read like image/png")
        }
        guard MediaType.fits(type, bytes) else {
            throw NodeFailure(.invalidArgument, "mime: the content is not \(type)")
        }
        return (name, type, shape)
    }
}
