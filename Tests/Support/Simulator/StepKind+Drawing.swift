/// How often each act is asked for.
extension StepKind {
    /// - Parameter draw: 0 to 99.
    static func everyday(_ draw: UInt64) -> StepKind {
        switch draw {
        case 0..<50: .post
        case 50..<62: .reply
        case 62..<64: .longPost
        case 64..<67: .postTwice
        case 67..<70: .name
        case 70..<74: .markRead
        case 74..<76: .channel
        case 76..<77: .addPeer
        case 77..<81: .forbidden
        case 81..<86: .edit
        case 86..<88: .delete
        case 88..<93: .react
        case 93..<94: .unreact
        case 94..<96: .pin
        case 96..<97: .unpin
        case 97..<98: .profile
        case 98..<99: .typing
        default: .topic
        }
    }

    private static let rights: [StepKind] = [
        .kick, .suspend, .readmit, .readmit, .raise, .raise, .lower, .leave, .extend, .confirm,
        .role, .role, .role, .setRole, .assign, .assign, .unassign, .permit, .permit, .revoke,
        .threshold, .threshold, .ballot, .ballot, .ballot, .withdraw, .rename, .readers, .rotate,
        .rotate, .dropChannel, .revokeLink,
    ]

    /// - Parameter draw: 0 to 31.
    static func onRights(_ draw: UInt64) -> StepKind { rights[Int(draw) % rights.count] }

    /// Whether somebody may be no member after it.
    var isLowering: Bool {
        switch self {
        case .kick, .suspend, .lower, .leave, .kickActor: true
        default: false
        }
    }
}
