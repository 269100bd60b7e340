using MetaMap.Coordinator.Runs.Preparation;
using MetaMap.Coordinator.Stores;
using MetaMap.Coordinator.Stores.Directories;
using MetaMap.Core;
using MetaMap.Data.Glyphs;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Configuration;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Tests.Runs.Preparation;

public sealed class RunPreparationTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Episodes that could not be used belong into the run's directory, whatever --runs says.</summary>
    [Fact]
    public async Task Claim_StoreIsAFolderOfItsOwn_TheRunsDirectoryIsThere()
    {
        DirectoryStore store = new(_folder["store"], TimeProvider.System);
        RunOptions options = TinyRun.Options;
        await store.Create(new StoredRun("r", options, RunPolicy.Default, TaskShape.Of(options, new GlyphDataset().Catalog), RunStatus.Queued, false, DateTimeOffset.UnixEpoch));
        CoordinatorSettings settings = new() { Node = new NodeSettings { Roles = [NodeSettings.CoordinatorRole] }, RunsDirectory = _folder["runs"] };
        PreparedRun run = await new RunPreparation(settings, store, TimeProvider.System).Claim(new RunId("r"));
        Assert.Equal(_folder["store/r"], run.Directory.Path);
    }

    [Fact]
    public async Task Claim_OtherDataThanTheRunBeganWith_IsRefusedAndNotClaimed()
    {
        DirectoryStore store = new(_folder["store"], TimeProvider.System);
        RunOptions options = TinyRun.Options;
        await store.Create(
            new StoredRun("r", options, RunPolicy.Default, TaskShape.Of(options, new GlyphDataset().Catalog), RunStatus.Queued, false, DateTimeOffset.UnixEpoch)
            {
                Data = TrainingData.Of(options, new GlyphDataset().Catalog with { Digest = new string('f', 64) }),
            });
        CoordinatorSettings settings = new() { Node = new NodeSettings { Roles = [NodeSettings.CoordinatorRole] }, RunsDirectory = _folder["runs"] };
        DataException error = await Assert.ThrowsAsync<DataException>(() => new RunPreparation(settings, store, TimeProvider.System).Claim(new RunId("r")));
        Assert.Contains("was trained on glyphs ffff", error.Message, StringComparison.Ordinal);
        Assert.Null((await store.Find("r"))!.Owner);
    }

    [Fact]
    public async Task Claim_JournalIsDamaged_IsRefusedAndNotClaimed()
    {
        DirectoryStore store = new(_folder["store"], TimeProvider.System);
        RunOptions options = TinyRun.Options;
        await store.Create(new StoredRun("r", options, RunPolicy.Default, TaskShape.Of(options, new GlyphDataset().Catalog), RunStatus.Queued, false, DateTimeOffset.UnixEpoch));
        await File.WriteAllTextAsync(_folder["store/r/journal.jsonl"], "garbage\n");
        CoordinatorSettings settings = new() { Node = new NodeSettings { Roles = [NodeSettings.CoordinatorRole] }, RunsDirectory = _folder["store"] };
        DataException error = await Assert.ThrowsAsync<DataException>(() => new RunPreparation(settings, store, TimeProvider.System).Claim(new RunId("r")));
        Assert.Contains($"The journal {_folder["store/r/journal.jsonl"]} is damaged: line 1 ", error.Message, StringComparison.Ordinal);
        Assert.Null((await store.Find("r"))!.Owner);
    }
}
