using System.Collections.Immutable;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Training.Baselines;
using MetaMap.Training.Configuration;
using MetaMap.Training.Optimization;

namespace MetaMap.Learning.Algorithms;

/// <summary>Bayesian linear regression on learned features, with a learned prior (ALPaCA, Harrison et al. 2018).</summary>
internal sealed class AlpacaDefinition : IAlgorithm, IStartsFromData
{
    private const float FirstScale = 10;

    /// <inheritdoc />
    public string Name => "alpaca";

    /// <inheritdoc />
    public string Summary => "Bayesian linear regression on learned features, in closed form, with a learned prior (Harrison et al. 2018; Bertinetto et al. 2019)";

    /// <inheritdoc />
    public object Options { get; } = new NoOptions();

    /// <inheritdoc />
    /// <remarks>Measurements on the validation classes begin before the first iteration, so that the model is never worse there than its start.</remarks>
    public IReadOnlyDictionary<string, object> Advice { get; } = new Dictionary<string, object>
    {
        ["meta_optimizer"] = MetaOptimizers.Adam, ["meta_lr"] = 0.001, ["meta_lr_final"] = 0.0001, ["validation_interval"] = 50,
    };

    /// <inheritdoc />
    /// <remarks>The network's body, and the prior of a linear map of the constant 1, what the network's hidden layers read, and its features.</remarks>
    public ImmutableArray<ParameterDefinition> Parameters(RunOptions options, TaskShape shape)
    {
        ImmutableArray<ParameterDefinition> network = shape.Network(options);
        int features = PriorFeatures.Of(options, shape).Count;
        return
        [
            .. network.Where(definition => definition.Role != ParameterRole.Head),
            shape.TargetLength > 0
                ? new("prior.mean", Initializers.Zeros, ParameterRole.Rule, shape.TargetLength, features)
                : new("scale", Initializers.Constant(FirstScale), ParameterRole.Rule, 1),
            new("prior.deviation", Initializers.Ones, ParameterRole.Rule, features),
        ];
    }

    /// <inheritdoc />
    public IMetaAlgorithm Create(RunOptions options, DatasetCatalog catalog) => new Alpaca(catalog.IsRegression);

    /// <inheritdoc />
    /// <remarks>None for classes, and where no number of the training tasks is an ordinary one.</remarks>
    public IReadOnlyDictionary<string, float[]> FirstValues(RunOptions options, TrainingSet training) =>
        training.Dataset.Catalog.IsRegression && training.Rows().Any()
            ? PriorFeatures.Of(options, TaskShape.Of(options, training.Dataset.Catalog)).FirstValues(training) : ImmutableDictionary<string, float[]>.Empty;
}
