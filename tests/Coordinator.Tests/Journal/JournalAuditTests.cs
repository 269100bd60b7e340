using MetaMap.Coordinator.Journal;

namespace MetaMap.Coordinator.Tests.Journal;

public sealed class JournalAuditTests
{
    private static readonly string[] _clean =
    [
        Line(1, JournalEvent.Claimed, 0), Opened(1, 1), Leased(1, 1, 0), Leased(1, 1, 1), Counted(1, 1, 0), Refused(1, 1, 0), Counted(1, 1, 1),
        Line(1, JournalEvent.Committed, 1), Opened(1, 2), Leased(1, 2, 0), Counted(1, 2, 0), Line(1, JournalEvent.Excluded, 2, 1),
        Line(1, JournalEvent.Committed, 2), Line(1, JournalEvent.Released, 2),
    ];

    [Fact]
    public void Replay_EverythingInOrder_IsClean()
    {
        AuditReport report = JournalAudit.Replay(_clean);
        Assert.Empty(report.Violations);
        Assert.Equal((14, 1, 2, 2, 3L, 1L), (report.Lines, report.Claims, report.Commits, report.Iteration, report.CountedBlocks, report.RefusedBlocks));
    }

    [Fact]
    public void Replay_RoundThatIsCountedAheadOfItsCommit_IsClean() => Assert.Empty(JournalAudit.Replay(
        [.. _clean, Line(2, JournalEvent.Claimed, 2), Opened(2, 3), .. Round(2, 3), Opened(2, 4), .. Round(2, 4), Line(2, JournalEvent.Committed, 3), Line(2, JournalEvent.Committed, 4)]).Violations);

    [Fact]
    public void Replay_OwnerDiesInMidRound_TheNextOneMayCountItsBlocksAgain() => Assert.Empty(JournalAudit.Replay(
        [.. _clean, Line(2, JournalEvent.Claimed, 2), Opened(2, 3), Leased(2, 3, 0), Counted(2, 3, 0), Line(3, JournalEvent.Claimed, 2), Opened(3, 3), .. Round(3, 3)]).Violations);

    // A worker computed a block for the owner that died, and the next one counts it: the same iteration from the same parameters.
    [Fact]
    public void Replay_LeaseLinesDieWithTheirOwner_ItsWorkersResultsMayCount()
    {
        string[] next = [Opened(3, 3), Counted(3, 3, 0)];
        Assert.Empty(JournalAudit.Replay([.. _clean, Line(2, JournalEvent.Claimed, 2), Line(3, JournalEvent.Claimed, 2), .. next]).Violations);
        AssertViolated(
            [.. _clean, Line(2, JournalEvent.Claimed, 2), Line(2, JournalEvent.Released, 2), Line(3, JournalEvent.Claimed, 2), .. next], "which had no lease on it (I2)");
    }

    [Fact]
    public void Replay_OwnerDiesBetweenStateAndLine_TheClaimStandsForTheCommit()
    {
        AuditReport report = JournalAudit.Replay([.. _clean, Line(2, JournalEvent.Claimed, 2), Opened(2, 3), .. Round(2, 3), Line(3, JournalEvent.Claimed, 3)]);
        Assert.Empty(report.Violations);
        Assert.Equal((3, 3), (report.Commits, report.Iteration));
    }

    [Fact]
    public void Replay_LinesOfAFormerOwner_AreStrayUnlessItCommits()
    {
        AuditReport report = JournalAudit.Replay([.. _clean, Line(2, JournalEvent.Claimed, 2), Counted(1, 3, 0)]);
        Assert.Equal((true, 1L), (report.IsClean, report.StrayLines));
        AssertViolated([.. _clean, Line(2, JournalEvent.Claimed, 2), Line(1, JournalEvent.Committed, 3)], "commits iteration 3 under epoch 1");
    }

