using System.Collections.Immutable;
using MetaMap.Coordinator.Stores;
using MetaMap.Shared.Messages;
using MetaMap.Training.Loop;

namespace MetaMap.Coordinator.Tests.Runs;

/// <summary>Remembers what it was asked to store, and stores nothing.</summary>
internal sealed class FakeHold : IRunHold, IRunHeartbeat
{
    public List<RunCommit> Commits { get; } = [];

    public List<JournalLines> Journal { get; } = [];

    /// <summary>What a renewal comes to.</summary>
    public Func<Task> Renewal { get; init; } = () => Task.CompletedTask;

    /// <summary>Called with each flush of the journal.</summary>
    public Action Flushed { get; init; } = () => { };

    public string Location => "nowhere";

    public long Epoch => 1;

    public MetaState? State => null;

    public ImmutableArray<string> Ignored => [];

    public IRunHeartbeat Heartbeat => this;

    public Task<string?> Commit(RunCommit commit)
    {
        Commits.Add(commit);
        return Task.FromResult<string?>(null);
    }

    public Task AppendJournal(JournalLines lines)
    {
        Journal.Add(lines);
        Flushed();
        return Task.CompletedTask;
    }

    public Task Renew() => Renewal();

    public Task Release(RunStatus status, string? problem) => Task.CompletedTask;
}
