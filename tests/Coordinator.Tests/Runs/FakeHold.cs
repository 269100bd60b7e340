using System.Collections.Immutable;
using MetaMap.Coordinator.Stores;
using MetaMap.Core.Training;

namespace MetaMap.Coordinator.Tests.Runs;

/// <summary>Remembers what it was asked to commit, and stores nothing.</summary>
internal sealed class FakeHold : IRunHold
{
    public List<RunCommit> Commits { get; } = [];

    /// <summary>What a renewal comes to.</summary>
    public Func<Task> Renewal { get; init; } = () => Task.CompletedTask;

    /// <summary>Called with each flush of the journal.</summary>
    public Action Flushed { get; init; } = () => { };

    public string Location => "nowhere";

    public long Epoch => 1;

    public MetaState? State => null;

    public ImmutableArray<string> Ignored => [];

    public Task<string?> Commit(RunCommit commit)
    {
        Commits.Add(commit);
        return Task.FromResult<string?>(null);
    }

    public Task Append(ImmutableArray<string> journal)
    {
        Flushed();
        return Task.CompletedTask;
    }

    public Task Renew() => Renewal();

    public Task Release(RunPhase? phase, string? problem) => Task.CompletedTask;
}
