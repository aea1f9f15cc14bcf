import PeerState

/// What a message says it answers (PROTOCOL 4.7).
extension NodeCore {
    /// A member whose grant limits it always names what it replies to; others when they say so.
    func causes(of post: PostMessage) throws(NodeFailure) -> [Event.ID] {
        guard post.causes.count <= AgentFields.causesMax else {
            throw NodeFailure(
                .invalidArgument, "causes: at most \(AgentFields.causesMax) messages")
        }
        guard !post.causes.isEmpty || post.parent != nil else { return [] }
        let state = try hosted(post.server).state
        for cause in post.causes where state.message(cause) == nil {
            throw NodeFailure(.unknownMessage, "causes: no message \(cause.short) is known here")
        }
        guard post.causes.isEmpty, let parent = post.parent, !state.limits(of: me).isEmpty else {
            return post.causes
        }
        return [parent]
    }
}
