using System.Collections.Immutable;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Sessions;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Http;

/// <summary>Where the blocks of a run are.</summary>
/// <param name="Leases">Those that workers compute, the oldest first, as of the latest second.</param>
/// <param name="LostWorkers">The latest workers that were lost with blocks, the latest last.</param>
public sealed record BlocksBody(ImmutableArray<LeaseBody> Leases, ImmutableArray<LostWorkerBody> LostWorkers)
{
    internal static BlocksBody From(RunBlocks? blocks) => new(
        [.. (blocks?.Held ?? []).Select(held => new LeaseBody(
            held.Worker.Value, held.Lease.Round.Kind == RoundKind.Evaluation ? null : held.Lease.Round.Number, held.Lease.Block, held.Lease.Attempt, Math.Round(held.Age.TotalSeconds, 3)))],
        [.. (blocks?.Lost ?? []).Select(lost => new LostWorkerBody(
            lost.Worker.Value, lost.Iteration, [.. lost.Blocks.Select(block => new LostBlockBody(block.Block, block.CountedFrom))]))]);
}

/// <summary>A block that a worker computes.</summary>
/// <param name="WorkerId">The worker.</param>
/// <param name="Iteration">The iteration; null in an evaluation.</param>
/// <param name="Block">Its position there, from 0.</param>
/// <param name="Attempt">How many times it has been leased, from 1.</param>
/// <param name="Seconds">How long the worker has had it.</param>
public sealed record LeaseBody(string WorkerId, int? Iteration, int Block, int Attempt, double Seconds);

/// <summary>A worker that was lost with blocks.</summary>
/// <param name="WorkerId">The worker.</param>
/// <param name="Iteration">The iteration.</param>
/// <param name="Blocks">What became of them.</param>
public sealed record LostWorkerBody(string WorkerId, int Iteration, ImmutableArray<LostBlockBody> Blocks);

/// <summary>A block whose worker was lost.</summary>
/// <param name="Block">Its position in its iteration, from 0.</param>
/// <param name="CountedFrom">The worker whose result counted instead; null as long as none has.</param>
public sealed record LostBlockBody(int Block, string? CountedFrom);

/// <summary>An episode as pictures.</summary>
/// <param name="Version">The version of the model that predicts.</param>
/// <param name="Iteration">The iteration whose first episode it is.</param>
/// <param name="Accuracy">Share of the query images that it names rightly, 0 to 1.</param>
/// <param name="Milliseconds">How long the adaptation took.</param>
/// <param name="Classes">The classes of the episode.</param>
public sealed record EpisodeBody(int Version, int Iteration, double Accuracy, double Milliseconds, ImmutableArray<EpisodeClassBody> Classes)
{
    internal static EpisodeBody From(EpisodeView view) => new(
        view.Version, view.Iteration, Math.Round(view.Classes.SelectMany((item, label) => item.Query.Select(query => query.Predicted == label ? 1.0 : 0.0)).Average(), 4), Math.Round(view.Milliseconds, 1),
        [.. view.Classes.Select(item => new EpisodeClassBody(
            item.Name, item.Degrees, item.Support, [.. item.Query.Select(query => new EpisodeQueryBody(query.Image, query.Predicted, query.Probability))]))]);
}

/// <summary>A class of an episode.</summary>
/// <param name="Name">As the data names it.</param>
/// <param name="Degrees">By how much its images are turned, counter-clockwise: 0, 90, 180 or 270.</param>
/// <param name="Support">What the model was adapted to: PNG files in base64, as the network sees them.</param>
/// <param name="Query">What it predicts.</param>
public sealed record EpisodeClassBody(string Name, int Degrees, ImmutableArray<byte[]> Support, ImmutableArray<EpisodeQueryBody> Query);

/// <summary>A query image of an episode.</summary>
/// <param name="Image">PNG file in base64.</param>
/// <param name="Predicted">The most probable class: its place among the classes, from 0.</param>
/// <param name="Probability">How probable it is, 0 to 1.</param>
public sealed record EpisodeQueryBody(byte[] Image, int Predicted, float Probability);
