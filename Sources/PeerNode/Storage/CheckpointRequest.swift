package import PeerState

/// A state to be written over the checkpoint of its server, off the way of everything else.
package struct CheckpointRequest: Sendable {
    package let snapshot: StateSnapshot
    package let place: CheckpointPlace

    package var server: Server.ID { snapshot.state.id }
}
