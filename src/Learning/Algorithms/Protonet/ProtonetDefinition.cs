using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Training.Configuration;
using MetaMap.Training.Optimization;

namespace MetaMap.Learning.Algorithms;

/// <summary>Prototypical networks (Snell et al. 2017): the nearest mean of a class in a learned feature space.</summary>
internal sealed class ProtonetDefinition : IAlgorithm
{
    /// <inheritdoc />
    public string Name => "protonet";

    /// <inheritdoc />
    public string Summary => "nearest class mean in a learned feature space; no inner loop (Snell et al. 2017)";

    /// <inheritdoc />
    public object Options { get; } = new NoOptions();

    /// <inheritdoc />
    /// <remarks>Adam at 0.001; the authors halve it every 2,000 episodes (use <c>--meta-lr-final</c>).</remarks>
    public IReadOnlyDictionary<string, object> Advice { get; } =
        new Dictionary<string, object> { ["meta_optimizer"] = MetaOptimizers.Adam, ["meta_lr"] = 0.001 };

    /// <inheritdoc />
    /// <remarks>The parameters of the network's body: there is no head.</remarks>
    public ImmutableArray<ParameterDefinition> Parameters(RunOptions options, TaskShape shape) => shape.TargetLength > 0
        ? throw new ConfigurationException(
            $"Algorithm {Name} tells classes apart, but dataset {options.Dataset} has values to predict; choose another algorithm, e.g. maml or feature-offset.")
        :
        [
            .. shape.Network(options)
                .Where(definition => definition.Role != ParameterRole.Head),
        ];

    /// <inheritdoc />
    public IMetaAlgorithm Create(RunOptions options, DatasetCatalog catalog) => new Protonet();
}
