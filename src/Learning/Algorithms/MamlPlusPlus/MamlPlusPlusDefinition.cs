using System.Collections.Immutable;
using System.ComponentModel;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Inner;
using MetaMap.Training.Configuration;
using MetaMap.Training.Optimization;

namespace MetaMap.Learning.Algorithms;

/// <summary>MAML++ (Antoniou et al. 2019): learned rates and batch norm for every inner step, and a loss after each.</summary>
internal sealed class MamlPlusPlusDefinition : IAlgorithm
{
    /// <inheritdoc />
    public string Name => "maml++";

    /// <inheritdoc />
    public string Summary => "MAML with learned rates per layer and step, multi-step loss and batch norm per step (Antoniou et al. 2019)";

    /// <inheritdoc />
    /// <remarks>
    /// The paper's values (section 5 and its configuration files): 5 steps from rate 0.1, Adam from 1e-3 to 1e-5 along a cosine,
    /// the multi-step loss over the first 10 of 100 epochs of 500 iterations, second order from the beginning.
    /// </remarks>
    public object Options { get; } = new MamlPlusPlusOptions { InnerLr = 0.1, InnerSteps = 5, EvalInnerSteps = 5 };

    /// <inheritdoc />
    public IReadOnlyDictionary<string, object> Advice { get; } =
        new Dictionary<string, object> { ["meta_optimizer"] = MetaOptimizers.Adam, ["meta_lr"] = 0.001, ["meta_lr_final"] = 0.00001 };

    /// <inheritdoc />
    /// <remarks>Not with clipped inner gradients.</remarks>
    public bool IsLayered(RunOptions options) => InnerLoop.Of(options).IsPlain;

    /// <summary>True for the scale and shift of batch norm, recognised by their names <c>norm….weight</c> and <c>norm….bias</c>.</summary>
    public static bool IsBatchNorm(ParameterDefinition parameter) =>
        parameter.Entry.Name.StartsWith("norm", StringComparison.Ordinal) && parameter.Entry.Shape.Length == 1;

    /// <summary>True for the scale of batch norm, of which each layer has one.</summary>
    public static bool IsBatchNormScale(ParameterDefinition parameter) =>
        IsBatchNorm(parameter) && parameter.Entry.Name.EndsWith(".weight", StringComparison.Ordinal);

    /// <inheritdoc />
    /// <remarks>See <see cref="Parameters(ImmutableArray{ParameterDefinition}, double, int)"/>.</remarks>
    public ImmutableArray<ParameterDefinition> Parameters(RunOptions options, TaskShape shape) => Parameters(
        shape.Network(options), options.Of<InnerLoopOptions>().InnerLr, options.Of<InnerLoopOptions>().InnerSteps);

    /// <summary>
    /// The network's, in its order, with scale and shift of batch norm [steps + 1, channels]; <c>rate.…</c> [steps] for
    /// each of the others; then <c>norm….mean</c> and <c>norm….variance</c> [steps + 1, channels] for each batch norm.
    /// </summary>
    /// <param name="network">The network's own parameters.</param>
    /// <param name="innerLearningRate">Initial value of the rates.</param>
    /// <param name="innerSteps">1 or more.</param>
    public static ImmutableArray<ParameterDefinition> Parameters(
        ImmutableArray<ParameterDefinition> network, double innerLearningRate, int innerSteps)
    {
        Initializer rate = Initializers.Constant(innerLearningRate);
        return
        [
            .. network.Select(parameter => IsBatchNorm(parameter)
                ? parameter with { Entry = new ParameterEntry(parameter.Entry.Name, [innerSteps + 1, .. parameter.Entry.Shape]) }
                : parameter),
            .. network.Where(parameter => !IsBatchNorm(parameter)).Select(parameter =>
                new ParameterDefinition($"rate.{parameter.Entry.Name}", rate, ParameterRole.Rule, innerSteps)),
            .. network.Where(IsBatchNormScale).SelectMany(parameter => new ParameterDefinition[]
            {
                new($"{Layer(parameter)}.mean", Initializers.Zeros, ParameterRole.Statistic, innerSteps + 1, parameter.Entry.Shape[0]),
                new($"{Layer(parameter)}.variance", Initializers.Ones, ParameterRole.Statistic, innerSteps + 1, parameter.Entry.Shape[0]),
            }),
        ];
    }

    private static string Layer(ParameterDefinition scale) => scale.Entry.Name[..^".weight".Length];

    /// <inheritdoc />
    public IMetaAlgorithm Create(RunOptions options, DatasetCatalog catalog) => new MamlPlusPlus(
        InnerLoop.Of(options), options.Of<MamlPlusPlusOptions>().MultiStepIterations, options.Of<MamlPlusPlusOptions>().FirstOrderIterations);
}

/// <summary>Options of <see cref="MamlPlusPlusDefinition"/>.</summary>
internal sealed record MamlPlusPlusOptions : InnerLoopOptions, IRecomputes
{
    /// <summary>Meta-iterations over which the loss after every inner step counts, with weights that shift to the last step.</summary>
    [Description("Meta-iterations in which the loss after every inner step counts."), AtLeast(0)]
    public int MultiStepIterations { get; init; } = 5000;

    /// <summary>Meta-iterations of first order before those of second order.</summary>
    [Description("Meta-iterations of first order before those of second order."), AtLeast(0)]
    public int FirstOrderIterations { get; init; }

    /// <inheritdoc />
    [Description(IRecomputes.Help), Category("Inner loop")]
    public bool Recompute { get; init; }
}
