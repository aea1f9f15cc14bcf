/// Why an event that reads well is not allowed, or has no effect.
///
/// - Source: PROTOCOL 13, groups authority to "why void".
package enum RuleCode: UInt16, FailureCode {
    case notMember = 200
    case suspended = 201
    case removed = 202
    case noPermission = 203
    case notSenior = 204
    case notOwner = 205
    case alreadyMember = 206
    case notHigher = 207
    case tooDeep = 208
    case badCut = 209
    case attenuated = 210
    case expired = 211
    case lapsed = 212
    case overRate = 213
    case overBudget = 214
    case notDelegated = 215
    case forkedAuthor = 216
    case ownerCannotLeave = 217
    case badProof = 218

    case badProposal = 220
    case notElector = 221
    case closed = 222
    case withdrawn = 223
    case belowThreshold = 224
    case invalidThreshold = 225
    case alreadyEnacted = 226

    case unknownLink = 230
    case linkDisabled = 231
    case linkExpired = 232
    case linkExhausted = 233
    case wrongRecipient = 234
    case malformedInvite = 235
    case inviteExpired = 236
    case badClaim = 237
    case needsGrant = 238
    case pending = 239

    case unknownTarget = 240
    case wrongChannel = 241
    case channelDeleted = 242
    case notReader = 243
    case notAuthor = 244
    case deleted = 245
    case limit = 246
    case loopGuard = 247
    case ambiguousName = 248

    case extraReader = 250
    case unknownEpoch = 251
    case badCommit = 252
    case undecryptable = 253
    case noPrekey = 254
    case badBlob = 255
    case blobUnavailable = 256
    /// A rotation part, box count or prev box count that contradicts its own act (PROTOCOL 7.2).
    case badBody = 257

    case voidedByRemoval = 270
    case voidedByRevoke = 271
    case voidedProof = 272
    case overClaimed = 273
    case voidedFork = 274
    case voidedDelete = 275
    case overLimit = 276

    case recovering = 290
    case locked = 291
    case storeFailed = 292
}
