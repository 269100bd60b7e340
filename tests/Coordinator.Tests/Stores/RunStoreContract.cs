using System.Reflection;
using MetaMap.Coordinator.Stores;
using MetaMap.Core;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Tests.Stores;

/// <summary>What every store promises, whatever it is made of: each public method is one promise, which the tests of a store run by its name.</summary>
public abstract class RunStoreContract
{
    private readonly MetaTraining _training = TinyRun.Training();

    /// <summary>The names of all promises.</summary>
    public static TheoryData<string> Promises => [.. typeof(RunStoreContract)
        .GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        .Where(method => method.ReturnType == typeof(Task)).Select(method => method.Name)];

    private protected abstract IRunStore Store { get; }

    /// <summary>What the stores of the promises keep.</summary>
    private protected static KeptVersions Kept { get; } = new(3, 50);

    protected Task Check(string promise) => (Task)typeof(RunStoreContract).GetMethod(promise)!.Invoke(this, null)!;

    /// <summary>A name that no other test uses.</summary>
    protected string Name { get; } = $"run-{Guid.NewGuid():N}";

    /// <summary>Damages the stored state of an iteration.</summary>
    protected abstract Task Damage(string runId, int iteration);

    /// <summary>The journal of a run.</summary>
    protected abstract Task<IReadOnlyList<string>> Journal(string runId);

    /// <summary>The measures of a run.</summary>
    protected abstract Task<IReadOnlyList<string>> Measures(string runId);

    public async Task Create_NewRun_IsFoundAndListedAndItsNameIsTaken()
    {
        StoredRun run = await Create();
        StoredRun found = (await Store.Find(Name))!;
        Assert.Equal(run with { Location = found.Location }, found);
        Assert.Contains(await Store.List(), listed => listed.RunId == Name);
        await Assert.ThrowsAsync<ConfigurationException>(() => Store.Create(run));
        Assert.Null(await Store.Find("nobody"));
    }

    public async Task Claim_NewRun_HasNoState()
    {
        await Create();
        IRunHold hold = await Store.Claim(Name, _training.Layout);
        Assert.Equal((1, null), (hold.Epoch, hold.State));
        Assert.Empty(hold.Ignored);
        await Assert.ThrowsAsync<ConfigurationException>(() => Store.Claim("nobody", _training.Layout));
    }

    public async Task Create_WithAFirstState_IsClaimedWithIt()
    {
        StoredRun run = NewRun();
        await Store.Create(run, StateAt(0));
        Assert.Equal(0, (await Store.Find(Name))!.Iteration);
        await Assert.ThrowsAsync<ConfigurationException>(() => Store.Create(run, StateAt(0)));
        Assert.Equal(StateAt(0), (await Store.Claim(Name, _training.Layout)).State);
    }

    public async Task Commit_ThenClaim_GoesOnFromTheNewestState()
    {
        await Create();
        IRunHold hold = await Store.Claim(Name, _training.Layout);
        Assert.Null(await hold.Commit(CommitOf(1, 1)));
        Assert.Null(await hold.Commit(CommitOf(2, 3)));
        await hold.AppendJournal(new JournalLines(5, ["appended"]));
        Assert.Equal(3, (await Store.Find(Name))!.Iteration);
        Assert.Equal(StateAt(3), await Store.Load(Name, null, _training.Layout));
        Assert.Equal(StateAt(1), await Store.Load(Name, 1, _training.Layout));
        Assert.Null(await Store.Load(Name, 2, _training.Layout));

        IRunHold next = await Store.Claim(Name, _training.Layout);
        Assert.Equal((2, StateAt(3)), (next.Epoch, next.State));
        Assert.Equal(["fact of 1", "committed 1", "fact of 3", "committed 3", "appended"], await Journal(Name));
        Assert.Equal(["""{"iteration":1}""", """{"iteration":3}"""], await Measures(Name));
    }

    public async Task Commit_OutcomeUnknown_TriedAgainWritesNothingTwice()
    {
        await Create();
        IRunHold hold = await Store.Claim(Name, _training.Layout);
        await hold.Commit(CommitOf(1, 1));
        Assert.Null(await hold.Commit(CommitOf(1, 1)));
        // A measurement of the same iteration: a commit of its own, and once, too.
        RunCommit measured = CommitOf(2, 1) with { Measures = [new MeasureLine(1, """{"iteration":1,"validation_loss":9}""")], Facts = new JournalLines(3, []), Committed = new JournalLines(3, []) };
        await hold.Commit(measured);
        Assert.Null(await hold.Commit(measured));
        Assert.Equal(["fact of 1", "committed 1"], await Journal(Name));
        Assert.Equal(["""{"iteration":1}""", """{"iteration":1,"validation_loss":9}"""], await Measures(Name));
        await Assert.ThrowsAsync<InvalidOperationException>(() => hold.Commit(CommitOf(4, 2)));
        Assert.Equal(1, (await Store.Find(Name))!.Iteration);
    }

