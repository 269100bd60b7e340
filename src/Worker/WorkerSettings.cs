using System.Collections.Immutable;
using MetaMap.Learning.Devices;
using MetaMap.Shared.Hosting;

namespace MetaMap.Worker;

/// <summary>Settings of one worker node. Nothing here changes what a run computes.</summary>
public sealed record WorkerSettings
{
    /// <summary>Addresses and roles.</summary>
    public required NodeSettings Node { get; init; }

    /// <summary>Blocks computed at once on the processor, each on a thread of its own, 1 or more. Default: one per core.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Where it computes: the processor, or GPUs, each of which is one lane. Default: the processor.</summary>
    public ImmutableArray<ComputeDevice> Devices { get; init; } = [ComputeDevice.Cpu];

    /// <summary>Blocks computed at once.</summary>
    public int Lanes => Devices.Contains(ComputeDevice.Cpu) ? Threads : Devices.Length;

    /// <summary>Where each lane computes.</summary>
    public ImmutableArray<ComputeDevice> LaneDevices => [.. Enumerable.Range(0, Lanes).Select(lane => Devices[lane % Devices.Length])];

    /// <summary>Share of its lanes that adaptations of sessions may take while it trains, 0.01 to 1. Default 0.25.</summary>
    public double SessionShare { get; init; } = 0.25;

    /// <summary>Folder with the datasets' files; not needed for built-in datasets.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>How long a worker that is told to stop goes on with the blocks that it has begun. Default 20 seconds.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Written every 2 seconds while a coordinator knows this worker, for health checks. Default: none.</summary>
    public HealthFile? HealthFile { get; init; }
}
