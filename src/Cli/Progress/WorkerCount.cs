using MetaMap.Cli.Output;
using MetaMap.Coordinator.Http;
using MetaMap.Coordinator.Workers;

namespace MetaMap.Cli.Progress;

/// <summary>How many work.</summary>
/// <param name="Ready">Workers that take part in every run.</param>
/// <param name="Lanes">Blocks that they compute at once.</param>
/// <param name="Others">Workers that cannot be reached, or take no part in a run.</param>
internal readonly record struct WorkerCount(int Ready, int Lanes, int Others)
{
    /// <summary>The workers of this node.</summary>
    public static WorkerCount Of(IReadOnlyCollection<WorkerSnapshot> workers) => Of([.. workers.Select(worker => (worker.IsReady, worker.Lanes))]);

    /// <summary>Workers as HTTP shows them.</summary>
    public static WorkerCount Of(IReadOnlyCollection<WorkerBody> workers) => Of([.. workers.Select(worker => (worker.IsReady, worker.Lanes))]);

    /// <inheritdoc />
    public override string ToString() => Ready + Others == 0 ? "no workers"
        : $"{Count(Ready, "worker")}, {Count(Lanes, "lane")}{(Others == 0 ? "" : $", {Figures.Whole(Others)} not ready")}";

    private static WorkerCount Of((bool IsReady, int Lanes)[] workers) =>
        new(workers.Count(worker => worker.IsReady), workers.Where(worker => worker.IsReady).Sum(worker => worker.Lanes), workers.Count(worker => !worker.IsReady));

    private static string Count(int count, string what) => $"{Figures.Whole(count)} {what}{(count == 1 ? "" : "s")}";
}
