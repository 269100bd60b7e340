using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Shared.Messages;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Stores;

/// <summary>
/// Stores the runs of a cluster: their options, what is committed, and who owns them. Several coordinators may share one
/// store. Safe for concurrent use.
/// </summary>
/// <remarks>Every method throws <see cref="StoreException"/> when the store itself does not work.</remarks>
internal interface IRunStore
{
    /// <summary>Readable location: a folder, or a database without its password.</summary>
    string Location { get; }

    /// <summary>The directory of a run; null where the store has none.</summary>
    /// <param name="runId">The run.</param>
    RunDirectory? DirectoryOf(string runId) => null;

    /// <summary>Prepares the store for use (migrations). Called once, before anything else.</summary>
    Task Open();

    /// <summary>All runs, the oldest first. Runs that cannot be read are left out.</summary>
    Task<ImmutableArray<StoredRun>> List();

    /// <summary>One run; null when there is none of that name.</summary>
    Task<StoredRun?> Find(string runId);

    /// <summary>Adds a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="first">The state before its first iteration; null where it follows from the options and the data.</param>
    /// <exception cref="ConfigurationException">There is already a run of that name.</exception>
    Task Create(StoredRun run, MetaState? first = null);

    /// <summary>Marks a run that nobody owns as to be trained.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="isAttended">Whether it belongs to the command that trains it from now on.</param>
    /// <param name="options">As far as a resumed run may change them; null: as they are.</param>
    /// <param name="policy">How it shares the cluster from now on; null: as it did.</param>
    /// <exception cref="OwnedException">Its owner is alive; nothing is changed.</exception>
    Task Queue(string runId, bool isAttended, RunOptions? options = null, RunPolicy? policy = null);

    /// <summary>Changes the status of a run that nobody else owns.</summary>
    /// <exception cref="OwnedException">Its owner is alive.</exception>
    Task SetStatus(string runId, RunStatus status, string? problem);

    /// <summary>Takes a run over: the epoch rises by one, and the previous owner can no longer commit.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="layout">Layout that its state must have.</param>
    /// <exception cref="OwnedException">Its owner is alive.</exception>
    /// <exception cref="DataException">Every stored state is damaged.</exception>
    /// <exception cref="ConfigurationException">There is no such run.</exception>
    Task<IRunHold> Claim(string runId, ParameterLayout layout);

    /// <summary>A committed state; null when it is not kept.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="iteration">Its iteration; null for the latest intact one.</param>
    /// <param name="layout">Layout that it must have.</param>
    /// <exception cref="DataException">It is damaged.</exception>
    Task<MetaState?> Load(string runId, int? iteration, ParameterLayout layout);

    /// <summary>Iterations whose state is stored, ascending; none when there is no such run.</summary>
    Task<ImmutableArray<int>> Versions(string runId);

    /// <summary>Lines of a run's measures in order, from those of an iteration on; none when there is no such run. The last may belong to a commit that is being written.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="from">The first iteration.</param>
    /// <param name="most">The most lines.</param>
    Task<ImmutableArray<string>> Measures(string runId, int from, int most);

    /// <summary>Deletes a run that nobody owns, with everything that was stored of it.</summary>
    /// <exception cref="OwnedException">Its owner is alive.</exception>
    Task Delete(string runId);
}

/// <summary>
/// One owner's hold on a run, from its claim until it is released or taken over. One call at a time, except <see cref="Heartbeat"/>.
/// A call whose outcome is unknown can be repeated unchanged, and takes effect once.
/// </summary>
/// <remarks>Every method throws <see cref="FencedException"/> once another owner has taken the run over, and <see cref="StoreException"/> when the store does not work.</remarks>
internal interface IRunHold
{
    /// <summary>Where the run is stored, for information.</summary>
    string Location { get; }

    /// <summary>The run's directory; null where the store has none.</summary>
    RunDirectory? Directory => null;

    /// <summary>Number of this claim, from 1, one more than the previous claim's.</summary>
    long Epoch { get; }

    /// <summary>The latest intact committed state; null before the first commit.</summary>
    MetaState? State { get; }

    /// <summary>One sentence per damaged state that was skipped.</summary>
    ImmutableArray<string> Ignored { get; }

    /// <summary>Shows that the owner is alive.</summary>
    IRunHeartbeat Heartbeat { get; }

    /// <summary>Commits all of the iterations or none: a compare-and-set on run, epoch and the commit's number.</summary>
    /// <returns>
    /// Null, or one sentence about what could not be written although the commit is durable: the model file, or the lines of
    /// <see cref="RunCommit.Committed"/>.
    /// </returns>
    /// <exception cref="InvalidOperationException">It does not follow the previous commit, or its lines do not follow the stored ones.</exception>
    Task<string?> Commit(RunCommit commit);

    /// <summary>Appends lines to the run's journal; lines that are already stored are skipped.</summary>
    /// <exception cref="InvalidOperationException">Lines in between are missing.</exception>
    Task AppendJournal(JournalLines lines);

    /// <summary>Gives the run back.</summary>
    /// <param name="status">Its new status; <see cref="RunStatus.Queued"/> keeps the stored one, so that another coordinator takes it up.</param>
    /// <param name="problem">Why it failed, or null.</param>
    Task Release(RunStatus status, string? problem);
}

/// <summary>The heartbeat of a run's owner. Safe to call concurrently with every other call and with itself.</summary>
internal interface IRunHeartbeat
{
    /// <summary>Records that the owner is alive.</summary>
    /// <exception cref="FencedException">Another owner has taken the run over.</exception>
    /// <exception cref="StoreException">The store does not work.</exception>
    Task Renew();
}
