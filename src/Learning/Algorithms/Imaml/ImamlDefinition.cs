using System.Collections.Immutable;
using System.ComponentModel;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Inner;
using MetaMap.Training.Configuration;
using MetaMap.Training.Optimization;

namespace MetaMap.Learning.Algorithms;

/// <summary>MAML with implicit gradients (Rajeswaran et al. 2019): the meta-gradient at a proximal optimum, without the path to it.</summary>
internal sealed class ImamlDefinition : IAlgorithm
{
    /// <inheritdoc />
    public string Name => "imaml";

    /// <inheritdoc />
    public string Summary => "MAML with implicit gradients at a proximal optimum (Rajeswaran et al. 2019)";

    /// <inheritdoc />
    /// <remarks>Strength 2, 16 inner steps and 5 conjugate-gradient steps as in the Omniglot 5-way experiment; the rates are MetaMap's.</remarks>
    public object Options { get; } = new ImamlOptions { InnerLr = 0.1, InnerSteps = 16, EvalInnerSteps = 16 };

    /// <inheritdoc />
    public IReadOnlyDictionary<string, object> Advice { get; } =
        new Dictionary<string, object> { ["meta_optimizer"] = MetaOptimizers.Adam, ["meta_lr"] = 0.001 };

    /// <inheritdoc />
    public ImmutableArray<IPart> Choices => InnerOptimizers.All;

    /// <inheritdoc />
    public IEnumerable<IPart> Chosen(object options) => [InnerOptimizers.Chosen(options)];

    /// <inheritdoc />
    /// <remarks>Only with plain gradient descent in the inner loop.</remarks>
    public bool IsLayered(RunOptions options) => InnerLoop.Of(options).IsPlain;

    /// <inheritdoc />
    public ImmutableArray<ParameterDefinition> Parameters(RunOptions options, TaskShape shape) => shape.Network(options);

    /// <inheritdoc />
    public IMetaAlgorithm Create(RunOptions options, DatasetCatalog catalog) => new Imaml(
        InnerLoop.Of(options), options.Of<ImamlOptions>().ProximalStrength, options.Of<ImamlOptions>().CgSteps);
}

/// <summary>Options of <see cref="ImamlDefinition"/>.</summary>
internal sealed record ImamlOptions : OptimizedInnerLoopOptions
{
    /// <summary>Lambda: strength of the pull towards the meta-parameters.</summary>
    [Description("Strength of the pull towards the meta-parameters."), Above(0)]
    public double ProximalStrength { get; init; } = 2;

    /// <summary>Conjugate-gradient steps.</summary>
    [Description("Conjugate-gradient steps."), AtLeast(1)]
    public int CgSteps { get; init; } = 5;
}
