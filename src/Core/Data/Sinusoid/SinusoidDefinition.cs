using System.Collections.Immutable;
using MetaMap.Core.Configuration;

namespace MetaMap.Core.Data.Sinusoid;

/// <summary>The built-in dataset <c>sinusoid</c> by name.</summary>
public sealed class SinusoidDefinition : IDatasetDefinition
{
    /// <inheritdoc />
    public string Name => SinusoidDataset.Name;

    /// <inheritdoc />
    public string Summary => "regression of sine curves, computed by the program itself";

    /// <inheritdoc />
    public bool NeedsFolder => false;

    /// <inheritdoc />
    public ImmutableArray<string> Reads { get; } = [nameof(RunOptions.Split)];

    /// <inheritdoc />
    /// <remarks>Finn et al. 2017, section 5.1: two hidden layers of 40 units, inner rate 0.01.</remarks>
    public RunOptions Defaults { get; } = new() { Split = ClassSplitter.Seeded, Model = "mlp", Hidden = "40,40", InnerLr = 0.01 };

    /// <inheritdoc />
    public IEpisodeDataset Open(RunOptions options, string? data) => new SinusoidDataset();
}
