using System.Collections.Immutable;
using System.Text.Json.Serialization;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Runs.Lifecycle;
using MetaMap.Coordinator.Stores;
using MetaMap.Coordinator.Workers;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Data;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Http;

/// <summary>What a route refuses with; <see cref="Problems.Filter"/> sends it as a problem document.</summary>
/// <param name="Error">A readable sentence, the document's <c>detail</c>.</param>
internal sealed record ErrorBody(string Error);

/// <summary>Body of <c>POST /api/runs</c>, and of <c>POST /api/runs/init</c>, where it may be larger.</summary>
/// <param name="Name">Name of the run; derived from its options and the time when absent.</param>
/// <param name="Options">Run options; absent keys keep their defaults.</param>
/// <param name="Policy">How it shares the cluster; the coordinator's defaults when absent.</param>
/// <param name="Data">Its data: a file or folder in the folder that coordinator and workers were given with <c>--data</c>, by its path from there; all of that when absent.</param>
/// <param name="Init">A safetensors file in base64, whose parameters the run starts from; options then name its <c>init_sha256</c>, or leave it out.</param>
public sealed record StartRunBody(string? Name, OptionValues? Options, RunPolicy? Policy = null, byte[]? Init = null, string? Data = null);

/// <summary>A run as HTTP shows it.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Status"><c>queued</c>, <c>training</c>, <c>paused</c>, <c>finished</c>, <c>stopped</c> or <c>failed</c>.</param>
/// <param name="Iteration">Committed iterations.</param>
/// <param name="Iterations">Iterations in all.</param>
/// <param name="QueryLoss">Mean query loss of the latest iteration.</param>
/// <param name="QueryAccuracy">Mean query accuracy of the latest iteration, 0 to 1.</param>
/// <param name="EpisodesPerSecond">Episodes per second since the run was started here, without the time in which it waited for workers.</param>
/// <param name="ModelSha256">SHA-256 of all parameters; null for a run that another coordinator has.</param>
/// <param name="Results">Block results by verdict.</param>
/// <param name="LastRefusal">Why the latest refused result was refused.</param>
/// <param name="Directory">Where the run is stored, on the coordinator.</param>
/// <param name="Problem">Why it failed, what degrades it, or what it waits for.</param>
/// <param name="Options">The options of the run.</param>
/// <param name="BestIteration">The best version on the validation classes so far; null without any.</param>
/// <param name="ValidationLoss">Loss of the latest measurement on the validation classes.</param>
/// <param name="ValidationAccuracy">Accuracy of the latest measurement on the validation classes, 0 to 1.</param>
public sealed record RunBody(
    string RunId, string Status, int Iteration, int Iterations, double? QueryLoss, double? QueryAccuracy, double EpisodesPerSecond,
    string? ModelSha256, ImmutableSortedDictionary<string, long> Results, string? LastRefusal, string Directory, string? Problem, RunOptions Options,
    int? BestIteration = null, double? ValidationLoss = null, double? ValidationAccuracy = null)
{
    /// <summary>Its data, by the path from the folder that each node was given; absent for all of that.</summary>
    public string? Data { get; init; }

    /// <summary>What it took of the parameters that it starts from; only in the answer to the request that started it.</summary>
    public string? Start { get; init; }

    /// <summary>The coordinator that owns it, if it is another one.</summary>
    public string? Owner { get; init; }

    /// <summary>Claims so far: one more after each fail-over or resume.</summary>
    public long Epoch { get; init; }

    /// <summary>Second leases on slow blocks, since the run was (re)started here.</summary>
    public long SpeculativeLeases { get; init; }

    /// <summary>Second leases whose result counted while the first lease was still held.</summary>
    public long SpeculativeWins { get; init; }

    /// <summary>Blocks that did not count in their iteration.</summary>
    public long QuarantinedBlocks { get; init; }

    /// <summary>Blocks that counted after two workers had given the same bits.</summary>
    public long AuditedBlocks { get; init; }

    /// <summary>Blocks that were to be audited, but counted because nobody else could compute them.</summary>
    public long UnauditedBlocks { get; init; }

    /// <summary>Workers whose results were disproved, and why; null when there are none.</summary>
    public ImmutableSortedDictionary<string, string>? ExcludedWorkers { get; init; }

    /// <summary>Creates it from the read model.</summary>
    public static RunBody From(RunSnapshot run) => new(
        run.RunId.Value, RunLifecycle.Word(run.Status), run.State.Iteration, run.Options.Iterations,
        run.Metrics?.QueryLoss, run.Metrics?.QueryAccuracyFraction, Math.Round(run.EpisodesPerSecond, 2),
        run.Model.Parameters.Sha256, run.Results.ToImmutableSortedDictionary(result => result.Key.ToString(), result => result.Value), run.LastRefusal, run.Directory, run.Problem ?? run.Waiting, run.Options,
        run.State.Selection?.BestIteration, run.Validation?.ValidationLoss, run.Validation?.ValidationAccuracyFraction)
    {
        Data = run.DataPath, Epoch = run.Epoch, SpeculativeLeases = run.Counters.SpeculativeLeases, SpeculativeWins = run.Counters.SpeculativeWins,
        QuarantinedBlocks = run.Counters.QuarantinedBlocks, AuditedBlocks = run.Counters.AuditedBlocks, UnauditedBlocks = run.Counters.UnauditedBlocks,
        ExcludedWorkers = run.ExcludedWorkers.IsEmpty ? null : run.ExcludedWorkers,
    };

    /// <summary>Creates it from the read model or the store, wherever the run is.</summary>
    internal static RunBody From(CatalogRun run) => run.Snapshot is { } snapshot ? From(snapshot) : From(run.Stored!);

    private static RunBody From(StoredRun run) => new(
        run.RunId, RunLifecycle.Word(run.Status), run.Iteration, run.Options.WithIterationsFor(run.Data?.TrainingExamples).Iterations, run.Newest?.QueryLoss, run.Newest?.QueryAccuracyFraction, 0, null,
        ImmutableSortedDictionary<string, long>.Empty, null, run.Location, run.Problem, run.Options)
    {
        Data = run.DataPath, Owner = run.Owner, Epoch = run.Epoch,
    };
}

