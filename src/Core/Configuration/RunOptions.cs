using System.Collections.Immutable;
using System.Globalization;
using MetaMap.Core.Episodes;
using MetaMap.Core.Models;
using MetaMap.Core.Optimization;
using MetaMap.Core.Training;

namespace MetaMap.Core.Configuration;

/// <summary>
/// Everything that determines the bits of a run: what is learned, from what, how, and for how long. Nothing here
/// depends on where or on how many workers the run is computed. Written to <c>config.json</c>.
/// </summary>
public sealed record RunOptions
{
    /// <summary>Dataset name: <c>glyphs</c> (default) or <c>omniglot</c>.</summary>
    public string Dataset { get; init; } = "glyphs";

    /// <summary>How classes are split: <c>seeded</c> (default, shuffled by <see cref="Seed"/>) or <c>official</c> (the dataset's own).</summary>
    public string Split { get; init; } = "seeded";

    /// <summary>Classes per episode, 2 or more. Default 5.</summary>
    public int Ways { get; init; } = 5;

    /// <summary>Support examples per class, 1 or more. Default 1.</summary>
    public int Shots { get; init; } = 1;

    /// <summary>Query examples per class, 1 or more. Default 1 (as many as shots, Finn et al. 2017, Omniglot): the cheapest episode.</summary>
    public int Queries { get; init; } = 1;

    /// <summary>Meta-algorithm: <c>maml</c> (default, true second order) or <c>fomaml</c>.</summary>
    public string Algorithm { get; init; } = "maml";

    /// <summary>Network: <c>conv4-stride</c> (default), <c>conv4</c> or <c>cnn</c>.</summary>
    public string Model { get; init; } = "conv4-stride";

    /// <summary>Filters per convolution of the conv4 models, 1 or more. Default 64 (Finn et al. 2017, Omniglot).</summary>
    public int Filters { get; init; } = 64;

    /// <summary>Inner-loop learning rate under mean cross-entropy, 0 or more. Default 1.0 (Finn et al. 2017 use 0.4 under a sum over ways, 2.0 under the mean).</summary>
    public double InnerLr { get; init; } = 1.0;

    /// <summary>Inner-loop SGD steps in training, 1 or more. Default 1 (Finn et al. 2017, Omniglot 5-way).</summary>
    public int InnerSteps { get; init; } = 1;

    /// <summary>Inner-loop SGD steps in evaluation, 0 or more. Default 3 (Finn et al. 2017, Omniglot 5-way).</summary>
    public int EvalInnerSteps { get; init; } = 3;

    /// <summary>Outer-loop learning rate, above 0. Default 0.003.</summary>
    public double MetaLr { get; init; } = 0.003;

    /// <summary>Outer-loop learning rate at the last iteration; it falls from <see cref="MetaLr"/> along a cosine. Equal to <see cref="MetaLr"/> when absent.</summary>
    public double? MetaLrFinal { get; init; }

    /// <summary>Outer-loop optimiser: <c>adam</c> (default) or <c>sgd</c>.</summary>
    public string MetaOptimizer { get; init; } = "adam";

    /// <summary>Episodes per meta-iteration, 1 to 1,000,000 (a meta-batch is held in memory). Default 16.</summary>
    public int MetaBatch { get; init; } = 16;

    /// <summary>Episodes per block (the unit of work of a worker lane), 1 or more. Part of the bits: sums are taken per block. Default 4.</summary>
    public int Block { get; init; } = 4;

    /// <summary>Meta-iterations, 1 or more. Default 400.</summary>
    public int Iterations { get; init; } = 400;

    /// <summary>Seed of the class split, the initial parameters and every episode. Default 1.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Test episodes evaluated at the end, 0 or more (0: none). Default 600.</summary>
    public int EvalEpisodes { get; init; } = 600;

    /// <summary>The episode form.</summary>
    public EpisodeShape EpisodeShape() => new(Ways, Shots, Queries);

    /// <summary>The network for images of a given shape.</summary>
    public ModelSpec ModelSpec(Data.ImageShape image) => new(Model, image, Ways, Filters);

    /// <summary>Checks every value.</summary>
    /// <exception cref="ConfigurationException">The first value that is out of range, in one sentence.</exception>
    public void Validate()
    {
        RequireAtLeast("ways", Ways, 2);
        RequireAtLeast("shots", Shots, 1);
        RequireAtLeast("queries", Queries, 1);
        RequireAtLeast("filters", Filters, 1);
        RequireAtLeast("inner-steps", InnerSteps, 1);
        RequireAtLeast("eval-inner-steps", EvalInnerSteps, 0);
        RequireAtLeast("meta-batch", MetaBatch, 1);
        RequireAtMost("meta-batch", MetaBatch, 1_000_000);
        RequireAtLeast("block", Block, 1);
        RequireAtLeast("iterations", Iterations, 1);
        RequireAtLeast("eval-episodes", EvalEpisodes, 0);
        RequireRate("inner-lr", InnerLr, zeroAllowed: true);
        RequireRate("meta-lr", MetaLr, zeroAllowed: false);
        RequireRate("meta-lr-final", MetaLrFinal ?? MetaLr, zeroAllowed: true);
        RequireName("algorithm", Algorithm, AlgorithmCatalog.Names);
        RequireName("model", Model, ModelCatalog.Names);
        RequireName("meta-optimizer", MetaOptimizer, MetaOptimizers.Names);
    }

    private static void RequireAtLeast(string name, int value, int least)
    {
        if (value < least)
        {
            throw new ConfigurationException($"--{name} is {value}, but it must be {least} or more.");
        }
    }

    private static void RequireAtMost(string name, int value, int most)
    {
        if (value > most)
        {
            throw new ConfigurationException($"--{name} is {value}, but it must be {most} or less.");
        }
    }

    private static void RequireRate(string name, double value, bool zeroAllowed)
    {
        if (!double.IsFinite(value) || value < 0 || (value == 0 && !zeroAllowed))
        {
            throw new ConfigurationException(string.Create(CultureInfo.InvariantCulture,
                $"--{name} is {value}, but it must be a finite number {(zeroAllowed ? "of 0 or more" : "above 0")}."));
        }
    }

    private static void RequireName(string name, string value, ImmutableArray<string> known)
    {
        if (!known.Contains(value))
        {
            throw new ConfigurationException($"There is no {name} '{value}'; choose one of {string.Join(", ", known)}.");
        }
    }
}
