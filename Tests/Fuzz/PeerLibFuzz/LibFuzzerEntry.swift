import FuzzTargets
import Glibc

/// The target named by `PEER_FUZZ_TARGET`; the first one where none is.
private let chosen: FuzzTarget = {
    let name = getenv("PEER_FUZZ_TARGET").map { String(cString: $0) }
    return FuzzTarget.all.first { $0.name == name } ?? FuzzTarget.all[0]
}()

/// What libFuzzer calls with each input it makes.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    do { try chosen.check(bytes) } catch {
        preconditionFailure("\(chosen.name): \(error)")
    }
    return 0
}
