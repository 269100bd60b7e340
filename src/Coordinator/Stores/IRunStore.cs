using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Shared.Messages;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Stores;

/// <summary>
/// Where the runs of a cluster are kept: what they are, what is committed, and who owns them. Several coordinators may
/// share one store. Safe for concurrent use.
/// </summary>
/// <remarks>Every method throws <see cref="StoreException"/> when the store itself does not work.</remarks>
public interface IRunStore
{
    /// <summary>For people: a folder, or a database without its password.</summary>
    string Location { get; }

    /// <summary>Makes the store usable (migrations). Called once, before anything else.</summary>
    Task Open();

    /// <summary>All runs, the oldest first. What cannot be read is left out.</summary>
    Task<ImmutableArray<StoredRun>> List();

    /// <summary>One run; null when there is none of that name.</summary>
    Task<StoredRun?> Find(string runId);

    /// <summary>Adds a run.</summary>
    /// <exception cref="ConfigurationException">There is one of that name already.</exception>
    Task Create(StoredRun run);

    /// <summary>Changes where a run stands that nobody owns: <see cref="RunStatus.Queued"/> is to be trained.</summary>
    Task SetStatus(string runId, RunStatus status, string? problem);

    /// <summary>Changes the options and the policy of a run that nobody owns, where a resumed run may change them.</summary>
    Task Update(string runId, RunOptions options, RunPolicy policy);

    /// <summary>Takes a run over: the epoch rises by one, and whoever owned it before can commit no more.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="layout">Layout that its state must have.</param>
    /// <exception cref="OwnedException">Its owner is alive.</exception>
    /// <exception cref="DataException">Every stored state is damaged.</exception>
    /// <exception cref="ConfigurationException">There is no such run.</exception>
    Task<IRunHold> Claim(string runId, ParameterLayout layout);

    /// <summary>A committed state that is kept; null when it is not.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="iteration">Which; null for the newest whole one.</param>
    /// <param name="layout">Layout that it must have.</param>
    /// <exception cref="DataException">It is damaged.</exception>
    Task<MetaState?> Load(string runId, int? iteration, ParameterLayout layout);

    /// <summary>Forgets a run that nobody owns, with everything that was stored of it.</summary>
    /// <exception cref="OwnedException">Its owner is alive.</exception>
    Task Delete(string runId);
}

/// <summary>
/// One owner's hold on a run, from its claim until it is released or taken over. One call at a time, save <see cref="Heartbeat"/>.
/// A call whose outcome is unknown is made again as it was, and has its effect once.
/// </summary>
/// <remarks>Every method throws <see cref="FencedException"/> once another owner has taken the run over, and <see cref="StoreException"/> when the store does not work.</remarks>
public interface IRunHold
{
    /// <summary>Where the run is stored, for people.</summary>
    string Location { get; }

    /// <summary>Which claim this is, from 1: each has one more than the claim before.</summary>
    long Epoch { get; }

    /// <summary>The newest whole committed state; null before the first commit.</summary>
    MetaState? State { get; }

    /// <summary>One sentence per damaged state that was passed over.</summary>
    ImmutableArray<string> Ignored { get; }

    /// <summary>Shows that the owner is alive.</summary>
    IRunHeartbeat Heartbeat { get; }

    /// <summary>Commits iterations at once, or none of them: a compare-and-set on run, epoch and the commit's number.</summary>
    /// <returns>Null, or one sentence about what could not be written beside the commit, which stands: the model file, or the lines of <see cref="RunCommit.Committed"/>.</returns>
    /// <exception cref="InvalidOperationException">It does not follow the commit before, or its lines do not follow those that are stored.</exception>
    Task<string?> Commit(RunCommit commit);

    /// <summary>Appends lines to the run's journal; those that are stored already are passed over.</summary>
    /// <exception cref="InvalidOperationException">Lines between are missing.</exception>
    Task AppendJournal(JournalLines lines);

    /// <summary>Gives the run back.</summary>
    /// <param name="status">Where it stands; <see cref="RunStatus.Queued"/> leaves what is stored, so that another coordinator takes it up.</param>
    /// <param name="problem">Why it failed, or null.</param>
    Task Release(RunStatus status, string? problem);
}

/// <summary>The sign of life of a run's owner. Safe beside every other call, itself included.</summary>
public interface IRunHeartbeat
{
    /// <summary>The owner is alive.</summary>
    /// <exception cref="FencedException">Another owner has taken the run over.</exception>
    /// <exception cref="StoreException">The store does not work.</exception>
    Task Renew();
}