/// <summary>Where a run stands, as an event.</summary>
/// <param name="Status"><c>queued</c>, <c>training</c>, <c>paused</c>, <c>finished</c>, <c>stopped</c> or <c>failed</c>.</param>
/// <param name="Iteration">Committed iterations.</param>
/// <param name="Iterations">Iterations in all.</param>
/// <param name="EpisodesPerSecond">Episodes per second since the run was started; absent where another coordinator trains it.</param>
/// <param name="Workers">Workers that are ready.</param>
/// <param name="Lanes">Blocks that they compute at once.</param>
/// <param name="Results">Block results by verdict; absent where another coordinator trains it.</param>
/// <param name="LastRefusal">Why the latest refused result was refused.</param>
/// <param name="ExcludedWorkers">Workers whose results were disproved, and why.</param>
/// <param name="Problem">Why it failed, what degrades it, or what it waits for.</param>
/// <param name="Owner">The coordinator that trains it, if it is another one.</param>
public sealed record RunStatusBody(
    string Status, int Iteration, int Iterations, double? EpisodesPerSecond, int Workers, int Lanes, ImmutableSortedDictionary<string, long>? Results, string? LastRefusal,
    ImmutableSortedDictionary<string, string>? ExcludedWorkers, string? Problem, string? Owner)
{
    /// <summary>Creates it from the read model or the store, wherever the run is.</summary>
    internal static RunStatusBody From(CatalogRun run, IReadOnlyCollection<WorkerSnapshot> ready)
    {
        RunBody body = RunBody.From(run);
        bool isHere = run.Snapshot is not null;
        return new RunStatusBody(
            body.Status, body.Iteration, body.Iterations, isHere ? body.EpisodesPerSecond : null, ready.Count, ready.Sum(worker => worker.Lanes),
            isHere ? body.Results : null, body.LastRefusal, body.ExcludedWorkers, body.Problem, body.Owner);
    }
}

