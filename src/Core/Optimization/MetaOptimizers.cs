using System.Collections.Immutable;
using MetaMap.Core.Configuration;

namespace MetaMap.Core.Optimization;

/// <summary>The outer-loop optimisers by name, and the outer learning rate of each iteration.</summary>
public static class MetaOptimizers
{
    /// <summary>All names.</summary>
    public static ImmutableArray<string> Names { get; } = ["adam", "sgd"];

    /// <summary>The optimiser of a run.</summary>
    /// <exception cref="ConfigurationException">Unknown name.</exception>
    public static IMetaOptimizer Create(string name) => name switch
    {
        "adam" => new Adam(),
        "sgd" => new Sgd(),
        _ => throw new ConfigurationException($"There is no meta-optimiser '{name}'; choose one of {string.Join(", ", Names)}."),
    };

    /// <summary>
    /// The outer learning rate of an iteration: constant, or a half cosine from <see cref="RunOptions.MetaLr"/> to
    /// <see cref="RunOptions.MetaLrFinal"/> (Loshchilov and Hutter 2017, eq. 5, without restarts).
    /// </summary>
    /// <param name="options">The run.</param>
    /// <param name="iteration">From 1.</param>
    public static double LearningRate(RunOptions options, int iteration)
    {
        double last = options.MetaLrFinal ?? options.MetaLr;
        double progress = (iteration - 1) / (double)Math.Max(1, options.Iterations - 1);
        return last + (options.MetaLr - last) * 0.5 * (1 + Math.Cos(Math.PI * progress));
    }
}