    [Fact]
    public void Replay_DamagedState_IsARollbackWithItsReason()
    {
        string reasoned = (JournalEntry.Read(Line(2, JournalEvent.Claimed, 1))! with { Reason = "damaged" }).ToJson();
        Assert.Equal(1, JournalAudit.Replay([.. _clean, reasoned]).Rollbacks);
        AssertViolated([.. _clean, Line(2, JournalEvent.Claimed, 1)], "gives no reason (I1)");
    }

    /// <summary>What a user reads: that iterations were committed again, or that the journal does not show all.</summary>
    [Fact]
    public void Replay_ClaimThatMissesSomething_IsANotice()
    {
        string back = (JournalEntry.Read(Line(2, JournalEvent.Claimed, 1))! with { Reason = "damaged" }).ToJson();
        Assert.Equal("line 15 goes back to iteration 1 after 2 was committed, so that what follows is committed again: damaged", Assert.Single(JournalAudit.Replay([.. _clean, back]).Notices));
        string late = (JournalEntry.Read(Line(3, JournalEvent.Claimed, 2))! with { Reason = "missing" }).ToJson();
        AuditReport report = JournalAudit.Replay([late, Opened(3, 3), .. Round(3, 3), Line(3, JournalEvent.Committed, 3)]);
        Assert.Equal((true, 1, 3), (report.IsClean, report.Commits, report.Iteration));
        Assert.Equal("line 1 begins at iteration 2, and shows nothing of what was before: missing", Assert.Single(report.Notices));
        AssertViolated([Line(3, JournalEvent.Claimed, 2)], "complete up to 0 only (I2)");
    }

    [Fact]
    public void Replay_DamagedLine_IsTheLastThatIsJudged()
    {
        AuditReport report = JournalAudit.Replay([.. _clean[..5], "garbage", .. _clean[..5]]);
        Assert.Equal("line 6 is no journal entry: the journal is damaged, and what follows is not judged", Assert.Single(report.Violations));
        Assert.True(report.IsDamaged);
        Assert.False(JournalAudit.Replay(_clean).IsDamaged);
    }

    [Fact]
    public void Replay_ResultOfAnExcludedWorker_MayBeDroppedAndItsBlockCountedAgain()
    {
        string[] dropped = [.. _clean[..7], Line(1, JournalEvent.Dropped, 1, 0)];
        Assert.Empty(JournalAudit.Replay([.. dropped, Counted(1, 1, 0), Line(1, JournalEvent.Committed, 1)]).Violations);
        AssertViolated([.. dropped, Line(1, JournalEvent.Committed, 1)], "of which 1 of 2 blocks are settled (I2)");
        AssertViolated([.. dropped, Line(1, JournalEvent.Dropped, 1, 0)], "drops block 0 of iteration 1, which is not settled in an open round (I2)");
        AssertViolated([.. _clean[..8], Line(1, JournalEvent.Dropped, 1, 0)], "drops block 0 of iteration 1, which is not settled in an open round (I2)");
    }

    [Fact]
    public void Replay_QuarantinedBlock_MustBeSettled()
    {
        Assert.Empty(JournalAudit.Replay([.. _clean[..7], Line(1, JournalEvent.Quarantined, 1, 0), _clean[7]]).Violations);
        AssertViolated([.. _clean[..6], Line(1, JournalEvent.Quarantined, 1, 1)], "quarantines block 1 of iteration 1, which is not settled (I2)");
    }

