using System.Diagnostics;
using MetaMap.Coordinator.Stores;
using MetaMap.Coordinator.Stores.Directories;
using MetaMap.Core;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Tests.Stores;

public sealed class DirectoryStoreTests : RunStoreContract, IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    private protected override IRunStore Store => new DirectoryStore(_folder.Path, TimeProvider.System, Kept);

    private RunDirectory Directory => new(_folder[Name]);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Promises))]
    public Task Store_EveryPromise_IsKept(string promise) => Check(promise);

    [Fact]
    public async Task Find_NameThatIsAPath_IsNothing()
    {
        await Create();
        Assert.Null(await Store.Find($"../{Path.GetFileName(_folder.Path)}/{Name}"));
        Assert.Null(await Store.Find(_folder[Name]));
    }

    /// <summary>A start from other parameters has ended before the options were there: the next one does not begin with them.</summary>
    [Fact]
    public async Task Create_AfterAStartThatWasInterrupted_BeginsAfresh()
    {
        System.IO.Directory.CreateDirectory(_folder[$"{Name}/checkpoints"]);
        await File.WriteAllTextAsync(_folder[$"{Name}/checkpoints/00000000.safetensors"], "other parameters");
        await Create();
        Assert.Null((await Claim()).State);
    }

    [Fact]
    public async Task Create_FolderOfOtherFiles_IsRefusedAndLeftAlone()
    {
        System.IO.Directory.CreateDirectory(_folder[$"{Name}/checkpoints"]);
        await File.WriteAllTextAsync(_folder[$"{Name}/checkpoints/mine.txt"], "");
        Assert.Contains("holds other files (checkpoints)", (await Assert.ThrowsAsync<ConfigurationException>(Create)).Message, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder[$"{Name}/checkpoints/mine.txt"]));
        Assert.False(File.Exists(Directory.RunPath));
    }

    [Fact]
    public async Task Commit_WithItsModel_LeavesTheModelFile()
    {
        await Create();
        await (await Claim()).Commit(CommitOf(1, 2));
        Assert.Equal(2, ModelFile.Read(Directory.ModelPath).Iteration);
    }

    [Fact]
    public async Task Commit_FolderCannotBeWritten_ChangesNothingAndCanBeTriedAgain()
    {
        await Create();
        IRunHold hold = await Claim();
        await hold.Commit(CommitOf(1, 1));
        string checkpoints = Path.Combine(Directory.Path, "checkpoints");
        System.IO.Directory.Move(checkpoints, checkpoints + "-away");
        StoreException error = await Assert.ThrowsAsync<StoreException>(() => hold.Commit(CommitOf(2, 2)));
        Assert.StartsWith("The checkpoint of iteration 2 could not be written: ", error.Message, StringComparison.Ordinal);
        Assert.Equal(["""{"iteration":1}"""], await Measures(Name));
        System.IO.Directory.Move(checkpoints + "-away", checkpoints);
        await hold.Commit(CommitOf(2, 2));
        Assert.Equal(["fact of 1", "committed 1", "fact of 2", "committed 2"], await Journal(Name));
    }

    [Fact]
    public async Task Renew_WhileACommitHasTheLock_DoesNotWaitForIt()
    {
        await Create();
        IRunHold hold = await Claim();
        Task<string?> commit;
        using (new FileStream(Directory.LockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            commit = hold.Commit(CommitOf(1, 1));
            Assert.True(hold.Heartbeat.Renew().IsCompletedSuccessfully);
            Assert.False(commit.IsCompleted);
        }

        Assert.Null(await commit);
        await hold.Heartbeat.Renew();
    }

    /// <summary>Another coordinator claims the run while this one is about to delete it.</summary>
    [Fact]
    public async Task Delete_OvertakenByAClaim_LeavesTheRunAlone()
    {
        await Create();
        await (await Claim()).Release(RunStatus.Stopped, null);
        Task deleted;
        using (new FileStream(Directory.LockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            deleted = Store.Delete(Name);
            Assert.False(deleted.IsCompleted);
            DirectoryFiles.Write(Directory, RunOwner.Self with { Epoch = 2 });
        }

        await Assert.ThrowsAsync<OwnedException>(() => deleted);
        Assert.NotNull(await Store.Find(Name));
    }

    [Fact]
    public async Task Commit_JournalCannotBeWrittenAfterIt_StandsAndItsLinesComeLater()
    {
        await Create();
        IRunHold hold = await Claim();
        System.IO.Directory.CreateDirectory(Directory.JournalPath);
        RunCommit commit = CommitOf(1, 1) with { Facts = new JournalLines(1, []), Committed = new JournalLines(1, ["committed 1"]) };
        Assert.StartsWith("Iteration 1 is committed, but its model or journal could not be written: ", await hold.Commit(commit), StringComparison.Ordinal);
        System.IO.Directory.Delete(Directory.JournalPath);
        await hold.AppendJournal(commit.Committed);
        await hold.AppendJournal(commit.Committed);
        Assert.Equal(["committed 1"], await Journal(Name));
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Append_AnotherProcessDoesNotLeave_IsTriedAgain()
    {
        await Create();
        IRunHold hold = await Claim();
        using (new FileStream(Directory.LockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            await Assert.ThrowsAsync<StoreException>(() => hold.AppendJournal(new JournalLines(1, ["leased"])));
        }

        await hold.AppendJournal(new JournalLines(1, ["leased", "next"]));
        Assert.Equal(["leased", "next"], await Journal(Name));
    }

    /// <summary>A journal of an earlier version, with half a line that a process left that was killed.</summary>
    [Fact]
    public async Task Append_JournalOfAnEarlierVersion_IsGoneOnWith()
    {
        await Create();
        await File.WriteAllTextAsync(Directory.JournalPath, "old\n{\"at\":\"20");
        IRunHold hold = await Claim();
        await hold.AppendJournal(new JournalLines(1, ["new"]));
        Assert.Equal(["old", "new"], await Journal(Name));
    }

    [Fact]
    public async Task Find_RunFileOfAnEarlierVersion_IsUnderstood()
    {
        await Create();
        await File.WriteAllTextAsync(Directory.RunPath, """
            { "phase": "Active", "is_attended": false, "policy": { "weight": 2, "min_workers": 3, "audit_fraction": 0.5 }, "created": "2026-11-25T08:00:00+00:00", "input": "1x1x1", "target_length": 0, "training_classes": 2 }
            """);
        StoredRun run = (await Store.Find(Name))!;
        Assert.Equal((RunStatus.Queued, new RunPolicy(2, 3, 0.5)), (run.Status, run.Policy));
        await Store.SetStatus(Name, RunStatus.Queued, null);
        Assert.Contains("\"phase\": \"Active\"", await File.ReadAllTextAsync(Directory.RunPath), StringComparison.Ordinal);
        await File.WriteAllTextAsync(Directory.RunPath, (await File.ReadAllTextAsync(Directory.RunPath)).Replace("Active", "Dreaming", StringComparison.Ordinal));
        Assert.Contains("unknown phase 'Dreaming'", (await Store.Find(Name))!.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_DamagedFileBesideTheOptions_IsAFailedRunWithTheReasonThatCanBeQueued()
    {
        await Create();
        foreach (string damaged in (string[])[Directory.OwnerPath, Directory.RunPath])
        {
            await File.WriteAllTextAsync(damaged, "");
            StoredRun run = Assert.Single(await Store.List());
            Assert.Equal(RunStatus.Failed, run.Status);
            Assert.Contains(damaged, run.Problem, StringComparison.Ordinal);
            File.Delete(Directory.OwnerPath);
        }

        await Store.Queue(Name, isAttended: false);
        Assert.Equal((RunStatus.Queued, null), ((await Store.Find(Name))!.Status, (await Store.Find(Name))!.Problem));
    }

    [Fact]
    public async Task Append_AfterHalfALine_WritesOverIt()
    {
        await Create();
        IRunHold hold = await Claim();
        await hold.AppendJournal(new JournalLines(1, ["whole"]));
        await File.AppendAllTextAsync(Directory.JournalPath, "{\"at\":\"20");
        await hold.AppendJournal(new JournalLines(2, ["next"]));
        Assert.Equal(["whole", "next"], await Journal(Name));
    }

    [Fact]
    public async Task Claim_OwnerIsAnotherProcessThatLives_IsRefusedAndThenTakenOverWhenItIsDead()
    {
        await Create();
        using Process other = Process.Start(new ProcessStartInfo("sleep", "600") { UseShellExecute = false })!;
        string start = (await File.ReadAllTextAsync($"/proc/{other.Id}/stat")).Split(") ")[1].Split(' ')[19];
        RunOwner owner = RunOwner.Self with { Epoch = 5, ProcessId = other.Id, ProcessStart = start, Node = "other" };
        DirectoryFiles.Write(Directory, owner);
        Task<IRunHold> claim = Claim();
        Assert.Equal("other", (await Store.Find(Name))!.Owner);
        DirectoryFiles.Write(Directory, owner with { Renewals = 1 });
        Assert.Contains("owned by other, which is alive", (await Assert.ThrowsAsync<OwnedException>(() => claim)).Message, StringComparison.Ordinal);

        other.Kill();
        await other.WaitForExitAsync();
        Assert.Null((await Store.Find(Name))!.Owner);
        Assert.Equal(6, (await Claim()).Epoch);
    }

    [Fact]
    public async Task Change_OwnerElsewhereIsAlive_IsRefusedAndChangesNothing()
    {
        await Create();
        RunOwner owner = RunOwner.Self with { Epoch = 5, Place = "another machine", Node = "other" };
        DirectoryFiles.Write(Directory, owner);
        StoredRun before = (await Store.Find(Name))!;
        Task[] changes = [Store.SetStatus(Name, RunStatus.Paused, null), Store.Queue(Name, isAttended: true, TinyRun.Options with { Iterations = 99 })];
        DirectoryFiles.Write(Directory, owner with { Renewals = 1 });
        foreach (Task change in changes)
        {
            Assert.Contains("owned by other, which is alive", (await Assert.ThrowsAsync<OwnedException>(() => change)).Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, await Store.Find(Name));
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Claim_OwnerElsewhereThatDoesNotRenew_IsTakenForDead()
    {
        await Create();
        DirectoryFiles.Write(Directory, RunOwner.Self with { Epoch = 3, Place = "another machine", Node = "other" });
        Assert.Equal(4, (await Claim()).Epoch);
    }

    protected override async Task Damage(string runId, int iteration)
    {
        string path = Path.Combine(_folder[runId], "checkpoints", $"{iteration:D8}.safetensors");
        byte[] bytes = await File.ReadAllBytesAsync(path);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);
    }

    protected override async Task<IReadOnlyList<string>> Journal(string runId) => await File.ReadAllLinesAsync(new RunDirectory(_folder[runId]).JournalPath);

    protected override async Task<IReadOnlyList<string>> Measures(string runId) => await File.ReadAllLinesAsync(new RunDirectory(_folder[runId]).MetricsPath);
}
