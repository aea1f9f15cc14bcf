package import PeerState

extension Limits {
    package static let beaconBytes = 64
    package static let beaconPeriod = Milliseconds.seconds(30)
    package static let beaconDials = 8
    package static let beaconInstances = 256
}
