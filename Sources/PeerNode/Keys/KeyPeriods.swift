package import PeerState

/// How long keys live; shortened by tests.
package struct KeyPeriods: Sendable {
    package var prekeyLife = Limits.prekeyLife
    package var rotateAfter = Limits.rotateAfter
    package var rotateAfterMessages = Limits.rotateAfterMessages
    package var rotatePause = Limits.rotatePause

    package init() {}
}
