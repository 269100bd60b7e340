
namespace MetaMap.Data.Sinusoid;

/// <summary>Definition of the built-in dataset <c>sinusoid</c>.</summary>
internal sealed class SinusoidDefinition : IDatasetDefinition
{
    /// <inheritdoc />
    public string Name => SinusoidDataset.Name;

    /// <inheritdoc />
    public string Summary => "regression of sine curves, computed by the program itself";

    /// <inheritdoc />
    public bool NeedsFolder => false;

    /// <inheritdoc />
    public object Options { get; } = new DatasetOptions();

    /// <inheritdoc />
    /// <remarks>Finn et al. 2017, section 5.1: two hidden layers of 40 units, inner rate 0.01.</remarks>
    public IReadOnlyDictionary<string, object> Advice { get; } =
        new Dictionary<string, object> { ["model"] = "mlp", ["hidden"] = "40,40", ["inner_lr"] = 0.01 };

    /// <inheritdoc />
    public IEpisodeDataset Open(DatasetOptions options, EpisodeShape episode, string? data) => new SinusoidDataset();
}
