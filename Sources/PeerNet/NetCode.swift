import PeerState
enum NetPlaceholder {}
