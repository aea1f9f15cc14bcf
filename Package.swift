// swift-tools-version: 6.2
import PackageDescription

/// Strict settings shared by every target (docs/CONTRIBUTING: settings).
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// What the page for people is made of, compiled into the program.
let pageFiles = [
    "chat.html", "chat.css", "chat.js", "client.js", "files.js", "history.js", "view.js",
]

/// Of what the program is made of: a start from the disk takes as long as the program is large
/// (docs/decisions/0080). Functions that nothing calls are left out one by one, and so is the
/// library of regular expressions, which every file would import.
let lean: [SwiftSetting] =
    strict + [
        .unsafeFlags(["-Xfrontend", "-disable-implicit-string-processing-module-import"]),
        .unsafeFlags(["-Xfrontend", "-function-sections"], .when(configuration: .release)),
    ]

/// How it is linked: the runtime inside, nothing exported, addresses to be set at the start packed,
/// equal functions once, no symbols (docs/decisions/0080).
let small =
    ["-static-stdlib", "-use-ld=lld", "-L", "\(Context.packageDirectory)/Packaging/Linking"]
    + [
        "-s", "--no-export-dynamic", "-z", "pack-relative-relocs", "--icf=all",
    ].flatMap { ["-Xlinker", $0] }

let package = Package(
    name: "peer-agent",
    products: [
        .executable(name: "peer-agent", targets: ["peer-agent"]),
        .library(name: "AgentKit", targets: ["AgentKit"]),
    ],
    targets: [
        .systemLibrary(
            name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(
            name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CLibuv", pkgConfig: "libuv", providers: [.apt(["libuv1-dev"])]),
        .target(name: "PeerState", dependencies: ["CSodium", "CSQLite"], swiftSettings: lean),
        .target(name: "PeerNet", dependencies: ["PeerState", "CLibuv"], swiftSettings: lean),
        .target(name: "PeerNode", dependencies: ["PeerNet", "PeerState"], swiftSettings: lean),
        .target(
            name: "AgentServer", dependencies: ["PeerNode"],
            resources: pageFiles.map { .embedInCode("Page/\($0)") }, swiftSettings: lean),
        // Loading the runtime's libraries was a fifth of a start (docs/decisions/0053). The
        // toolchain's own linker lays the program out so that a start reads its file in few pieces
        // (docs/decisions/0078).
        .executableTarget(
            name: "peer-agent", dependencies: ["AgentServer"], swiftSettings: lean,
            linkerSettings: [.unsafeFlags(small, .when(configuration: .release))]),
        .target(name: "AgentKit", swiftSettings: strict),
        .executableTarget(
            name: "EchoBot", dependencies: ["AgentKit"], path: "Examples/EchoBot",
            swiftSettings: strict),
        .target(name: "CFaultyVFS", dependencies: ["CSQLite"], path: "Tests/FaultyVFS"),
        .target(
            name: "PeerTesting", dependencies: ["AgentServer", "CFaultyVFS"], path: "Tests/Support",
            swiftSettings: strict),
        .testTarget(
            name: "Unit", dependencies: ["PeerTesting", "peer-agent", "AgentKit"],
            path: "Tests/Unit", swiftSettings: strict),
        .testTarget(
            name: "E2E", dependencies: ["PeerTesting"], path: "Tests/E2E", swiftSettings: strict),
        .executableTarget(
            name: "mcp-conformance-server", dependencies: ["AgentServer"], path: "Tests/Fixtures",
            swiftSettings: strict),
        .executableTarget(
            name: "StateCheck", dependencies: ["PeerTesting"], path: "Tests/StateCheck",
            swiftSettings: strict),
        .executableTarget(
            name: "PeerSim", dependencies: ["PeerTesting"], path: "Tests/Simulate",
            exclude: ["mutations.py"], swiftSettings: strict),
        .target(
            name: "FuzzTargets", dependencies: ["AgentServer"], path: "Tests/Fuzz/Targets",
            swiftSettings: strict),
        .executableTarget(
            name: "PeerFuzz", dependencies: ["FuzzTargets", "PeerTesting"],
            path: "Tests/Fuzz/PeerFuzz", swiftSettings: strict),
        .executableTarget(
            name: "PeerBench", dependencies: ["PeerTesting"], path: "Benchmarks/PeerBench",
            swiftSettings: strict),
    ]
)

// Needs the fuzzing runtime, which brings its own `main`: only built when asked for.
if Context.environment["PEER_FUZZ"] == "1" {
    package.targets.append(
        .executableTarget(
            name: "PeerLibFuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz/PeerLibFuzz",
            swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])]))
}
