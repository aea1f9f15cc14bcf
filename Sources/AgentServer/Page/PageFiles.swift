/// The files of the page for people, which speaks to `/mcp` as any other client does.
///
/// They hold no facts of the node, so they are handed out without a token. Nothing of other
/// origins is loaded, nothing runs but what is served here, and no other page frames them.
/// - Source: docs/decisions/0085.
enum PageFiles {
    /// Where the page is.
    static let path = "/chat"

    static func contains(_ path: String) -> Bool { type(of: path) != nil }

    static func response(to path: String) -> HTTPResponse {
        guard let type = type(of: path) else { return .nothingHere() }
        let fields = [("Content-Type", type + "; charset=utf-8")] + common
        return HTTPResponse(
            200, fields.map { HTTPHead.Field(name: $0.0, value: $0.1) }, body: body(of: path))
    }

    private static let common = [
        (
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                + "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        // Page and node belong together: after an upgrade, no file of the old one.
        ("Cache-Control", "no-store"),
    ]

    private static func type(of path: String) -> String? {
        switch path {
        case "/chat": "text/html"
        case "/chat/chat.css": "text/css"
        case "/chat/chat.js", "/chat/client.js", "/chat/files.js", "/chat/history.js",
            "/chat/view.js":
            "text/javascript"
        default: nil
        }
    }

    private static func body(of path: String) -> [UInt8] {
        switch path {
        case "/chat/chat.css": PackageResources.chat_css
        case "/chat/chat.js": PackageResources.chat_js
        case "/chat/client.js": PackageResources.client_js
        case "/chat/files.js": PackageResources.files_js
        case "/chat/history.js": PackageResources.history_js
        case "/chat/view.js": PackageResources.view_js
        default: PackageResources.chat_html
        }
    }
}
