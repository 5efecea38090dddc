// What is counted over a run: a simulator that never reaches a state proves nothing about it.

enum Happening: Int, CaseIterable {
    // The group
    case rebalance, assignedNothing, assigned, revoked, lostPartitions, memberExpired, memberLate, settled
    case leftGracefully, crash, crashWhileWriting, crashWhileSettling, crashWhileRestoring, crashBetweenCommands
    case stopped, zombieWoke, zombieWrote, networkCut, stoodStill, clockJump, kafkaRefused, closedWhileAnswering
    // PostgreSQL
    case committed, committedSharedWindows, replyLost, connectionLost, timedOut, appliedLate, claimAppliedLate
    case databaseAway, permanentFailure, diedOfIt, fencedWrite, fencedLateWrite, deadWriteApplied
    case lookCommitted, lookPending, lookForeign, claimFailed, restoreFailed, restoredInPages, commitFailed
    case batchTooLarge, fenced, membersKnownAlready, outboxRestored, outboxFoundAgain, oldRestoreDropped
    // The log
    case hole, gapSaid, inspected, explained, present, inspectorFailed, lostStopped
    case lostContinued, lostWithoutRecord, outOfRange, truncated, clientSkipped, clientRewound, oldRecordIgnored
    // Pressure
    case paused, resumed, partitionPaused, partitionResumed, eventsOnly, readingNothing, backlogHeld
    case settleTimedOut, answeredBeforeRestored, severalOpen
    // What waits
    case parkedForQuota, parkedForSchema, parkedAgain, unparkedForQuota, unparkedForSchema, passedABacklog, diverted
    case schemaGivenUp, unknownAtOnce, schemaFound, folderUnreadable, heldForSchemas, rowsAdopted, rowsFoundByLook
    case unparkAsked, unparkFailed, unparkIgnored, rowGone, crashWhileUnparking, revokedWhileUnparking, breakerTripped
    // The input
    case counted, duplicate, conflict, deadLetter, late, published
}
