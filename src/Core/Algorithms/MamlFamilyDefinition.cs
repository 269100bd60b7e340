using System.Collections.Immutable;
using MetaMap.Core.Configuration;
using MetaMap.Core.Optimization;
using MetaMap.Core.Parameters;

namespace MetaMap.Core.Algorithms;

/// <summary>
/// The MAML family: learns the weights that an inner loop of gradient descent starts from. Its methods differ in what
/// adapts, at which rate, and in the order of the gradient.
/// </summary>
internal sealed class MamlFamilyDefinition : IAlgorithmDefinition
{
    private static readonly ImmutableArray<string> _innerLoopOptions =
    [
        nameof(RunOptions.InnerLr), nameof(RunOptions.InnerSteps), nameof(RunOptions.EvalInnerSteps), nameof(RunOptions.InnerOptimizer),
        nameof(RunOptions.InnerClip), nameof(RunOptions.Recompute), nameof(RunOptions.MetaLr),
    ];

    /// <summary>Model-agnostic meta-learning (Finn et al. 2017).</summary>
    public static MamlFamilyDefinition Maml { get; } = new()
    {
        Name = "maml", Summary = "MAML with its true second-order gradient (Finn et al. 2017)",
    };

    /// <summary>First-order MAML (Finn et al. 2017, section 5.2).</summary>
    public static MamlFamilyDefinition Fomaml { get; } = new()
    {
        Name = "fomaml", Summary = "MAML without second derivatives (Finn et al. 2017, section 5.2)", IsFirstOrder = true,
    };

    /// <summary>Almost no inner loop (Raghu et al. 2020): only the head adapts. Its defaults are MAML's, as in the paper (appendix B.1).</summary>
    public static MamlFamilyDefinition Anil { get; } = new()
    {
        Name = "anil", Summary = "MAML whose inner loop moves the head only (Raghu et al. 2020)", Adapts = ParameterRole.Head,
    };

    /// <summary>
    /// Body only update in the inner loop (Oh et al. 2021): the head stays. Its defaults are MAML's; the paper uses inner
    /// rate 0.5 under the mean loss (appendix A).
    /// </summary>
    public static MamlFamilyDefinition Boil { get; } = new()
    {
        Name = "boil", Summary = "MAML whose inner loop moves everything but the head (Oh et al. 2021)", Adapts = ParameterRole.Body,
    };

    /// <summary>Meta-SGD (Li et al. 2017): learns an inner rate for every weight beside the weights.</summary>
    public static MamlFamilyDefinition MetaSgd { get; } = new()
    {
        Name = "meta-sgd", Summary = "MAML that learns an inner rate for every weight, one step (Li et al. 2017)", LearnsRates = true,
    };

    /// <inheritdoc />
    public required string Name { get; init; }

    /// <inheritdoc />
    public required string Summary { get; init; }

    /// <inheritdoc />
    /// <remarks>Learned rates go with plain gradient descent; in first order there are no graphs to recompute.</remarks>
    public ImmutableArray<string> Reads =>
    [
        .. _innerLoopOptions.Where(option => option switch
        {
            nameof(RunOptions.InnerOptimizer) => !LearnsRates,
            nameof(RunOptions.Recompute) => !IsFirstOrder,
            _ => true,
        }),
    ];

    /// <inheritdoc />
    /// <remarks>
    /// One training step and three test steps as in MAML's Omniglot 5-way experiment; rates chosen on Omniglot's validation
    /// classes (docs/RESULTS.md). Learned rates: one step in training and in evaluation, as in the paper of Meta-SGD. Its first rates
    /// are random in 0.005 to 0.1 for the authors' losses; here all are one value that suits a mean loss, as for MAML.
    /// </remarks>
    public RunOptions Defaults => new()
    {
        InnerLr = 1.0, InnerSteps = 1, EvalInnerSteps = LearnsRates ? 1 : 3, InnerOptimizer = LearnsRates ? null : InnerOptimizers.Sgd,
        MetaOptimizer = MetaOptimizers.Adam, MetaLr = 0.003,
    };

    /// <summary>The role of the weights that adapt; null for all.</summary>
    private ParameterRole? Adapts { get; init; }

    /// <summary>A rate for every adapting weight is a meta-parameter, and not one constant.</summary>
    private bool LearnsRates { get; init; }

    /// <summary>Without second derivatives.</summary>
    private bool IsFirstOrder { get; init; }

    /// <inheritdoc />
    /// <remarks>The network's, then, where rates are learned, <c>rate.…</c> of the shape of each that adapts.</remarks>
    public ImmutableArray<ParameterDefinition> Parameters(RunOptions options, TaskShape shape)
    {
        ImmutableArray<ParameterDefinition> network = shape.Network(options);
        ParameterDefinition[] adapting = [.. network.Where(parameter => Adapts is null || parameter.Role == Adapts)];
        if (adapting.Length == 0)
        {
            throw new ConfigurationException(Adapts == ParameterRole.Head
                ? $"Algorithm {Name} adapts the head, but model {options.Model} has none; use maml."
                : $"Algorithm {Name} adapts the body, but model {options.Model} is a head alone; give it a hidden layer or use maml.");
        }

        if (!LearnsRates)
        {
            return network;
        }

        Initializer rate = Initializers.Constant(options.InnerLr!.Value);
        return
        [
            .. network,
            .. adapting.Select(parameter => new ParameterDefinition(
                parameter.Entry with { Name = $"rate.{parameter.Entry.Name}" }, rate, ParameterRole.Rule)),
        ];
    }
}