/// <summary>Description of a meta-model.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Version">Committed iterations: the version.</param>
/// <param name="Model">The network's name.</param>
/// <param name="Parameters">Number of parameters.</param>
/// <param name="LengthBytes">Length of the safetensors file.</param>
/// <param name="ModelSha256">SHA-256 of all parameters as little-endian float32, in layout order.</param>
/// <param name="LayoutDigest">Digest of names and shapes.</param>
/// <param name="Tensors">Name and shape of each tensor.</param>
public sealed record ModelInfoBody(
    string RunId, int Version, string Model, int Parameters, int LengthBytes, string ModelSha256, string LayoutDigest,
    ImmutableArray<string> Tensors)
{
    /// <summary>The description of a model.</summary>
    public static ModelInfoBody Of(ModelFile model)
    {
        IExampleReader? examples = ExamplesFor(model);
        return new ModelInfoBody(
            model.RunId, model.Iteration, model.Options.Model!, model.Parameters.Layout.Length, (int)model.OpenSafetensors().Length, model.Parameters.Sha256,
            model.Parameters.Layout.Digest, [.. model.Parameters.Layout.Entries.Select(entry => entry.ToString())])
        {
            Examples = examples?.Kind.ToString().ToLowerInvariant(),
            Row = examples?.Row is { } row ? new RowFormBody(row.Columns, row.Target, row.IsValue) : null,
        };
    }

    /// <summary>The versions of the run that can be asked for, ascending; null for a file, and in answers of older coordinators.</summary>
    public ImmutableArray<int>? Versions { get; init; }

    /// <summary>What it can be adapted to: <c>image</c>, <c>text</c> or <c>row</c>; null where nobody has examples of its data.</summary>
    public string? Examples { get; init; }

    /// <summary>The columns of a row, where it can be adapted to rows.</summary>
    public RowFormBody? Row { get; init; }

    private static IExampleReader? ExamplesFor(ModelFile model)
    {
        try
        {
            return model.Options.ExampleReader(model.Shape.Input, model.Data);
        }
        catch (Exception error) when (error is ConfigurationException or DataException)
        {
            return null;
        }
    }
}

/// <summary>What a model reads of a row of a table, or of a rating.</summary>
/// <param name="Columns">Names of its inputs.</param>
/// <param name="Target">Name of the column to predict.</param>
/// <param name="IsValue">Whether that holds values; otherwise labels.</param>
public sealed record RowFormBody(ImmutableArray<string> Columns, string Target, bool IsValue);

/// <summary>A worker as HTTP shows it.</summary>
/// <param name="WorkerId">The worker.</param>
/// <param name="Address">Its node's address.</param>
/// <param name="Version">Its software version.</param>
/// <param name="Lanes">Blocks that it computes at once.</param>
/// <param name="Device">E.g. <c>cpu</c>.</param>
/// <param name="Kernels">How it computes convolutions, e.g. <c>direct</c>; empty before its first run.</param>
/// <param name="Status"><c>ready</c>, <c>unreachable</c>, or why it does not take part.</param>
/// <param name="CountedBlocks">Results that counted.</param>
/// <param name="CountedEpisodes">Episodes in them.</param>
public sealed record WorkerBody(
    string WorkerId, string Address, string Version, int Lanes, string Device, string Kernels, string Status, long CountedBlocks, long CountedEpisodes)
{
    /// <summary>True when it takes part in every open run.</summary>
    [JsonIgnore]
    public bool IsReady => Status == WorkerSnapshot.ReadyStatus;
}
