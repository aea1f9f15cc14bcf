/// What a message says about one range.
enum NegMode: UInt64 {
    case skip = 0
    case fingerprint = 1
    case idList = 2
}
