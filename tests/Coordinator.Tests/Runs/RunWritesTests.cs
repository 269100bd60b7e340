using MetaMap.Coordinator.Journal;
using MetaMap.Coordinator.Runs;
using MetaMap.Coordinator.Runs.Machine;
using MetaMap.Coordinator.Runs.Preparation;
using MetaMap.Coordinator.Stores;
using MetaMap.Data.Glyphs;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Tests.Runs;

/// <summary>Calls to a store, and which lines of the journal go with them.</summary>
public sealed class RunWritesTests
{
    private static readonly MetaTraining _training = TinyRun.Training();
    private readonly FakeHold _hold = new();
    private readonly RunJournal _journal = new(1, TimeProvider.System);
    private readonly RunWrites _writes;

    public RunWritesTests() => _writes = Writes(_hold);

    /// <summary>Facts, the line of the commit, then what came during it: whatever fails, a line keeps its number.</summary>
    [Fact]
    public async Task Commit_LinesWhoseOutcomeIsUnknown_KeepTheirNumbers()
    {
        Note(JournalEvent.Claimed);
        RunInput flushed = await _writes.FlushJournal()!;
        Assert.Equal(new RunInput.JournalFlushed(null), flushed);
        // Nobody has heard that they are stored.
        await _writes.Commit(Group(1));
        Assert.Equal((1, 1), (_hold.Commits[0].Facts.First, _hold.Commits[0].Facts.Last));
        Assert.Equal((2, 2), (_hold.Commits[0].Committed.First, _hold.Commits[0].Committed.Last));
        Note(JournalEvent.Released);
        _writes.Heard(new RunInput.CommitFailed("no answer"));
        RunInput committed = await _writes.Commit(Group(1));
        Assert.Same(_hold.Commits[0], _hold.Commits[1]);
        _writes.Heard(committed);
        Assert.Equal((3, 3), (_journal.Lines.First, _journal.Lines.Last));
        _writes.Heard(flushed);
        Assert.Equal(3, _journal.Lines.First);
        await _writes.Commit(Group(2));
        Assert.Equal((2, 3), (_hold.Commits[2].Number, _hold.Commits[2].Facts.First));
    }

    [Fact]
    public async Task Commit_WithAProblem_ItsJournalLinesAreSentAgain()
    {
        Note(JournalEvent.Claimed);
        await _writes.Commit(Group(1));
        _writes.Heard(new RunInput.Committed("The journal could not be written."));
        await _writes.FlushJournal()!;
        JournalLines again = Assert.Single(_hold.Journal);
        Assert.Equal(2, again.First);
        Assert.Equal(_hold.Commits[0].Committed.Lines.AsEnumerable(), again.Lines);
    }

    /// <summary>The run is given back after a commit that may not stand: the journal says no more than what is certain.</summary>
    [Fact]
    public async Task Release_CommitThatFailed_StoresItsFactsOnly()
    {
        Note(JournalEvent.Claimed);
        await _writes.Commit(Group(1));
        _writes.Heard(new RunInput.CommitFailed("no answer"));
        Note(JournalEvent.Released);
        Assert.Equal(new RunInput.Released(null), await _writes.Release(RunStatus.Stopped, null));
        Assert.Equal(_hold.Commits[0].Facts, Assert.Single(_hold.Journal));
    }

    [Fact]
    public async Task FlushJournal_NothingToStore_DoesNothing()
    {
        Assert.Null(_writes.FlushJournal());
        Note(JournalEvent.Claimed);
        _writes.Heard(await _writes.FlushJournal()!);
        Assert.Null(_writes.FlushJournal());
    }

    [Fact]
    public async Task Renew_FencedOrFailing_IsAnOutcomeNotAnException()
    {
        Assert.Equal(new RunInput.Fenced("epoch 2 owns the run"), await Writes(new FakeHold { Renewal = () => throw new FencedException("epoch 2 owns the run") }).Renew());
        Assert.Equal(new RunInput.Renewed("no disk"), await Writes(new FakeHold { Renewal = () => throw new IOException("no disk") }).Renew());
        Assert.Equal(new RunInput.Renewed(null), await _writes.Renew());
    }

    private RunWrites Writes(FakeHold hold) => new(new PreparedRun(_training, hold, RunPolicy.Default, new GlyphDataset(), new RunDirectory("nowhere")), _journal);

    private void Note(JournalEvent what) => _writes.Note(JournalEntry.Of(what, 0));

    private static CommitGroup Group(int number)
    {
        MetaState state = _training.Begin() with { Iteration = number };
        return new CommitGroup(
            number, state, new ModelFile("run", number, TinyRun.Options, _training.Shape, state.Parameters),
            [new CommitStep("ab", new IterationMetrics(number, 1, 0.5, 1, 4, 0), null)], false);
    }
}
