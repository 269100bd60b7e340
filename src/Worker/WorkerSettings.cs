using MetaMap.Learning.Kernels;
using MetaMap.Shared.Hosting;

namespace MetaMap.Worker;

/// <summary>Settings of one worker node. Nothing here changes what a run computes.</summary>
public sealed record WorkerSettings
{
    /// <summary>Addresses and roles.</summary>
    public required NodeSettings Node { get; init; }

    /// <summary>Blocks computed at once, each on a thread of its own, 1 or more. Default: one per core.</summary>
    public int Lanes { get; init; } = Environment.ProcessorCount;

    /// <summary>Folder with the datasets' files; not needed for <c>glyphs</c>.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>How long a worker that is told to end goes on with the blocks that it has begun. Default 20 seconds.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>A worker that no coordinator has answered for this long joins anew. Default 20 seconds.</summary>
    public TimeSpan LostAfter { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Chooses how convolutions are computed. Default: by what is right on this machine.</summary>
    public KernelChooser Kernels { get; init; } = KernelChooser.OfThisMachine;

    /// <summary>Written every 2 seconds while a coordinator knows this worker, for health checks. Default: none.</summary>
    public HealthFile? HealthFile { get; init; }
}
