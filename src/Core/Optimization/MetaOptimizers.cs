using System.Collections.Immutable;
using MetaMap.Core.Configuration;

namespace MetaMap.Core.Optimization;

/// <summary>The outer-loop optimisers by name, and the outer learning rate of each iteration.</summary>
public static class MetaOptimizers
{
    /// <summary>Name of Adam.</summary>
    public const string Adam = "adam";

    /// <summary>Name of Adam with decoupled weight decay.</summary>
    public const string AdamW = "adamw";

    /// <summary>Name of gradient descent with momentum.</summary>
    public const string Sgd = "sgd";

    /// <summary>All outer-loop optimisers by name.</summary>
    public static Registry<MetaOptimizerDefinition> All { get; } = new(
        "meta-optimizer",
        new MetaOptimizerDefinition(Adam, [nameof(RunOptions.MetaLr)], new RunOptions(), _ => new Adam()),
        new MetaOptimizerDefinition(
            AdamW, [nameof(RunOptions.MetaLr), nameof(RunOptions.WeightDecay)], new RunOptions { WeightDecay = 0.01 },
            options => new Adam(options.WeightDecay ?? 0)),
        new MetaOptimizerDefinition(
            Sgd, [nameof(RunOptions.MetaLr), nameof(RunOptions.MetaMomentum), nameof(RunOptions.WeightDecay)],
            new RunOptions { MetaMomentum = 0, WeightDecay = 0 },
            options => new Sgd(options.MetaMomentum ?? 0, options.WeightDecay ?? 0)));

    /// <summary>
    /// The outer learning rate of an iteration: a linear rise over the warm-up (Goyal et al. 2017, section 2.2), then
    /// constant, or a half cosine from <see cref="RunOptions.MetaLr"/> to <see cref="RunOptions.MetaLrFinal"/>
    /// (Loshchilov and Hutter 2017, eq. 5, without restarts).
    /// </summary>
    /// <param name="options">The run, resolved.</param>
    /// <param name="iteration">From 1.</param>
    public static double LearningRate(RunOptions options, int iteration)
    {
        double first = options.MetaLr ?? throw new InvalidOperationException("The options are not resolved.");
        if (iteration <= options.WarmupIterations)
        {
            return first * iteration / (options.WarmupIterations + 1);
        }

        double last = options.MetaLrFinal ?? first;
        double progress = (iteration - 1 - options.WarmupIterations) / (double)Math.Max(1, options.Iterations - 1 - options.WarmupIterations);
        return last + (first - last) * 0.5 * (1 + Math.Cos(Math.PI * progress));
    }
}

/// <summary>An outer-loop optimiser's name and options.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Reads">The optional options that it reads.</param>
/// <param name="Defaults">Their defaults.</param>
/// <param name="Create">The optimiser of a run with resolved options.</param>
public sealed record MetaOptimizerDefinition(
    string Name, ImmutableArray<string> Reads, RunOptions Defaults, Func<RunOptions, IMetaOptimizer> Create) : IOptionReader;
