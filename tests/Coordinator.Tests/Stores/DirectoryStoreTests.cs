using System.Diagnostics;
using MetaMap.Coordinator.Stores;
using MetaMap.Coordinator.Stores.Directories;
using MetaMap.Core.Checkpoints;
using MetaMap.Core.Tests.Checkpoints;

namespace MetaMap.Coordinator.Tests.Stores;

public sealed class DirectoryStoreTests : RunStoreContract, IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    protected override IRunStore Store => new DirectoryStore(_folder.Path, TimeProvider.System);

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

    [Fact]
    public async Task Commit_WithItsModel_LeavesTheModelFile()
    {
        await Create();
        await (await Claim()).Commit(CommitOf(0, 2));
        Assert.Equal(2, ModelFile.Read(Directory.ModelPath).Iteration);
    }

    [Fact]
    public async Task Commit_FolderCannotBeWritten_ChangesNothingAndCanBeTriedAgain()
    {
        await Create();
        IRunHold hold = await Claim();
        await hold.Commit(CommitOf(0, 1));
        string checkpoints = Path.Combine(Directory.Path, "checkpoints");
        System.IO.Directory.Move(checkpoints, checkpoints + "-away");
        StoreException error = await Assert.ThrowsAsync<StoreException>(() => hold.Commit(CommitOf(1, 2)));
        Assert.StartsWith("The checkpoint of iteration 2 could not be written: ", error.Message, StringComparison.Ordinal);
        Assert.Equal(["""{"iteration":1}"""], await Measures(Name));
        System.IO.Directory.Move(checkpoints + "-away", checkpoints);
        await hold.Commit(CommitOf(1, 2));
        Assert.Equal(["fact of 1", "committed 1", "fact of 2", "committed 2"], await Journal(Name));
    }

    [Fact]
    public async Task Renew_WhileACommitHasTheLock_DoesNotWaitForIt()
    {
        await Create();
        IRunHold hold = await Claim();
        Task<string?> commit;
        using (new FileStream(Path.Combine(Directory.Path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            commit = hold.Commit(CommitOf(0, 1));
            Assert.True(hold.Renew().IsCompletedSuccessfully);
            Assert.False(commit.IsCompleted);
        }

        Assert.Null(await commit);
        await hold.Renew();
    }

    /// <summary>Another coordinator claims the run while this one is about to delete it.</summary>
    [Fact]
    public async Task Delete_OvertakenByAClaim_LeavesTheRunAlone()
    {
        await Create();
        await (await Claim()).Release(RunPhase.Stopped, null);
        Task deleted;
        using (new FileStream(Path.Combine(Directory.Path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            deleted = Store.Delete(Name);
            Assert.False(deleted.IsCompleted);
            DirectoryFiles.Write(Directory, RunOwner.Self with { Epoch = 2 });
        }

        await Assert.ThrowsAsync<OwnedException>(() => deleted);
        Assert.NotNull(await Store.Find(Name));
    }

    [Fact]
    public async Task Append_JournalCannotBeWritten_ItsLinesComeBeforeThoseOfTheNextCommit()
    {
        await Create();
        IRunHold hold = await Claim();
        System.IO.Directory.CreateDirectory(Directory.JournalPath);
        await Assert.ThrowsAsync<StoreException>(() => hold.Append(["leased"]));
        System.IO.Directory.Delete(Directory.JournalPath);
        await hold.Commit(CommitOf(0, 1));
        Assert.Equal(["leased", "fact of 1", "committed 1"], await Journal(Name));
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Append_AnotherProcessDoesNotLeave_ItsLinesComeWithTheNext()
    {
        await Create();
        IRunHold hold = await Claim();
        using (new FileStream(Path.Combine(Directory.Path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            await Assert.ThrowsAsync<StoreException>(() => hold.Append(["leased"]));
        }

        await hold.Append(["next"]);
        Assert.Equal(["leased", "next"], await Journal(Name));
    }

    [Fact]
    public async Task Append_AfterHalfALine_WritesOverIt()
    {
        await Create();
        IRunHold hold = await Claim();
        await hold.Append(["whole"]);
        await File.AppendAllTextAsync(Directory.JournalPath, "{\"at\":\"20");
        await hold.Append(["next"]);
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