    [Fact]
    public void Replay_BrokenPromises_AreNamedWithTheirLines()
    {
        AssertViolated([.. _clean[..7], Line(1, JournalEvent.Committed, 1), Line(1, JournalEvent.Committed, 1)], "line 9 commits iteration 1 after 1 (I1)");
        AssertViolated([.. _clean[..5], Counted(1, 1, 0)], "line 6 settles block 0 of iteration 1 a second time (I2)");
        AssertViolated([.. _clean[..5], Line(1, JournalEvent.Committed, 1)], "of which 1 of 2 blocks are settled (I2)");
        AssertViolated([.. _clean[..8], Leased(1, 1, 0), Counted(1, 1, 0)], "a second time (I2)");
        AssertViolated([.. _clean[..9], Leased(1, 1, 0), Counted(1, 1, 0)], "while iteration 2 is open (I3)");
        AssertViolated([.. _clean[..3], Counted(1, 1, 1)], "which had no lease on it (I2)");
        AssertViolated([.. _clean[..8], Opened(1, 3)], "opens iteration 3, expected 2 (I1)");
        AssertViolated([.. _clean, Line(1, JournalEvent.Claimed, 2)], "claims epoch 1 after epoch 1 (I1)");
        AssertViolated([.. _clean, Line(2, JournalEvent.Claimed, 9)], "complete up to 2 only (I2)");
        AssertViolated([.. _clean, "half a li"], "line 15 is no journal entry");
        AssertViolated([.. _clean, """{"at":"2026-01-01T00:00:00Z","epoch":1,"event":99,"iteration":1}"""], "line 15 is no journal entry");
    }

    [Fact]
    public void Replay_Versions_FollowOneAnother()
    {
        string[] first = [_clean[0], From(Opened(1, 1), "aa"), .. _clean[2..4], From(Counted(1, 1, 0), "aa"), From(Counted(1, 1, 1), "aa")];
        string[] ahead = [.. first, From(Opened(1, 2), "bb"), Committed(1, "bb")];
        Assert.Empty(JournalAudit.Replay(ahead).Violations);
        Assert.Empty(JournalAudit.Replay([.. first, Committed(1, "bb"), From(Opened(1, 2), "bb"), Leased(1, 2, 0), From(Counted(1, 2, 0), "bb")]).Violations);
        Assert.Empty(JournalAudit.Replay([.. ahead, Line(2, JournalEvent.Claimed, 1), From(Opened(2, 2), "bb")]).Violations);
        AssertViolated([.. first, From(Opened(1, 2), "cc"), Committed(1, "bb")], "iteration 2 starting from parameters cc, but iteration 1 committed bb (I3)");
        AssertViolated([.. first, Committed(1, "bb"), From(Opened(1, 2), "cc")], "iteration 2 starting from parameters cc, but iteration 1 committed bb (I3)");
        AssertViolated([.. ahead, Line(2, JournalEvent.Claimed, 1), From(Opened(2, 2), "cc")], "but iteration 1 committed bb (I3)");
        AssertViolated([.. ahead, Leased(1, 2, 0), From(Counted(1, 2, 0), "aa")], "computed from parameters aa, the iteration starts from bb (I3)");
    }

    private static string From(string line, string parameters) => (JournalEntry.Read(line)! with { Parameters = parameters }).ToJson();

    private static string Committed(int iteration, string sha256) => (JournalEntry.Read(Line(1, JournalEvent.Committed, iteration))! with { Sha256 = sha256 }).ToJson();

    private static void AssertViolated(string[] lines, string violation) =>
        Assert.Contains(JournalAudit.Replay(lines).Violations, found => found.Contains(violation, StringComparison.Ordinal));

    private static string[] Round(long epoch, int iteration) =>
        [Leased(epoch, iteration, 0), Leased(epoch, iteration, 1), Counted(epoch, iteration, 1), Counted(epoch, iteration, 0)];

    private static string Opened(long epoch, int iteration) => (JournalEntry.Read(Line(epoch, JournalEvent.Opened, iteration))! with { Blocks = 2 }).ToJson();

    private static string Leased(long epoch, int iteration, int block) => Line(epoch, JournalEvent.Leased, iteration, block);

    private static string Counted(long epoch, int iteration, int block) => Line(epoch, JournalEvent.Counted, iteration, block);

    private static string Refused(long epoch, int iteration, int block) => Line(epoch, JournalEvent.Refused, iteration, block);

    private static string Line(long epoch, JournalEvent what, int iteration, int? block = null) => new JournalEntry(
        new DateTimeOffset(2026, 11, 25, 8, 0, 0, TimeSpan.Zero), epoch, what, iteration) { Block = block, Attempt = block is null ? null : 1, Worker = block is null ? null : "w" }.ToJson();
}
