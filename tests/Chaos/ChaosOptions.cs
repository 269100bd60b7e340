using MetaMap.Core.Options;
using MetaMap.Training.Configuration;

namespace MetaMap.Chaos;

/// <summary>What a chaos run is asked to do.</summary>
/// <param name="Duration">How long faults happen.</param>
/// <param name="Seed">All faults follow from it.</param>
/// <param name="Coordinators">1, or 3 with a store that they share.</param>
/// <param name="Workers">2 or more.</param>
internal sealed record ChaosOptions(TimeSpan Duration, long Seed, int Coordinators, int Workers)
{
    /// <summary>The runs end within this time after the last fault, or are lost.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>The coordinators' store; null for their folder. <c>{host}</c> in it stands for the driver's own address.</summary>
    public string? Store { get; init; }

    /// <summary>Each node in a network namespace of its own.</summary>
    public bool UsesNamespaces { get; init; }

    /// <summary>What is trained, over and over until the time is over.</summary>
    public RunOptions Run { get; init; } = OptionValues.Of(("filters", 16), ("queries", 2), ("meta_batch", 12), ("block", 2), ("iterations", 300), ("eval_episodes", 0), ("seed", 7), ("meta_lr_final", 0.0005)).Resolve();
}