    public async Task AppendJournal_OutcomeUnknown_TriedAgainWritesNothingTwice()
    {
        await Create();
        IRunHold hold = await Store.Claim(Name, _training.Layout);
        await hold.AppendJournal(new JournalLines(1, ["1", "2"]));
        await hold.AppendJournal(new JournalLines(1, ["1", "2"]));
        await hold.AppendJournal(new JournalLines(2, ["2", "3"]));
        await hold.AppendJournal(new JournalLines(4, []));
        // A commit that takes along what a flush has stored already.
        await hold.Commit(CommitOf(1, 1) with { Facts = new JournalLines(3, ["3", "4"]), Committed = new JournalLines(5, ["committed 1"]) });
        await hold.AppendJournal(new JournalLines(5, ["committed 1", "6"]));
        Assert.Equal(["1", "2", "3", "4", "committed 1", "6"], await Journal(Name));
    }

    public async Task AppendJournal_WithAGap_IsRefusedAndWritesNothing()
    {
        await Create();
        IRunHold hold = await Store.Claim(Name, _training.Layout);
        await hold.AppendJournal(new JournalLines(1, ["1"]));
        Assert.Equal(
            "Line 3 of the journal was to be stored, but the next one is 2.",
            (await Assert.ThrowsAsync<InvalidOperationException>(() => hold.AppendJournal(new JournalLines(3, ["3"])))).Message);
        await Assert.ThrowsAsync<InvalidOperationException>(() => hold.Commit(CommitOf(1, 1) with { Facts = new JournalLines(3, ["3"]), Committed = new JournalLines(4, []) }));
        Assert.Equal(["1"], await Journal(Name));
        Assert.Equal(0, (await Store.Find(Name))!.Iteration);
    }

    /// <summary>What former owners have written stays in front, whatever version they had: each claim numbers its own lines.</summary>
    public async Task AppendJournal_OfALaterClaim_FollowsWhatIsThere()
    {
        await Create();
        await (await Store.Claim(Name, _training.Layout)).AppendJournal(new JournalLines(1, ["old 1", "old 2"]));
        IRunHold hold = await Store.Claim(Name, _training.Layout);
        await hold.AppendJournal(new JournalLines(1, ["new 1"]));
        Assert.Equal(["old 1", "old 2", "new 1"], await Journal(Name));
    }

