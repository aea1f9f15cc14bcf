/// Who may do what, written by hand from PROTOCOL 4 and 5: one row per act, one sign per actor.
///
/// Columns, in the order of `RightsCast.actors`: s stranger, i invited, m member, d member whose
/// SendMessages was revoked; then those who hold one permission alone (0 SyncProvider,
/// 1 ManageChannels, 2 ManageRoles, 3 SendMessages, 4 CreateInvite, 5 ModerateMessages,
/// 6 ManagePins, 7 ManageAgents), first directly, then through a role; then M moderator, A admin,
/// O owner, u suspended, x removed, f forked admin, e agent whose grant expired.
enum RightsTable {
    static let codes: [Character: String] = [
        "+": "", "-": "noPermission", "n": "notMember", "U": "suspended",
        "X": "removed", "E": "expired", "F": "forkedAuthor", "s": "notSenior",
        "h": "notHigher", "o": "notOwner", "a": "notAuthor", "r": "notReader",
        "v": "notElector", "l": "ownerCannotLeave", "t": "unknownTarget",
        "c": "badCut", "b": "belowThreshold", "m": "alreadyMember",
    ]

    static let rows: [(act: String, signs: String)] = [
        //                            si md 01234567 01234567 MAO uxfe
        ("1 ack", "                   nn ++ ++++++++ ++++++++ +++ UX+E"),
        ("2 server.rename", "         nn -- -------- -------- -++ UXFE"),
        ("3 server.describe", "       nn -- -------- -------- -++ UXFE"),
        ("4 owner.transfer", "        nn oo oooooooo oooooooo oo+ UXFE"),

        ("10 grant newcomer", "       nn -- -------- -------- +++ UXFE"),
        ("10 grant agent", "          nn -- -------+ -------+ +++ UXFE"),
        ("10 grant endless agent", "  nn -- -------- -------- +++ UXFE"),
        ("10 raise to moderator", "   nn -- -------- -------- +++ UXFE"),
        ("10 raise to admin", "       nn -- -------- -------- -++ UXFE"),
        ("10 grant again", "          nn -- -------- -------- hhh UXFE"),
        ("10 grant oneself", "        nn -- -------- -------- --- UXFE"),
        ("10 grant the owner", "      nn -- -------- -------- --- UXFE"),

        ("11 remove junior", "        nn -- -------- -------- +++ UX+E"),
        ("11 roll back junior", "     nn -- -------- -------- c++ UX+E"),
        ("11 remove agent of another", "nn -- -------- -------- +++ UX+E"),
        ("11 remove own agent", "     nn -- -------+ -------+ +++ UX+E"),
        ("11 remove the owner", "     nn -- -------- -------- sss UXsE"),
        ("11 remove oneself", "       nn -- -------- -------- sss UXsE"),
        ("11 remove stranger", "      nn tt tttttttt tttttttt ttt UXtE"),
        ("12 suspend junior", "       nn -- -------- -------- +++ UX+E"),
        ("13 leave", "                nn ++ ++++++++ ++++++++ ++l UX+E"),
        ("14 extend", "               nn ss ssssssss ssssssss +++ UXFE"),
        ("15 confirm", "              nn -- -------- -------- +++ UXFE"),

        ("20 permit CreateInvite", "  nn -- -------- -------- -++ UXFE"),
        ("20 permit ManageRoles", "   nn -- -------- -------- -++ UXFE"),
        ("21 revoke SendMessages", "  nn -- --+----- --+----- -++ UX+E"),
        ("21 revoke ManageRoles", "   nn -- -------- -------- -++ UX+E"),
        ("21 revoke of admin", "      nn -- --s----- --s----- -c+ UXsE"),
        ("21 revoke own", "           nn ++ ++++++++ ++++++++ +++ UX+E"),
        ("22 role without bits", "    nn -- --+----- --+----- -++ UXFE"),
        ("22 role with CreateInvite", "nn -- -------- -------- -++ UXFE"),
        ("22 role with ManageRoles", "nn -- -------- -------- -++ UXFE"),
        ("23 delete role", "          nn -- --+----- --+----- -++ UX+E"),
        ("23 delete lead role", "     nn -- -------- -------- -++ UX+E"),
        ("24 give CreateInvite", "    nn -- -------- -------- -++ UXFE"),
        ("24 take SendMessages", "    nn -- -------- -------- -++ UX+E"),
        ("24 give ManageRoles", "     nn -- -------- -------- -++ UXFE"),
        ("24 take ManageRoles", "     nn -- -------- -------- -++ UX+E"),
        ("25 assign badge", "         nn -- --+----- --+----- -++ UXFE"),
        ("25 assign writers", "       nn -- -------- -------- -++ UXFE"),
        ("25 assign lead", "          nn -- -------- -------- -++ UXFE"),
        ("26 unassign badge", "       nn -- --+----- --+----- -++ UX+E"),
        ("26 unassign lead", "        nn -- -------- -------- -++ UX+E"),
        ("27 rename role", "          nn -- --+----- --+----- -++ UXFE"),

        ("30 propose", "              nn -- -------- -------- +++ UXFE"),
        ("31 ballot", "               nn vv vvvvvvvv vvvvvvvv v++ UXFE"),
        ("32 withdraw", "             nn aa aaaaaaaa aaaaaaaa aa+ UXaE"),
        ("33 enact", "                nn ++ ++++++++ ++++++++ +++ UXFE"),
        ("33 enact too early", "      nn bb bbbbbbbb bbbbbbbb bbb UXFE"),

        ("40 issue", "                nn -- ----+--- ----+--- +++ UXFE"),
        ("41 revoke link", "          nn -- -------- -------- +++ UX+E"),
        ("42 admit", "                nn -- +------- +------- +++ UXFE"),
        ("42 admit member", "         nn -- m------- m------- mmm UXFE"),

        ("50 create", "               nn -- -+------ -+------ -++ UXFE"),
        ("50 create for keepers", "   nn -- -r------ -r------ -r+ UXFE"),
        ("51 delete", "               nn -- -+------ -+------ -++ UX+E"),
        ("52 rename", "               nn -- -+------ -+------ -++ UXFE"),
        ("53 topic", "                nn -- -+------ -+------ -++ UXFE"),
        ("54 access", "               nn -- -+------ -+------ -++ UXFE"),
        ("54 access of vault", "      nn -- -r------ -r------ -r+ UXFE"),
        ("55 revive", "               nn +- ---+---- ---+---- +++ UXFE"),

        ("60 post", "                 nn +- ---+---- ---+---- +++ UX+E"),
        ("60 post to vault", "        nn r- ---r---- ---r---- rr+ UXrE"),
        ("61 edit own", "             nn +- ---+---- ---+---- +++ UX+E"),
        ("61 edit of another", "      nn a- ---a---- ---a---- aaa UXaE"),
        ("62 delete own", "           nn ++ ++++++++ ++++++++ +++ UX+E"),
        ("62 delete of member", "     nn -- -----+-- -----+-- +++ UX+E"),
        ("62 delete of owner", "      nn -- -------- -------- --+ UX-E"),
        ("63 react", "                nn +- ---+---- ---+---- +++ UX+E"),
        ("64 unreact own", "          nn ++ ++++++++ ++++++++ +++ UX+E"),
        ("64 unreact of another", "   nn -- -----+-- -----+-- +++ UX+E"),
        ("65 pin", "                  nn -- ------+- ------+- +++ UX+E"),
        ("66 unpin", "                nn -- ------+- ------+- +++ UX+E"),

        ("70 profile", "              nn ++ ++++++++ ++++++++ +++ UX+E"),
        ("80 prekey", "               nn ++ ++++++++ ++++++++ +++ UX+E"),
        ("81 key.rotate", "           nn +- ---+---- ---+---- +++ UXFE"),
        ("82 key.share", "            nn ++ ++++++++ ++++++++ +++ UXFE"),
        ("82 key.share of vault", "   nn rr rrrrrrrr rrrrrrrr rr+ UXFE"),
        ("83 key.fault", "            nn ++ ++++++++ ++++++++ +++ UXFE"),
    ]

    /// The code expected of an actor; `nil` = allowed.
    static func code(_ signs: String, _ column: Int) -> String? {
        let cells = Array(signs.filter { $0 != " " })
        let code = codes[cells[column]] ?? "no such sign"
        return code.isEmpty ? nil : code
    }
}