    public async Task Renew_BesideEverythingElse_DisturbsNothing()
    {
        await Create();
        IRunHold hold = await Store.Claim(Name, _training.Layout);
        using CancellationTokenSource over = new();
        Task[] renewals = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            while (!over.IsCancellationRequested)
            {
                await hold.Heartbeat.Renew();
            }
        }))];
        for (int i = 1; i <= 10; i++)
        {
            await hold.Commit(CommitOf(i, i));
        }

        await over.CancelAsync();
        await Task.WhenAll(renewals);
        Assert.Equal(10, (await Store.Find(Name))!.Iteration);
        Assert.Equal(20, (await Journal(Name)).Count);
    }

    public async Task Renew_AfterTheRunWasGivenBack_DoesNotTakeItAgain()
    {
        await Create();
        IRunHold hold = await Store.Claim(Name, _training.Layout);
        await hold.Release(RunStatus.Queued, null);
        await hold.Heartbeat.Renew();
        Assert.Equal((RunStatus.Queued, null), ((await Store.Find(Name))!.Status, (await Store.Find(Name))!.Owner));
    }

    public async Task Commit_OfAFormerOwner_IsFencedAndChangesNothing()
    {
        await Create();
        IRunHold former = await Store.Claim(Name, _training.Layout);
        await former.Commit(CommitOf(1, 1));
        IRunHold owner = await Store.Claim(Name, _training.Layout);
        await Assert.ThrowsAsync<FencedException>(() => former.Commit(CommitOf(2, 2)));
        await Assert.ThrowsAsync<FencedException>(() => former.AppendJournal(new JournalLines(3, ["stray"])));
        await Assert.ThrowsAsync<FencedException>(former.Heartbeat.Renew);
        await Assert.ThrowsAsync<FencedException>(() => former.Release(RunStatus.Stopped, null));
        Assert.Equal((1, RunStatus.Training), ((await Store.Find(Name))!.Iteration, (await Store.Find(Name))!.Status));
        await owner.Commit(CommitOf(1, 2));
        Assert.Equal(["fact of 1", "committed 1", "fact of 2", "committed 2"], await Journal(Name));
    }

    public async Task Commit_Measures_TheNewestIterationsAreFound()
    {
        await Create();
        Assert.Null((await Store.Find(Name))!.Newest);
        IRunHold hold = await Store.Claim(Name, _training.Layout);
        await hold.Commit(CommitOf(1, 1) with { Measures = [new MeasureLine(1, """{"iteration":1,"query_loss":1.5,"query_accuracy_fraction":0.25}""")] });
        Assert.Equal(new StoredMeasure(1.5, 0.25), (await Store.Find(Name))!.Newest);
        await hold.Commit(CommitOf(2, 2) with
        {
            Measures =
            [
                new MeasureLine(2, """{"iteration":2,"query_loss":0.5,"query_accuracy_fraction":null}"""),
                new MeasureLine(2, """{"iteration":2,"validation_loss":9}"""),
            ],
        });
        Assert.Equal(new StoredMeasure(0.5, null), Assert.Single(await Store.List(), run => run.RunId == Name).Newest);
    }

    public async Task Measures_FromAnIteration_AreInOrderAndNoMoreThanAskedFor()
    {
        await Create();
        IRunHold hold = await Claim();
        for (int i = 1; i <= 4; i++)
        {
            await hold.Commit(CommitOf(i, i) with { Measures = [new MeasureLine(i, $$"""{"iteration":{{i}}}"""), new MeasureLine(i, $$"""{"iteration":{{i}},"validation_loss":9}""")] });
        }

        Assert.Equal(["""{"iteration":3}""", """{"iteration":3,"validation_loss":9}""", """{"iteration":4}"""], (await Store.Measures(Name, 3, 3)).AsEnumerable());
        Assert.Equal(8, (await Store.Measures(Name, 0, 100)).Length);
        Assert.Empty(await Store.Measures(Name, 5, 100));
        Assert.Empty(await Store.Measures("nobody", 0, 100));
    }

    public async Task Commit_MoreThanAreKept_KeepsTheNewestAndEveryNth()
    {
        await Create();
        IRunHold hold = await Claim();
        for (int i = 1; i <= 5; i++)
        {
            // Twenty iterations a commit, the fiftieth among them.
            int iteration = 20 * i;
            await hold.Commit(CommitOf(i, iteration) with { Kept = iteration == 60 ? [StateAt(50)] : [] });
        }

        Assert.Equal([50, 60, 80, 100], (await Store.Versions(Name)).AsEnumerable());
        Assert.Equal(StateAt(50), await Store.Load(Name, 50, _training.Layout));
        Assert.Null(await Store.Load(Name, 40, _training.Layout));
        Assert.Empty(await Store.Versions("nobody"));
    }

    public async Task Commit_SameIterationAgain_ReplacesTheState()
    {
        await Create();
        IRunHold hold = await Store.Claim(Name, _training.Layout);
        await hold.Commit(CommitOf(1, 1));
        MetaState measured = StateAt(1) with { Selection = new ModelSelection(1, 1, 0.5, StateAt(1).Parameters, 0) };
        await hold.Commit(CommitOf(2, 1) with { State = measured });
        Assert.Equal(measured, await Store.Load(Name, null, _training.Layout));
    }

    public async Task Commit_ManyIterations_KeepsTheNewestStates()
    {
        await Create();
        IRunHold hold = await Store.Claim(Name, _training.Layout);
        for (int i = 1; i <= 6; i++)
        {
            await hold.Commit(CommitOf(i, i));
        }

        Assert.Null(await Store.Load(Name, 3, _training.Layout));
        Assert.Equal(StateAt(4), await Store.Load(Name, 4, _training.Layout));
    }

    public async Task Claim_NewestStateDamaged_GoesOnFromTheOneBeforeAndSaysSo()
    {
        await Create();
        IRunHold hold = await Store.Claim(Name, _training.Layout);
        await hold.Commit(CommitOf(1, 1));
        await hold.Commit(CommitOf(2, 2));
        await Damage(Name, 2);
        IRunHold next = await Store.Claim(Name, _training.Layout);
        Assert.Equal(StateAt(1), next.State);
        Assert.Contains("damaged", Assert.Single(next.Ignored), StringComparison.Ordinal);
        Assert.Equal(["""{"iteration":1}"""], await Measures(Name));
        await next.Commit(CommitOf(1, 2));
        Assert.Equal(StateAt(2), await Store.Load(Name, null, _training.Layout));
    }

    public async Task Claim_EveryStateDamaged_IsRefusedInsteadOfStartingAnew()
    {
        await Create();
        IRunHold hold = await Store.Claim(Name, _training.Layout);
        await hold.Commit(CommitOf(1, 1));
        await Damage(Name, 1);
        await Assert.ThrowsAsync<DataException>(() => Store.Claim(Name, _training.Layout));
    }

    public async Task Release_WithAPhase_LeavesItAndNoOwner()
    {
        await Create();
        IRunHold hold = await Store.Claim(Name, _training.Layout);
        Assert.NotNull((await Store.Find(Name))!.Owner);
        await hold.Release(RunStatus.Failed, "because");
        StoredRun run = (await Store.Find(Name))!;
        Assert.Equal((RunStatus.Failed, "because", null), (run.Status, run.Problem, run.Owner));
        await Store.SetStatus(Name, RunStatus.Queued, null);
        await (await Store.Claim(Name, _training.Layout)).Release(RunStatus.Queued, null);
        Assert.Equal((RunStatus.Queued, null), ((await Store.Find(Name))!.Status, (await Store.Find(Name))!.Owner));
    }

    public async Task Queue_OptionsAndPolicy_AreRemembered()
    {
        await Create();
        await Store.Queue(Name, isAttended: true, TinyRun.Options with { Iterations = 99 }, new RunPolicy(2, 3, 0.5));
        StoredRun run = (await Store.Find(Name))!;
        Assert.Equal((99, new RunPolicy(2, 3, 0.5), true), (run.Options.Iterations, run.Policy, run.IsAttended));
        await Store.Queue(Name, isAttended: false);
        Assert.Equal(run with { IsAttended = false }, await Store.Find(Name));
    }

    public async Task Delete_Run_IsForgottenWithEverything()
    {
        await Create();
        IRunHold hold = await Store.Claim(Name, _training.Layout);
        await hold.Commit(CommitOf(1, 1));
        await hold.Release(RunStatus.Stopped, null);
        await Store.Delete(Name);
        Assert.Null(await Store.Find(Name));
        Assert.Null(await Store.Load(Name, null, _training.Layout));
        await Create();
        Assert.Null((await Store.Claim(Name, _training.Layout)).State);
    }

    public async Task Commit_TwoOwnersAtOnce_OneIterationEach()
    {
        await Create();
        IRunHold first = await Store.Claim(Name, _training.Layout);
        Task<bool>[] races = [.. Enumerable.Range(0, 8).Select(async i =>
        {
            IRunHold hold = i == 0 ? first : await Store.Claim(Name, _training.Layout);
            try
            {
                await hold.Commit(CommitOf(1, (hold.State?.Iteration ?? 0) + 1));
                return true;
            }
            catch (Exception error) when (error is FencedException or OwnedException)
            {
                return false;
            }
        })];
        int commits = (await Task.WhenAll(races.Select(async race =>
        {
            try
            {
                return await race;
            }
            catch (OwnedException)
            {
                return false;
            }
        }))).Count(committed => committed);
        Assert.InRange(commits, 1, 8);
        Assert.Equal(commits, (await Store.Find(Name))!.Iteration);
        Assert.Equal(commits, (await Measures(Name)).Count);
    }

    private protected async Task<StoredRun> Create()
    {
        StoredRun run = NewRun();
        await Store.Create(run);
        return run;
    }

    private StoredRun NewRun() => new(
        Name, TinyRun.Options, new RunPolicy(1.5, 2, 0.25), _training.Shape, RunStatus.Queued, false,
        new DateTimeOffset(2026, 11, 25, 8, 0, 0, TimeSpan.Zero))
    {
        Data = new TrainingData("ab", ["a class", "\"another\""], [], ["c"]),
    };

    private protected Task<IRunHold> Claim() => Store.Claim(Name, _training.Layout);

    /// <summary>A commit that follows others of its claim with two lines of the journal each.</summary>
    private protected RunCommit CommitOf(int number, int iteration) => new(
        number, StateAt(iteration), new ModelFile(Name, iteration, TinyRun.Options, _training.Shape, StateAt(iteration).Parameters),
        [new MeasureLine(iteration, $$"""{"iteration":{{iteration}}}""")], new JournalLines((2 * number) - 1, [$"fact of {iteration}"]),
        new JournalLines(2 * number, [$"committed {iteration}"]), true);

    protected MetaState StateAt(int iteration) => _training.Begin() with { Iteration = iteration };
}
